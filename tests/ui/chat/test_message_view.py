"""The log as its reader sees it: the end, the place, marks, copies, and what failed."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from communicator.state.conversations import DeliveryState
from communicator.ui.chat.message_view import MessageView
from communicator.ui.chat.row_painter import People
from communicator.ui.theme.theme import Theme
from tests.helpers.message_logs import JULIET, ROMEO, a_message, log_of, many_messages

PEOPLE = People(JULIET, "Juliet", ROMEO, "Romeo")


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> Iterator[MessageView]:
    view = MessageView(theme=theme)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    qtbot.waitExposed(view)
    yield view
    view.show_log(None, None)


def rows_in_sight(view: MessageView) -> list[int]:
    return [visible.row for visible in view.visible_rows()]


def test_a_conversation_opens_at_its_newest_message(view: MessageView) -> None:
    log, _ = log_of(many_messages(2_000))

    view.show_log(log, PEOPLE)

    assert rows_in_sight(view)[-1] == 1_999
    assert view.is_at_end


def test_a_new_message_comes_into_sight_when_the_reader_is_at_the_end(view: MessageView) -> None:
    log, _ = log_of(many_messages(200))
    view.show_log(log, PEOPLE)

    log.insert(a_message(1_000_000, "Good night, good night!"))

    assert rows_in_sight(view)[-1] == 200


def test_a_new_message_moves_nothing_while_the_reader_is_elsewhere(view: MessageView) -> None:
    log, _ = log_of(many_messages(200))
    view.show_log(log, PEOPLE)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    before = view.visible_rows()

    log.insert(a_message(1_000_000, "Good night, good night!"))

    assert view.visible_rows() == before
    assert not view.is_at_end


def test_filling_in_5000_older_messages_moves_nothing(view: MessageView) -> None:
    messages = many_messages(6_000)
    newer = dict(list(messages.items())[5_000:])
    log, _ = log_of(newer)
    view.show_log(log, PEOPLE)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    before = [(visible.row + 5_000, visible.top) for visible in view.visible_rows()]
    older = [(one.message_id, len(one.body)) for one in list(messages.values())[:5_000]]
    newer.update(messages)

    log.insert_older(older)

    assert [(visible.row, visible.top) for visible in view.visible_rows()] == before


def test_the_place_survives_another_width(view: MessageView) -> None:
    log, _ = log_of(many_messages(1_000))
    view.show_log(log, PEOPLE)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    first = rows_in_sight(view)[0]

    view.resize(460, 500)

    assert rows_in_sight(view)[0] == first


def test_messages_that_are_being_fetched_appear_when_they_come(view: MessageView) -> None:
    log, deliver = log_of(many_messages(300), answers_at_once=False)
    view.show_log(log, PEOPLE)
    assert view.description(299) == ""

    deliver()

    assert view.description(299).startswith("Juliet, ")
    assert view.is_at_end


def test_the_arrow_keys_walk_by_message_and_c_copies_it(view: MessageView, qtbot: QtBot) -> None:
    log, _ = log_of({one.message_id: one for one in [a_message(0, "first"), a_message(9, "last")]})
    view.show_log(log, PEOPLE)
    view.setFocus()

    qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    with qtbot.waitSignal(view.copy_requested) as copied:
        qtbot.keyClick(view, Qt.Key.Key_C)

    assert copied.args == ["first"]


def test_text_marked_over_two_messages_is_copied_with_names(
    view: MessageView, qtbot: QtBot
) -> None:
    said = [a_message(0, "But soft"), a_message(400, "Ay me", is_own=True)]
    log, _ = log_of({one.message_id: one for one in said})
    view.show_log(log, PEOPLE)
    first, second = view.visible_rows()
    viewport = view.viewport()

    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(0, first.top + 1))
    qtbot.mouseMove(viewport, QPoint(500, second.top + second.height - 6))
    qtbot.mouseRelease(
        viewport, Qt.MouseButton.LeftButton, pos=QPoint(500, second.top + second.height - 6)
    )

    copied = view.selected_text()
    assert "Juliet: But soft" in copied
    assert "Romeo: Ay me" in copied


def test_a_message_that_failed_offers_retry_edit_and_delete(
    view: MessageView, qtbot: QtBot
) -> None:
    failed = a_message(
        0, "Romeo!", is_own=True, state=DeliveryState.FAILED, failure="Juliet is not known there."
    )
    log, _ = log_of({failed.message_id: failed})
    view.show_log(log, PEOPLE)
    view.grab()
    geometry = view.geometry_of_log
    assert geometry is not None
    layout = geometry.layout(0)
    assert layout is not None
    assert list(layout.failure_actions) == ["retry", "edit", "discard"]
    place = layout.failure_actions["retry"].center() + QPoint(0, view.visible_rows()[0].top)

    with qtbot.waitSignal(view.failure_action_requested) as requested:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert requested.args == ["retry", failed.message_id]


def test_a_click_on_a_link_gives_its_address(view: MessageView, qtbot: QtBot) -> None:
    said = a_message(0, "https://office.example/plan")
    log, _ = log_of({said.message_id: said})
    view.show_log(log, PEOPLE)
    geometry = view.geometry_of_log
    assert geometry is not None
    layout = geometry.layout(0)
    assert layout is not None
    place = QPoint(layout.bubble.left() + 30, layout.bubble.center().y())

    with qtbot.waitSignal(view.link_activated) as activated:
        qtbot.mouseClick(
            view.viewport(),
            Qt.MouseButton.LeftButton,
            pos=place + QPoint(0, view.visible_rows()[0].top),
        )

    assert activated.args == ["https://office.example/plan"]


def test_a_message_with_markup_is_shown_as_it_was_written(view: MessageView) -> None:
    said = a_message(0, "<img src='file:///etc/passwd'> & <b>bold</b>")
    log, _ = log_of({said.message_id: said})

    view.show_log(log, PEOPLE)

    geometry = view.geometry_of_log
    assert geometry is not None
    layout = geometry.layout(0)
    assert layout is not None
    assert layout.text.text() == said.body


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DeliveryState.WAITING, "waiting to be sent"),
        (DeliveryState.SENT, "sent"),
        (DeliveryState.DELIVERED, "delivered"),
        (DeliveryState.FAILED, "not sent"),
    ],
)
def test_the_delivery_state_is_told_in_words_too(
    view: MessageView, state: DeliveryState, words: str
) -> None:
    said = a_message(0, "Romeo!", is_own=True, state=state)
    log, _ = log_of({said.message_id: said})

    view.show_log(log, PEOPLE)

    assert view.description(0).endswith(words)


ARABIC = "هذه رسالة طويلة جدا تحتوي على كلمات كثيرة حتى تلتف على أكثر من سطر واحد في النافذة"


@pytest.mark.parametrize("is_mirrored", [False, True], ids=["left to right", "right to left"])
@pytest.mark.parametrize("body", ["short", "قصير", ARABIC, f"Mixed: {ARABIC}", "wherefore " * 40])
def test_text_of_either_direction_stays_in_its_bubble(
    view: MessageView, body: str, *, is_mirrored: bool
) -> None:
    if is_mirrored:
        view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    message = a_message(0, body)
    log, _ = log_of({message.message_id: message})
    view.show_log(log, PEOPLE)

    layout = view.geometry_of_log.layout(0)

    bubble = layout.bubble.toRectF().adjusted(-1, -1, 1, 1)
    for number in range(layout.text.lineCount()):
        line = layout.text.lineAt(number).naturalTextRect().translated(layout.text_origin)
        assert bubble.contains(line)
    far_edge = view.viewport().width()
    assert 0 <= layout.bubble.left() <= layout.bubble.right() <= far_edge


def test_log_is_mirrored_where_the_interface_runs_from_right_to_left(view: MessageView) -> None:
    message = a_message(0, "But soft", is_own=True, state=DeliveryState.FAILED)
    log, _ = log_of({message.message_id: message})
    view.show_log(log, PEOPLE)
    view.grab()
    layout, width = view.geometry_of_log.layout(0), view.viewport().width()
    bubble, retry = layout.bubble, layout.failure_actions["retry"]

    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    view.grab()

    mirrored = view.geometry_of_log.layout(0)
    assert mirrored.bubble.left() == width - 1 - bubble.right()
    assert mirrored.failure_actions["retry"].left() == width - 1 - retry.right()


def test_link_is_followed_in_a_mirrored_log(qtbot: QtBot, view: MessageView) -> None:
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    message = a_message(0, "https://office.example")
    log, _ = log_of({message.message_id: message})
    view.show_log(log, PEOPLE)
    place = view.geometry_of_log.layout(0).bubble.center()
    place += QPoint(0, view.visible_rows()[0].top)

    with qtbot.waitSignal(view.link_activated) as followed:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert followed.args == ["https://office.example"]
