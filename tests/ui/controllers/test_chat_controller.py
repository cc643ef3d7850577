"""The open conversation, with the real chat service and a real database behind it."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from communicator.session.ports import ChatStateChange, IncomingMessage, MessageRefusal
from communicator.state.conversations import DeliveryState
from communicator.state.presence import Availability
from communicator.state.roster import Contact
from communicator.storage.database import Database
from communicator.ui.chat.chat_pane import ChatPane
from communicator.ui.controllers.chat_controller import ChatController
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from shared_protocol.errors import StanzaCondition
from tests.helpers.chat_setting import BALCONY, Chat
from tests.helpers.profile_data import JULIET, NURSE, ROMEO
from tests.helpers.session_diary import until

Run = Callable[[Coroutine[Any, Any, None]], None]


class OpenChat:
    """Romeo's window; Juliet speaks through ``chat.receive``."""

    def __init__(self, chat: Chat, window: MainWindow, pane: ChatPane) -> None:
        self.chat, self.window, self.pane = chat, window, pane
        self.controller = ChatController(
            window=window,
            pane=pane,
            chat=chat.service,
            roster=chat.roster,
            conversations=chat.conversations,
            own=(ROMEO, "Romeo"),
        )

    @property
    def shown(self) -> list[str]:
        """The texts of the log, as far as it was read."""
        log = self.chat.service.open(JULIET)
        found = [log.message(row) for row in range(len(log))]
        return [message.body for message in found if message is not None]

    async def open(self) -> None:
        self.window.show_conversation(JULIET)
        await until(lambda: self.pane.header.accessibleName().find("Juliet") >= 0)


@pytest.fixture
def stage(qtbot: QtBot, theme: Theme, office: OfficeView, tmp_path: Path) -> Callable[[], Any]:
    window = MainWindow(theme, office, settings=SettingsValues())
    pane = ChatPane(theme=theme)
    qtbot.addWidget(window, before_close_func=lambda shown: shown.hide())
    window.show()

    @asynccontextmanager
    async def opened() -> AsyncIterator[OpenChat]:
        database = Database(tmp_path / "parlour.db")
        await database.open()
        await database.use_account(ROMEO)
        chat = Chat(database)
        await chat.service.start()
        open_chat = OpenChat(chat, window, pane)
        yield open_chat
        await open_chat.controller.stop()
        await chat.service.stop()
        await database.close()

    return opened


def test_message_that_is_typed_is_shown_and_waits(
    stage: Callable[[], Any], run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with stage() as desk:
            await desk.open()
            qtbot.keyClicks(desk.pane.composer, "But soft")
            qtbot.keyClick(desk.pane.composer, Qt.Key.Key_Return)
            await until(lambda: desk.shown == ["But soft"])
            await desk.chat.settle()
            assert await desk.chat.states() == [DeliveryState.WAITING]
            assert desk.pane.composer.toPlainText() == ""
            assert desk.chat.conversations.conversation(JULIET).draft == ""

    run(scenario())


def test_draft_stays_with_its_conversation_and_over_a_restart(
    stage: Callable[[], Any], run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with stage() as desk:
            await desk.open()
            qtbot.keyClicks(desk.pane.composer, "What light")
            desk.window.show_conversation(NURSE)
            await until(lambda: desk.pane.composer.toPlainText() == "")
            await desk.open()
            await until(lambda: desk.pane.composer.toPlainText() == "What light")
            qtbot.keyClicks(desk.pane.composer, " through")
        async with stage() as desk:
            await desk.open()
            await until(lambda: desk.pane.composer.toPlainText() == "What light through")

    run(scenario())


def test_what_is_in_sight_is_read_and_what_is_not_is_counted(
    stage: Callable[[], Any], run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with stage() as desk:
            desk.window.activateWindow()
            await until(desk.window.isActiveWindow)
            await desk.chat.receive("Ay me!", origin_id="o1")
            assert desk.chat.conversations.unread == 1
            await desk.open()
            await until(lambda: desk.chat.conversations.unread == 0)
            await desk.chat.receive("O Romeo", origin_id="o2")
            await until(lambda: desk.chat.conversations.unread == 0)
            await desk.chat.receive("Anon!", sender=NURSE, origin_id="o3")
            assert desk.chat.conversations.unread == 1

    run(scenario())


def test_typing_is_told_and_shown(stage: Callable[[], Any], run: Run, qtbot: QtBot) -> None:
    async def scenario() -> None:
        async with stage() as desk:
            desk.chat.session.come_online()
            here = Contact(JULIET, "Juliet", availability=Availability.AVAILABLE)
            desk.chat.roster.put(here)
            await desk.chat.receive("Ay me!", origin_id="o1")
            await desk.open()
            desk.chat.session.chat_state_received.emit(ChatStateChange(BALCONY, is_composing=True))
            await until(lambda: "Juliet" in desk.pane._typing.text())
            qtbot.keyClicks(desk.pane.composer, "S")
            await until(lambda: desk.chat.session.chat_states == [(JULIET, True)])
            desk.chat.session.chat_state_received.emit(ChatStateChange(BALCONY, is_composing=False))
            await until(lambda: not desk.pane._typing.text())

    run(scenario())


@pytest.mark.parametrize("action", ["retry", "edit", "discard"])
def test_message_that_failed_can_be_sent_again_edited_and_removed(
    stage: Callable[[], Any], run: Run, qtbot: QtBot, action: str
) -> None:
    async def scenario() -> None:
        async with stage() as desk:
            desk.chat.session.come_online()
            await desk.open()
            desk.pane.message_submitted.emit("But soft")
            await until(lambda: desk.chat.session.sent)
            refusal = MessageRefusal(
                desk.chat.session.sent[0].origin_id,
                JULIET,
                StanzaCondition.SERVICE_UNAVAILABLE,
                "Nobody is there.",
            )
            desk.chat.session.message_refused.emit(refusal)
            await desk.chat.settle()
            (failed,) = await desk.chat.messages()
            assert failed.state is DeliveryState.FAILED
            desk.pane.failure_action_requested.emit(action, failed.message_id)
            await desk.chat.settle()
            texts = await desk.chat.texts()
            assert texts == (["But soft"] if action == "retry" else [])
            assert len(desk.chat.session.sent) == (2 if action == "retry" else 1)
            wanted = "But soft" if action == "edit" else ""
            assert desk.pane.composer.toPlainText() == wanted

    run(scenario())


def test_name_and_presence_in_the_header_follow_the_roster(
    stage: Callable[[], Any], run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with stage() as desk:
            await desk.open()
            desk.chat.roster.put(
                Contact(JULIET, "Lady Juliet", availability=Availability.DND, status="asleep")
            )
            await until(lambda: "Lady Juliet" in desk.pane.header.accessibleName())
            assert "asleep" in desk.pane.header.accessibleName()
            desk.chat.roster.remove(JULIET)
            await until(lambda: "juliet" in desk.pane.header.accessibleName())

    run(scenario())


def test_closed_conversation_keeps_its_history(
    stage: Callable[[], Any], run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with stage() as desk:
            await desk.chat.receive("Ay me!", origin_id="o1")
            await desk.open()
            desk.window.close_conversation()
            await desk.chat.settle()
            assert desk.chat.conversations.conversation(JULIET) is None
            assert await desk.chat.texts() == ["Ay me!"]
            desk.chat.session.message_received.emit(
                IncomingMessage(BALCONY, "O Romeo", origin_id="o2")
            )
            await desk.chat.settle()
            assert desk.chat.conversations.conversation(JULIET).preview == "O Romeo"

    run(scenario())


def test_message_that_the_keyboard_is_on_is_copied(
    stage: Callable[[], Any], run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with stage() as desk:
            await desk.chat.receive("Ay me!", origin_id="o1")
            await desk.open()
            await until(lambda: desk.shown == ["Ay me!"])
            view = desk.pane.log_view
            view.setFocus()
            qtbot.keyClick(view, Qt.Key.Key_Up)
            qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
            assert "Ay me!" in QGuiApplication.clipboard().text()

    run(scenario())
