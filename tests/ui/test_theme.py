"""The colours keep their contrast; icons and files are those that are used."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import hsluv
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from communicator.state.preferences import ThemeChoice
from communicator.ui.avatars import (
    AVATAR_LIGHTNESS,
    ColourVision,
    avatar_colour,
    hue_of,
    initials_of,
    name_colour,
)
from communicator.ui.chat.composer import Composer
from communicator.ui.icons import Icon, pixmap_of
from communicator.ui.theme.theme import Theme
from communicator.ui.theme.tokens import DARK, LIGHT, ThemeTokens

ROOT = Path(__file__).parents[2]
GROUNDS = ("window", "pane", "raised", "hover", "selected", "own", "other", "mention")
TEXTS = ("text", "muted", "link", "accent", "danger", "warn", "ok")
SHAPES = ("control", "focus", "available", "away", "dnd", "call", "offline")
SHAPE_GROUNDS = GROUNDS[:5]


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
class TestContrast:
    """WCAG 2.2: "at least 4.5:1" for text (1.4.3), "at least 3:1" for shapes (1.4.11)."""

    def test_texts_reach_4_5_on_every_ground(self, tokens: ThemeTokens) -> None:
        for text in TEXTS:
            for ground in GROUNDS:
                assert contrast(tokens.colour(text), tokens.colour(ground)) >= 4.5, (text, ground)
        assert contrast(tokens.colour("on_accent"), tokens.colour("accent")) >= 4.5
        assert contrast(tokens.colour("text"), tokens.colour("hit")) >= 4.5

    def test_shapes_reach_3_on_every_ground(self, tokens: ThemeTokens) -> None:
        for shape in SHAPES:
            for ground in SHAPE_GROUNDS:
                assert contrast(tokens.colour(shape), tokens.colour(ground)) >= 3, (shape, ground)

    def test_names_of_every_hue_reach_4_5_on_every_ground(self, tokens: ThemeTokens) -> None:
        for hue in range(360):
            colour = QColor(hsluv.hsluv_to_hex((hue, 100, tokens.name_lightness)))
            for ground in GROUNDS:
                assert contrast(colour, tokens.colour(ground)) >= 4.5, (hue, ground)


def test_white_initials_reach_4_5_on_every_avatar() -> None:
    for hue in range(360):
        ground = QColor(hsluv.hsluv_to_hex((hue, 100, AVATAR_LIGHTNESS)))
        assert contrast(QColor("white"), ground) >= 4.5


@pytest.mark.parametrize(
    ("seed", "angle"),
    [
        ("Romeo", 327.255249),
        ("juliet@capulet.lit", 209.410400),
        ("\N{SMILING CAT FACE WITH OPEN MOUTH}", 331.199341),
        ("council", 359.994507),
        ("Board", 171.430664),
    ],
)
def test_hues_are_those_of_the_test_vectors_of_xep_0392(seed: str, angle: float) -> None:
    assert hue_of(seed) == pytest.approx(angle, abs=1e-6)


def test_hues_avoid_what_a_colour_blind_person_cannot_tell_apart() -> None:
    """XEP-0392, 5.2, with the vectors of its section 13.2."""
    assert hue_of("juliet@capulet.lit", ColourVision.RED_GREEN) == pytest.approx(29.4104)
    assert hue_of("Romeo", ColourVision.BLUE) == pytest.approx(147.255249)


def test_the_same_person_has_the_same_colour_everywhere() -> None:
    assert avatar_colour("romeo@montague.lit") == avatar_colour("romeo@montague.lit")
    assert name_colour("romeo@montague.lit", LIGHT) != name_colour("nurse@capulet.lit", LIGHT)


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Romeo Montague", "RM"),
        ("nurse", "N"),
        ("Lady Capulet of Verona", "LV"),
        ("  ", "?"),
        ("(Tybalt) Capulet", "TC"),
        ("e\u0301milie", "E\u0301"),
        ("\U0001f469\u200d\U0001f4bb Ada", "\U0001f469\u200d\U0001f4bbA"),
    ],
)
def test_initials_are_the_first_letters_of_first_and_last_word(name: str, initials: str) -> None:
    assert initials_of(name) == initials


def test_the_palette_follows_the_chosen_theme(theme: Theme) -> None:
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.tokens.is_dark))

    theme.choose(ThemeChoice.DARK)

    assert told == [True]
    assert theme.colour("window") == QColor(DARK.window)


def test_an_icon_has_the_colour_that_was_asked_for(theme: Theme) -> None:
    image = pixmap_of(Icon.SEND, "#B3261E", 20, 2.0).toImage()

    assert image.width() == 40
    colours = {
        image.pixelColor(x, y).name()
        for x in range(40)
        for y in range(40)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {"#b3261e"}


def icon_names_in_source() -> Iterator[str]:
    for path in (ROOT / "communicator").rglob("*.py"):
        if path.name != "icons.py":
            yield from re.findall(r"\bIcon\.([A-Z_]+)", path.read_text(encoding="utf-8"))


def test_every_icon_is_there_and_used_and_no_other_file_is() -> None:
    files = {path.stem for path in (ROOT / "resources/icons").glob("*.svg")}

    assert files == {icon.value for icon in Icon}
    assert {icon.name for icon in Icon} - set(icon_names_in_source()) == set()
    assert "ISC License" in (ROOT / "resources/icons/LICENSE").read_text(encoding="utf-8")


def test_the_digest_that_hues_come_from_is_sha_1() -> None:
    """XEP-0392, 5.1: "Run the input through SHA-1", and the first two bytes, little endian."""
    digest = hashlib.sha1(b"romeo", usedforsecurity=False).digest()

    assert hue_of("romeo") == pytest.approx((digest[0] + 256 * digest[1]) / 65536 * 360)


@pytest.mark.parametrize("choice", [ThemeChoice.LIGHT, ThemeChoice.DARK])
@pytest.mark.parametrize("kind", [QLineEdit, Composer])
def test_examples_in_empty_fields_are_painted_with_enough_contrast(
    qtbot: QtBot, theme: Theme, kind: type[QLineEdit | Composer], choice: ThemeChoice
) -> None:
    """Read from the picture: a style sheet can make them fainter than any token."""
    theme.choose(choice)
    field = kind()
    qtbot.addWidget(field)
    field.setPlaceholderText("IIIIIIII")
    field.resize(300, 40)

    picture = field.grab().toImage()

    middle = picture.height() // 2
    ground = picture.pixelColor(picture.width() - 20, middle)
    painted = [
        picture.pixelColor(x, y) for y in range(middle - 4, middle + 4) for x in range(12, 100)
    ]
    assert max(contrast(colour, ground) for colour in painted) >= 4.5
