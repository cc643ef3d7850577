"""The one style sheet of the application, made from the tokens.

Widgets say what they are by dynamic properties: ``variant`` of a button (primary, quiet, danger,
    choice), ``type`` of a
text (small, name, title, page, code), ``tone`` of a text (muted, danger, warn, ok, link),
``ground`` of a surface (window, pane, raised, card, banner-...). Sizes of type are points counted
from the system's font.
"""

from importlib.resources import files
from string import Template

from communicator.ui.theme.tokens import COLOUR_NAMES, ThemeTokens
from communicator.ui.theme.typography import TextStyle, points_of

_SHEET = Template("""
QWidget[ground="window"] { background: $window; }
QWidget[ground="pane"] { background: $pane; }
QWidget[ground="raised"] { background: $raised; }
QFrame[ground="card"] { background: $raised; border: 1px solid $border; border-radius: 8px; }
QFrame[ground="popover"] { background: $raised; border: 1px solid $control; border-radius: 8px; }
QFrame[ground="warning"] { background: $mention; border: none; border-bottom: 1px solid $border; }
QFrame[ground="notice"] { background: $hover; border: none; border-bottom: 1px solid $border; }
QFrame[ground="error"] { background: $pane; border: 1px solid $danger; border-radius: 6px; }
QFrame[ground="line"] { background: $border; border: none; }

QLabel { background: transparent; }
QLabel[type="small"] { font-size: ${small}pt; }
QLabel[type="section"] { font-size: ${small}pt; font-weight: 600; color: $muted; }
QLabel[type="name"] { font-weight: 600; }
QLabel[type="title"] { font-size: ${title}pt; font-weight: 600; }
QLabel[type="page"] { font-size: ${page}pt; font-weight: 600; }
QLabel[tone="muted"] { color: $muted; }
QLabel[tone="danger"] { color: $danger; }
QLabel[tone="warn"] { color: $warn; }
QLabel[tone="ok"] { color: $ok; }
QLabel[tone="link"] { color: $link; }

QPushButton, QToolButton { border-radius: 6px; }
QPushButton {
    background: $raised; color: $text;
    border: 1px solid $control; padding: 6px 15px; min-height: 18px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $selected; }
QPushButton:focus { border: 2px solid $focus; padding: 5px 14px; }
QPushButton:disabled { color: $control; border-color: $border; background: $window; }
QPushButton[variant="primary"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton[variant="primary"]:hover { background: $link; }
QPushButton[variant="primary"]:focus { border: 2px solid $text; }
QPushButton[variant="primary"]:disabled {
    background: $border; color: $muted; border-color: $border;
}
QPushButton[variant="danger"] { color: $danger; border-color: $danger; font-weight: 600; }
QPushButton[variant="quiet"] {
    background: transparent; border: 1px solid transparent; padding: 6px 11px;
}
QPushButton[variant="quiet"]:hover { background: $hover; }
QPushButton[variant="quiet"]:focus { border: 2px solid $focus; padding: 5px 10px; }
QPushButton[variant="link"] {
    background: transparent; border: 1px solid transparent; color: $link; padding: 3px 7px;
}
QPushButton[variant="link"]:hover { text-decoration: underline; }
QPushButton[variant="link"]:focus { border: 2px solid $focus; padding: 2px 6px; }
QPushButton[variant="status"] { padding: 0; min-height: 0; border: none; }
QPushButton[variant="fold"] {
    background: transparent; border: 1px solid transparent; color: $link; padding: 3px 6px 3px 0;
}
QPushButton[variant="fold"]:hover { text-decoration: underline; }
QPushButton[variant="fold"]:focus { border-color: $focus; }
QPushButton[variant="choice"] {
    background: $raised; border: 1px solid $border;
    border-radius: 8px; text-align: left; padding: 0; min-height: 70px;
}
QPushButton[variant="banner"] {
    background: transparent; border: 1px solid transparent; color: $link; padding: 5px 9px;
    font-weight: 600;
}
QPushButton[variant="banner"]:hover { border-color: $control; }
QPushButton[variant="banner"]:focus { border: 2px solid $focus; padding: 4px 8px; }
QPushButton[variant="choice"]:hover { background: $hover; border-color: $control; }
QPushButton[variant="choice"]:focus { border: 2px solid $focus; }
QPushButton[variant="row"] {
    background: transparent; border: 1px solid transparent;
    border-radius: 6px; text-align: left; padding: 0;
}
QPushButton[variant="row"]:hover { background: $hover; }
QPushButton[variant="row"]:focus { border: 2px solid $focus; }

QToolButton { background: transparent; border: 1px solid transparent; padding: 5px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $selected; }
QToolButton:focus { border: 2px solid $focus; padding: 4px; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QComboBox {
    background: $pane; color: $text; border: 1px solid $control; border-radius: 6px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QPlainTextEdit { placeholder-text-color: $muted; }
QLineEdit { padding: 6px 9px; min-height: 20px; }
QPlainTextEdit { padding: 4px 6px; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border: 2px solid $focus; }
QLineEdit:focus { padding: 5px 8px; }
QPlainTextEdit:focus { padding: 3px 5px; }
QLineEdit[fault="true"] { border: 2px solid $danger; padding: 5px 8px; }
QLineEdit:disabled, QPlainTextEdit:disabled {
    background: $window; color: $muted; border-color: $border;
}
QLineEdit[variant="filter"] { background: $window; padding-left: 0; }
QLineEdit > QToolButton, QLineEdit > QToolButton:hover {
    background: transparent; border: none; padding: 0;
}

QComboBox { padding: 5px 9px; min-height: 20px; }
QComboBox:focus { padding: 4px 8px; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: url("$arrow_file"); width: 16px; height: 16px; }
QComboBox QAbstractItemView {
    background: $raised; color: $text; border: 1px solid $control; outline: none;
    selection-background-color: $selected; selection-color: $text;
}

QCheckBox, QRadioButton {
    spacing: 8px; padding: 4px; border: 1px solid transparent; border-radius: 6px;
}
QCheckBox:focus, QRadioButton:focus { border: 1px solid $focus; }
QCheckBox:disabled { color: $muted; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 16px; height: 16px; border: 1px solid $control; background: $pane;
}
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: url("$check_file");
}
QRadioButton::indicator:checked {
    width: 8px; height: 8px; border: 5px solid $accent; background: $on_accent;
}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $border; }

QAbstractScrollArea { border: none; background: $pane; }
QListView { background: $pane; border: none; outline: none; }
QScrollArea, QScrollArea > QWidget > QWidget[ground="clear"] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical {
    background: $control; border-radius: 2px; min-height: 32px; margin: 2px 3px;
}
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal {
    background: $control; border-radius: 3px; min-width: 32px; margin: 3px 2px;
}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: none; border: none; width: 0; height: 0;
}

QSplitter::handle { background: $border; }
QSplitter::handle:hover { background: $control; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QMenu { background: $raised; color: $text; border: 1px solid $control; padding: 6px; }
QMenu::item { padding: 7px 24px 7px 12px; border-radius: 4px; min-height: 18px; }
QMenu::icon { padding-left: 10px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 6px 8px; }
QToolTip { background: $raised; color: $text; border: 1px solid $control; padding: 5px 8px; }

QProgressBar {
    background: $border; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
}
QProgressBar::chunk { background: $accent; border-radius: 2px; }
""")


def style_sheet_of(tokens: ThemeTokens) -> str:
    """Return the style sheet for a theme and for the application's font as it is now."""
    colours = {name: str(getattr(tokens, name)) for name in COLOUR_NAMES}
    return _SHEET.substitute(
        colours,
        small=f"{points_of(TextStyle.SMALL):g}",
        title=f"{points_of(TextStyle.TITLE):g}",
        page=f"{points_of(TextStyle.PAGE):g}",
        arrow_file=_file(tokens, "arrow"),
        check_file=_file(tokens, "check"),
    )


def _file(tokens: ThemeTokens, name: str) -> str:
    """Return the path of a picture that the style sheet loads, in the theme's colours."""
    theme = "dark" if tokens.is_dark else "light"
    return str(files("resources") / "themes" / f"{theme}-{name}.svg").replace("\\", "/")
