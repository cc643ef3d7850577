"""What goes wrong, and what the window says and offers then."""

import secrets

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from communicator.hosting.control_client import ControlClient
from communicator.state.connection import ConnectionPhase, TroubleKind
from communicator.tour.album import Album
from communicator.tour.first_run import PASS_PHRASE
from communicator.tour.stage import Player, wait_for


async def stop_the_server(ann: Player, bo: Player, album: Album) -> None:
    """The office server stops; Bo writes all the same, and the message arrives later."""
    await ann.services.office.stop()
    await wait_for(lambda: bo.is_in(ConnectionPhase.WAITING), "the loss of the connection")
    await bo.write("Are you still there?")
    await album.draw(bo.program, "office-server-stopped")
    await bo.services.connection.retry_now()
    await wait_for(lambda: _kind(bo) is TroubleKind.REFUSED, "the next try")
    bo.press("Details")
    await album.draw(bo.program, "details-of-the-connection")
    bo.press("Details")
    bo.window.banner.address_edit_requested.emit()
    await album.draw(bo.program, "edit-the-address")
    bo.press("Cancel")
    await album.draw(ann.program, "office-server-is-off-on-the-host")
    ann.press("Start")
    await wait_for(lambda: ann.is_online, "the host to be back")
    await bo.services.connection.retry_now()
    await wait_for(lambda: bo.is_online, "the connection to be back")
    log = ann.services.chat.open(bo.jid)
    await wait_for(lambda: "still there" in _last(ann, bo), f"message {len(log) + 1}")


async def open_the_passwords(bo: Player, album: Album) -> None:
    """Bo starts the program anew; his password is in the file that his pass phrase opens."""
    await bo.restart()
    page = bo.window.trouble_pages.password
    await wait_for(page.isVisible, "the page for the pass phrase")
    await album.draw(bo.program, "pass-phrase")
    page.password_field.edit.setText(PASS_PHRASE)
    QTest.keyClick(page.password_field.edit, Qt.Key.Key_Return)
    await wait_for(lambda: bo.is_online, "the connection after the pass phrase")


async def change_the_password(ann: Player, bo: Player, album: Album) -> None:
    """Somebody gives Bo another password."""
    await bo.services.connection.stop()
    client = await ControlClient.connect(ann.program.profile.office)
    await client.ask("accounts.set-password", name="bo.meyer", password=secrets.token_urlsafe())
    await client.close()
    bo.press("Try now")
    page = bo.window.trouble_pages.password
    await wait_for(page.isVisible, "the page for the password")
    await album.draw(bo.program, "wrong-password")


def _kind(player: Player) -> TroubleKind | None:
    trouble = player.program.states.connection.status.trouble
    return trouble.kind if trouble is not None else None


def _last(ann: Player, bo: Player) -> str:
    conversation = ann.program.states.conversations.conversation(bo.jid)
    return conversation.preview if conversation is not None else ""
