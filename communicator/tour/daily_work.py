"""A day in the office: chat, presence, details, filter, settings."""

from PySide6.QtWidgets import QWidget

from communicator.state.presence import Availability, OwnPresence
from communicator.tour.album import Album
from communicator.tour.stage import Player, wait_for
from communicator.ui.actions import ActionId
from communicator.ui.main_window.main_window import LEAST_HEIGHT, LEAST_WIDTH
from shared_protocol.addresses import BareJid

TALK = (
    ("bo", "Good morning! The lorry is late, can you start without us?"),
    ("bo", "The keys are with the porter."),
    ("ann", "Good morning Bo. No problem, I begin with the north side:\n- fence\n- gate\n- well"),
    ("bo", "The plan is on https://plans.example/lindenweg (sheet 3)."),
    ("ann", "Thank you. Back by three."),
)


async def talk(ann: Player, bo: Player, album: Album) -> None:
    """Ann and Bo chat; Bo is about to write more."""
    ann.window.show_conversation(bo.jid)
    bo.window.show_conversation(ann.jid)
    await album.draw(ann.program, "empty-conversation")
    for number, (name, text) in enumerate(TALK, 1):
        await (ann if name == "ann" else bo).write(text)
        await wait_for(lambda number=number: _have(ann, bo, number), f"message {number}")  # type: ignore[misc]  # bound now
    ann.services.chat.send(BareJid("dana.price", ann.jid.domainpart), "Lunch at one?")
    bo.pane.composer.setPlainText("I will be")
    await wait_for(lambda: _is_writing(ann, bo.jid), "the typing line")
    await album.draw(ann.program, "chat", is_named=True)


async def look_around(ann: Player, bo: Player, album: Album) -> None:
    """Ann opens what the window has."""
    window = ann.window
    window.left_pane.edit_status()
    await album.draw(ann.program, "own-status")
    window.left_pane.status_editor.closed.emit()
    ann.services.presence.set_presence(OwnPresence(Availability.AVAILABLE, "on site until three"))
    window.show_contact(bo.jid)
    await album.draw(ann.program, "details-of-a-person")
    window.show_add()
    await album.draw(ann.program, "add-a-person")
    window.close_panel()
    window.left_pane.filter_edit.setText("da")
    await album.draw(ann.program, "filter")
    window.left_pane.filter_edit.clear()
    window.show_settings()
    await album.draw(ann.program, "settings")
    window.right_side.uncover(window.settings_page)
    window.actions_of_program.action(ActionId.SHORTCUTS).trigger()
    await album.draw(ann.program, "shortcuts")
    window.right_side.uncover(window.shortcut_page)
    await _narrow(window, ann, album)


async def _narrow(window: QWidget, ann: Player, album: Album) -> None:
    size = window.size()
    window.resize(LEAST_WIDTH, LEAST_HEIGHT)
    await album.draw(ann.program, "small-window")
    window.resize(size)


def _have(ann: Player, bo: Player, count: int) -> bool:
    """Return whether both see so many messages."""
    logs = (ann.services.chat.open(bo.jid), bo.services.chat.open(ann.jid))
    return all(len(log) >= count for log in logs)


def _is_writing(player: Player, jid: BareJid) -> bool:
    conversation = player.program.states.conversations.conversation(jid)
    return conversation is not None and conversation.is_counterpart_composing
