"""``parlour --tour DIR``: drives the real program against a real server and draws each screen.

Two programs run side by side, each with a profile of its own: Ann starts an office on this
computer, Bo joins it. Other colleagues sign in as plain sessions, so that there is somebody to
see. What is clicked and typed goes through the widgets; every picture is taken in light and dark.
"""

import asyncio
import logging
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from communicator.app import Program
from communicator.composition.services import Services
from communicator.hosting.control_client import ControlClient
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.account import Account
from communicator.state.connection import ConnectionPhase
from communicator.state.office import OfficePhase
from communicator.state.preferences import ThemeChoice
from communicator.state.presence import Availability
from communicator.storage.profile_folder import ProfileFolder
from communicator.ui.chat.chat_pane import ChatPane
from communicator.ui.event_loop import run_until_done
from communicator.ui.main_window.main_window import MainWindow
from shared_protocol.addresses import BareJid

FONT_FAMILY = "DejaVu Sans"
FONT_POINTS = 9
WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.02
OFFICE_NAME = "Hartmann Surveying"
COLLEAGUES = (
    ("chi.lange", "Chi Lange", "Surveyors", Availability.AWAY, "at the Lindenweg site"),
    ("dana.price", "Dana Price", "Surveyors", Availability.AVAILABLE, ""),
    ("eli.novak", "Eli Novak", "Office", Availability.DND, "invoices until noon"),
    ("fay.ortiz", "Fay Ortiz", "Office", Availability.CHAT, ""),
    ("gus.rossi", "Gus Rossi", "Workshop", Availability.XA, "on the road"),
    ("hana.sato", "Hana Sato", "Workshop", Availability.OFFLINE, ""),
)
TALK = (
    ("bo", "Good morning! The lorry is late, can you start without us?"),
    ("bo", "The keys are with the porter."),
    ("ann", "Good morning Bo. No problem, I begin with the north side:\n- fence\n- gate\n- well"),
    ("bo", "The plan is on https://plans.example/lindenweg (sheet 3)."),
    ("ann", "Thank you. Back by three."),
)

_log = logging.getLogger(__name__)


class TourError(Exception):
    """The program did not come to where the tour wanted to go; the text says where."""


def run_tour(folder: Path) -> int:
    """Take the tour and return the exit status."""
    application = QApplication(sys.argv[:1])
    application.setFont(QFont(FONT_FAMILY, FONT_POINTS))
    folder.mkdir(parents=True, exist_ok=True)
    pictures, data = folder.absolute(), Path(tempfile.mkdtemp(prefix="parlour-tour-"))

    async def take_tour() -> int:
        tour = _Tour(application, pictures, data)
        try:
            await tour.take()
        except TourError as error:
            sys.stderr.write(f"The tour stopped: {error}\n")
            return 1
        finally:
            await tour.close()
            shutil.rmtree(data, ignore_errors=True)
        sys.stdout.write(f"{tour.pictures} pictures are in {folder}\n")
        return 0

    return run_until_done(application, take_tour)


class _Tour:
    """The two programs, the other colleagues, and the pictures."""

    def __init__(self, application: QApplication, folder: Path, data: Path) -> None:
        self.pictures = 0
        self._folder, self._data = folder, data
        self._ann = Program(application=application, profile=_profile(data / "ann"))
        self._bo = Program(application=application, profile=_profile(data / "bo"))
        self._sessions: list[SlixmppSession] = []
        self._starttls_port = 0
        self._passwords_by_name: dict[str, str] = {}

    async def take(self) -> None:
        """Go through all screens."""
        await self._start_an_office()
        await self._fill_the_office()
        await self._second_colleague_joins()
        await self._chat()
        await self._people_and_settings()
        await self._trouble()

    async def close(self) -> None:
        """End everything, the office server included."""
        for session in self._sessions:
            await session.disconnect()
        services = self._ann.services
        if services is not None:
            services.office.set_outlives_window(outlives=False)
        await self._bo.close()
        await self._ann.close()

    async def _start_an_office(self) -> None:
        await self._ann.start()
        welcome = self._ann.welcome
        if welcome is None:
            message = "no welcome window"
            raise TourError(message)
        await self._draw(self._ann, "welcome")
        welcome.choices_page.start_chosen.emit()
        welcome.start_form.office_field.edit.setText(OFFICE_NAME)
        welcome.start_form.name_field.edit.setText("Ann Hartmann")
        await self._draw(self._ann, "start-an-office")
        QTest.keyClick(welcome.start_form.name_field.edit, Qt.Key.Key_Return)
        await self._wait(lambda: self._is_past_password(self._ann), "a new office")
        await self._choose_session_only(self._ann, "where-the-password-is-kept")
        await self._wait_online(self._ann)
        await self._draw(self._ann, "first-minute")

    async def _fill_the_office(self) -> None:
        """Make accounts for the colleagues and let those who are there sign in."""
        account = self._ann_account()
        names = ["bo.meyer", *(name for name, *_ in COLLEAGUES)]
        client = await ControlClient.connect(self._ann.profile.office)
        for name in names:
            self._passwords_by_name[name] = secrets.token_urlsafe()
            await client.ask("accounts.create", name=name, password=self._passwords_by_name[name])
        self._starttls_port = client.endpoint.ports.c2s
        await client.close()
        roster = self._services(self._ann).roster
        for name, shown, group, availability, status in COLLEAGUES:
            jid = BareJid(name, account.jid.domainpart)
            session = await self._sign_in(account, jid)
            session.subscription_requested.connect(
                lambda request, session=session: session.approve(request.jid)  # type: ignore[misc]  # bound now
            )
            await roster.add_contact(jid, shown, (group,))
            if availability is not Availability.OFFLINE:
                session.send_presence(availability, status)
        await self._wait(self._are_colleagues_there, "the colleagues' presence")
        self._sessions[-1].send_presence(COLLEAGUES[-1][3], "")  # was here and has gone home

    async def _sign_in(self, office: Account, jid: BareJid) -> SlixmppSession:
        session = SlixmppSession()
        account = Account(
            jid=jid,
            host=office.host,
            port=office.port,
            is_direct_tls=True,
            authority_pem=office.authority_pem,
        )
        await session.connect(account, self._passwords_by_name[jid.localpart])
        session.send_presence(Availability.AVAILABLE)
        self._sessions.append(session)
        return session

    def _are_colleagues_there(self) -> bool:
        here = {
            contact.jid.localpart
            for contact in self._ann.states.roster.contacts
            if contact.is_online
        }
        wanted = {
            name
            for name, *_, availability, _ in COLLEAGUES
            if availability is not Availability.OFFLINE
        }
        return wanted <= here

    async def _second_colleague_joins(self) -> None:
        account = self._ann_account()
        await self._bo.start()
        welcome = self._bo.welcome
        if welcome is None:
            message = "no welcome window for the second colleague"
            raise TourError(message)
        welcome.choices_page.join_chosen.emit()
        form = welcome.join_form
        form.office_field.edit.setText(account.jid.domainpart)
        form.name_field.edit.setText("bo.meyer")
        form.password_field.edit.setText(self._passwords_by_name["bo.meyer"])
        form.server_fields.host_field.edit.setText(account.host)
        form.server_fields.port_field.edit.setText(str(self._starttls_port))
        await self._draw(self._bo, "join-an-office")
        QTest.keyClick(form.password_field.edit, Qt.Key.Key_Return)
        await self._wait(welcome.certificate_page.isVisible, "the fingerprint's page")
        await self._draw(self._bo, "compare-the-fingerprint")
        _press(welcome, "The fingerprint is the same")
        _press(welcome, "Trust this server")
        await self._wait(lambda: self._is_past_password(self._bo), "the second sign-in")
        await self._choose_session_only(self._bo, None)
        await self._wait_online(self._bo)
        bo = self._bo_account().jid
        await self._services(self._bo).roster.add_contact(account.jid, "Ann Hartmann", ("Office",))
        await self._wait(lambda: bool(self._ann.states.roster.requests), "a contact request")
        await self._draw(self._ann, "somebody-asks")
        await self._services(self._ann).roster.accept(bo)
        await self._services(self._ann).roster.add_contact(bo, "Bo Meyer", ("Surveyors",))
        await self._wait(
            lambda: self._knows(self._ann, bo) and self._knows(self._bo, account.jid),
            "both to see each other",
        )

    async def _chat(self) -> None:
        ann, bo = self._ann_account().jid, self._bo_account().jid
        self._window(self._ann).show_conversation(bo)
        self._window(self._bo).show_conversation(ann)
        await self._draw(self._ann, "empty-conversation")
        for number, (name, text) in enumerate(TALK, 1):
            program = self._ann if name == "ann" else self._bo
            await self._type(program, text)
            await self._wait(lambda number=number: self._rows(number), f"message {number}")  # type: ignore[misc]  # bound now
        dana = BareJid("dana.price", ann.domainpart)
        self._services(self._ann).chat.send(dana, "Lunch at one?")
        self._pane(self._bo).composer.setPlainText("I will be")
        await self._wait(lambda: self._is_writing(bo), "the typing line")
        await self._draw(self._ann, "chat", name="chat")

    async def _people_and_settings(self) -> None:
        window, bo = self._window(self._ann), self._bo_account().jid
        window.left_pane.edit_status()
        await self._draw(self._ann, "own-status")
        window.left_pane.status_editor.closed.emit()
        window.show_contact(bo)
        await self._draw(self._ann, "details-of-a-person")
        window.show_add()
        await self._draw(self._ann, "add-a-person")
        window.close_panel()
        window.left_pane.filter_edit.setText("da")
        await self._draw(self._ann, "filter")
        window.left_pane.filter_edit.clear()
        window.show_settings()
        await self._draw(self._ann, "settings")
        window.right_side.uncover(window.settings_page)

    async def _trouble(self) -> None:
        services, window = self._services(self._ann), self._window(self._bo)
        await services.office.stop()
        await self._wait(
            lambda: self._phase(self._bo) is ConnectionPhase.WAITING, "the loss of the connection"
        )
        await self._type(self._bo, "Are you still there?")
        await self._draw(self._bo, "office-server-stopped")
        await services.office.start()
        self._phase_is(self._ann, OfficePhase.RUNNING)
        client = await ControlClient.connect(self._ann.profile.office)
        await client.ask("accounts.set-password", name="bo.meyer", password=secrets.token_urlsafe())
        await client.close()
        await self._services(self._bo).connection.retry_now()
        await self._wait(window.trouble_pages.password.isVisible, "the page for the password")
        await self._draw(self._bo, "wrong-password")

    # -- acts and looks ----------------------------------------------------------------------------

    async def _type(self, program: Program, text: str) -> None:
        composer = self._pane(program).composer
        composer.setPlainText(text)
        QTest.keyClick(composer, Qt.Key.Key_Return)
        await asyncio.sleep(0)

    async def _choose_session_only(self, program: Program, picture: str | None) -> None:
        """Answer the question about the password, where this computer has no password store."""
        welcome = program.welcome
        if welcome is None or not welcome.keeping_page.isVisible():
            return
        if picture is not None:
            await self._draw(program, picture)
        _press(welcome, "Only until Parlour is closed")
        _press(welcome, "Continue")
        await self._wait(lambda: program.window is not None, "the main window")

    @staticmethod
    def _is_past_password(program: Program) -> bool:
        if program.window is not None:
            return True
        welcome = program.welcome
        if welcome is not None:
            for form in (welcome.start_form, welcome.join_form):
                if form.fault:
                    raise TourError(form.fault)
        return welcome is not None and welcome.keeping_page.isVisible()

    async def _wait_online(self, program: Program) -> None:
        await self._wait(lambda: self._phase(program) is ConnectionPhase.ONLINE, "the connection")

    async def _wait(self, is_there: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not is_there():  # noqa: ASYNC110 - looks at widgets, which have no event
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            message = f"waited in vain for {what}"
            raise TourError(message) from None

    async def _draw(self, program: Program, title: str, name: str | None = None) -> None:
        """Draw what the program shows, in both themes."""
        shown: QWidget | None = program.window or program.welcome
        if shown is None:
            message = f"nothing to draw for {title}"
            raise TourError(message)
        self.pictures += 2
        number = self.pictures // 2
        shown.activateWindow()
        for choice in (ThemeChoice.DARK, ThemeChoice.LIGHT):
            program.theme.choose(choice)
            await asyncio.sleep(0.25)  # fades and timers of the screen come to rest
            stem = name or f"{number:02}-{title}"
            shown.grab().save(str(self._folder / f"{stem}-{choice.value}.png"))
        _log.info("drew %s", title)

    def _rows(self, count: int) -> bool:
        """Both see so many messages."""
        ann, bo = self._ann_account().jid, self._bo_account().jid
        logs = (self._services(self._ann).chat.open(bo), self._services(self._bo).chat.open(ann))
        return all(len(log) >= count for log in logs)

    def _is_writing(self, jid: BareJid) -> bool:
        conversation = self._ann.states.conversations.conversation(jid)
        return conversation is not None and conversation.is_counterpart_composing

    @staticmethod
    def _knows(program: Program, jid: BareJid) -> bool:
        contact = program.states.roster.contact(jid)
        return contact is not None and contact.is_online

    @staticmethod
    def _phase(program: Program) -> ConnectionPhase:
        return program.states.connection.status.phase

    @staticmethod
    def _phase_is(program: Program, phase: OfficePhase) -> None:
        if program.states.office.status.phase is not phase:
            message = f"the office server is not {phase.value}"
            raise TourError(message)

    def _ann_account(self) -> Account:
        return _account_of(self._ann)

    def _bo_account(self) -> Account:
        return _account_of(self._bo)

    @staticmethod
    def _services(program: Program) -> Services:
        if program.services is None:
            message = "the services are missing"
            raise TourError(message)
        return program.services

    @staticmethod
    def _window(program: Program) -> MainWindow:
        if program.window is None:
            message = "the main window is missing"
            raise TourError(message)
        return program.window

    @staticmethod
    def _pane(program: Program) -> ChatPane:
        if program.pane is None:
            message = "the chat is missing"
            raise TourError(message)
        return program.pane


def _press(window: QWidget, text: str) -> None:
    """Click the visible button with this text."""
    for button in window.findChildren(QAbstractButton):
        if button.text() == text and button.isVisible() and button.isEnabled():
            button.click()
            return
    message = f"there is no button {text!r}"
    raise TourError(message)


def _profile(folder: Path) -> ProfileFolder:
    profile = ProfileFolder(folder)
    profile.make()
    return profile


def _account_of(program: Program) -> Account:
    account = program.states.preferences.preferences.account
    if account is None:
        message = "there is no account"
        raise TourError(message)
    return account
