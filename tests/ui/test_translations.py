"""The interface in the language of the system."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from communicator.state.office import OfficePhase, OfficeStatus
from communicator.state.sentences import sentence
from communicator.ui.chat.chat_pane import ChatPane
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.main_window.quit_dialog import QuitDialog
from communicator.ui.settings.values import SettingsValues
from communicator.ui.spoken import spoken
from communicator.ui.theme.theme import Theme
from communicator.ui.translations import (
    install_translations,
    language_of,
    remove_translations,
    spoken_locale,
)
from communicator.ui.welcome.welcome_window import WelcomeWindow

CATALOGUE = Path(__file__).parents[2] / "resources/translations/parlour_de.ts"


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    installed = install_translations(qapp, QLocale("de_CH"))
    yield
    remove_translations(qapp, installed)


@pytest.fixture
def english(qapp: QApplication) -> Iterator[None]:
    installed = install_translations(qapp, QLocale("en_GB"))
    yield
    remove_translations(qapp, installed)


def texts_of(widget: QWidget) -> Iterator[str]:
    """Everything that a widget and its children show or say."""
    for one in (widget, *widget.findChildren(QWidget)):
        yield from (one.accessibleName(), one.accessibleDescription(), one.toolTip())
        if isinstance(one, QLabel | QAbstractButton):
            yield one.text()
        if isinstance(one, QLineEdit | QPlainTextEdit):
            yield one.placeholderText()
        if isinstance(one, QComboBox):
            yield from (one.itemText(row) for row in range(one.count()))
        yield from (action.text() for action in one.actions())


def english_only() -> set[str]:
    """Sources whose German is another text."""
    messages = ET.parse(CATALOGUE).getroot().iter("message")  # noqa: S314 - a file of ours
    pairs = [(one.findtext("source"), one.findtext("translation")) for one in messages]
    return {source for source, translation in pairs if source != translation}


@pytest.mark.usefixtures("german")
def test_no_english_is_left_in_a_german_window(
    qtbot: QtBot, theme: Theme, office: OfficeView
) -> None:
    """Also where a text stands in a class that others inherit from."""
    welcome = WelcomeWindow(theme)
    window = MainWindow(theme, office, settings=SettingsValues())
    pane = ChatPane(theme=theme)
    dialog = QuitDialog(3, window)
    for widget in (welcome, window, pane):
        qtbot.addWidget(widget)

    shown = {text for widget in (welcome, window, pane, dialog) for text in texts_of(widget)}

    assert {text.strip() for text in shown} & english_only() == set()
    assert {"Einem Büro beitreten", "Zurück", "PERSONEN", "Senden", "Einstellungen"} <= shown


@pytest.mark.usefixtures("german")
def test_sentences_of_lower_layers_are_translated_with_their_values() -> None:
    said = sentence("Sentences", "The office server cannot be started: {0}.").of("kaputt")

    assert spoken(said) == "Der Büroserver kann nicht gestartet werden: kaputt."
    assert spoken(OSError(said)) == "Der Büroserver kann nicht gestartet werden: kaputt."
    kept = OfficeStatus(OfficePhase.FAILED, failure="This computer hosts no office.")
    assert spoken(kept.failure) == "Dieser Computer beherbergt kein Büro."
    assert spoken("Port 5222 is taken.") == "Port 5222 is taken."  # of the server, in its language


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 colleague is connected. If you stop the office, the connection is lost."),
        (3, "3 colleagues are connected. If you stop the office, they lose their connection."),
    ],
)
def test_english_has_its_plurals(
    qtbot: QtBot, theme: Theme, office: OfficeView, count: int, text: str
) -> None:
    window = MainWindow(theme, office, settings=SettingsValues())
    qtbot.addWidget(window)

    assert text in set(texts_of(QuitDialog(count, window)))


@pytest.mark.parametrize(
    ("system", "language", "dates"),
    [
        ("de_CH", "de", "de_CH"),
        ("en_US", "en", "en_US"),
        ("fr_FR", "en", "en_FR"),
        ("ar_EG", "en", "en_US"),
    ],
)
def test_language_is_the_first_of_the_system_that_is_known(
    system: str, language: str, dates: str
) -> None:
    assert language_of(QLocale(system)) == language
    assert spoken_locale(QLocale(system)).name() == dates
