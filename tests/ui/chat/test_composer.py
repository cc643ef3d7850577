"""The composer: what Enter does, drafts, and who is told that somebody types."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from communicator.ui.chat.composer import Composer


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    composer = Composer()
    qtbot.addWidget(composer)
    composer.resize(400, 40)
    composer.show()
    return composer


def test_enter_sends_what_is_written_and_empties_the_field(
    composer: Composer, qtbot: QtBot
) -> None:
    qtbot.keyClicks(composer, "  O Romeo ")

    with qtbot.waitSignal(composer.message_submitted) as submitted:
        qtbot.keyClick(composer, Qt.Key.Key_Return)

    assert submitted.args == ["O Romeo"]
    assert composer.toPlainText() == ""


def test_shift_and_enter_breaks_the_line(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer, "one")
    qtbot.keyClick(composer, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer, "two")

    assert composer.toPlainText() == "one\ntwo"


def test_nothing_is_sent_when_nothing_is_written(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer, "   ")

    with qtbot.assertNotEmitted(composer.message_submitted):
        qtbot.keyClick(composer, Qt.Key.Key_Return)


def test_the_field_grows_with_its_lines_up_to_eight(composer: Composer, qtbot: QtBot) -> None:
    one_line = composer.height()
    composer.setPlainText("\n" * 4)
    five_lines = composer.height()
    composer.setPlainText("\n" * 40)

    assert one_line < five_lines < composer.height() < one_line * 9


def test_a_draft_is_given_away_within_a_second(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(composer.draft_changed, timeout=1_000) as draft:
        qtbot.keyClicks(composer, "Where")

    assert draft.args == ["Where"]


def test_another_conversation_gets_its_own_draft_and_loses_none(
    composer: Composer, qtbot: QtBot
) -> None:
    qtbot.keyClicks(composer, "half a sent")

    with qtbot.waitSignal(composer.draft_changed) as draft:
        composer.load_draft("Nurse, ")

    assert draft.args == ["half a sent"]
    assert composer.toPlainText() == "Nurse, "


def test_typing_is_told_once_and_ends_when_the_field_is_emptied(
    composer: Composer, qtbot: QtBot
) -> None:
    told: list[bool] = []
    composer.composing_changed.connect(told.append)

    qtbot.keyClicks(composer, "abc")
    composer.selectAll()
    qtbot.keyClick(composer, Qt.Key.Key_Delete)

    assert told == [True, False]
