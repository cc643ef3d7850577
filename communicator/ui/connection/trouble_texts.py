"""Each trouble of the connection in words of the office: what happened, and what to do."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from communicator.state.connection import (
    ConnectionPhase,
    ConnectionStatus,
    ConnectionTrouble,
    TroubleKind,
)
from communicator.state.office import OfficePhase, OfficeStatus
from communicator.ui.plain_text import isolated, one_line
from communicator.ui.spoken import spoken

if TYPE_CHECKING:
    from collections.abc import Callable


USUAL_PORT = 5222  # RFC 6120, section 14.7


class BannerAction(Enum):
    """What the banner offers."""

    TRY_NOW = "try-now"
    EDIT_ADDRESS = "edit-address"
    ENTER_PASSWORD = "enter-password"  # noqa: S105 - the name of an action
    SIGN_IN_HERE = "sign-in-here"
    SHOW_CERTIFICATE = "show-certificate"
    START_OFFICE = "start-office"


class StepState(Enum):
    """How far one step of connecting came."""

    DONE = "done"
    FAILED = "failed"
    NOT_REACHED = "not-reached"


_ACTION_BY_KIND = {
    TroubleKind.UNKNOWN_HOST: BannerAction.EDIT_ADDRESS,
    TroubleKind.WRONG_PASSWORD: BannerAction.ENTER_PASSWORD,
    TroubleKind.PASSWORD_MISSING: BannerAction.ENTER_PASSWORD,
    TroubleKind.REPLACED: BannerAction.SIGN_IN_HERE,
    TroubleKind.CERTIFICATE_UNTRUSTED: BannerAction.SHOW_CERTIFICATE,
    TroubleKind.CERTIFICATE_CHANGED: BannerAction.SHOW_CERTIFICATE,
    TroubleKind.CERTIFICATE_OTHER_NAME: BannerAction.SHOW_CERTIFICATE,
    TroubleKind.CERTIFICATE_EXPIRED: BannerAction.SHOW_CERTIFICATE,
    TroubleKind.CERTIFICATE_WEAK: BannerAction.SHOW_CERTIFICATE,
}
_WITHOUT_ACTION = frozenset({TroubleKind.NO_NETWORK, TroubleKind.SERVER_STOPPING})
_FAILED_STEP_BY_KIND = {
    TroubleKind.NO_NETWORK: 0,
    TroubleKind.UNKNOWN_HOST: 1,
    TroubleKind.REFUSED: 2,
    TroubleKind.TIMED_OUT: 2,
    TroubleKind.HOST_OFF: 2,
    TroubleKind.CERTIFICATE_UNTRUSTED: 3,
    TroubleKind.CERTIFICATE_CHANGED: 3,
    TroubleKind.CERTIFICATE_OTHER_NAME: 3,
    TroubleKind.CERTIFICATE_EXPIRED: 3,
    TroubleKind.CERTIFICATE_WEAK: 3,
    TroubleKind.NO_ENCRYPTION: 3,
    TroubleKind.WRONG_PASSWORD: 4,
    TroubleKind.PASSWORD_MISSING: 4,
}
_SESSION_STEP = 5


def actions_for(trouble: ConnectionTrouble) -> tuple[BannerAction, ...]:
    """Return what the banner offers for a trouble; the details are always offered."""
    if action := _ACTION_BY_KIND.get(trouble.kind):
        return (action,)
    return () if trouble.kind in _WITHOUT_ACTION else (BannerAction.TRY_NOW,)


class TroubleTexts(QObject):
    """Texts for banner, details and report."""

    def sentence(self, trouble: ConnectionTrouble, account: str = "") -> str:
        """Return what happened and what it means, in one or two sentences."""
        host = isolated(trouble.host) or isolated(account)
        sentences: dict[TroubleKind, Callable[[], str]] = {
            TroubleKind.UNKNOWN_HOST: lambda: self.tr('The server "{0}" cannot be found.'),
            TroubleKind.REFUSED: self._no_answer,
            TroubleKind.TIMED_OUT: self._no_answer,
            TroubleKind.HOST_OFF: lambda: self.tr(
                "The computer that hosts the office ({0}) is off or out of reach."
            ),
            TroubleKind.NO_NETWORK: lambda: self.tr("This computer is not connected to a network."),
            TroubleKind.LOST: lambda: self.tr("Connection lost."),
            TroubleKind.SERVER_STOPPING: lambda: self.tr("The office server is being restarted."),
            TroubleKind.REPLACED: lambda: self.tr(
                "You signed in on another window of this computer."
            ),
            TroubleKind.WRONG_PASSWORD: lambda: self.tr("The password was not accepted."),
            TroubleKind.PASSWORD_MISSING: lambda: self.tr("Parlour does not have your password."),
            TroubleKind.CERTIFICATE_UNTRUSTED: lambda: self.tr("This server is not known yet."),
            TroubleKind.CERTIFICATE_CHANGED: lambda: self.tr("This is not the server you joined."),
            TroubleKind.CERTIFICATE_OTHER_NAME: lambda: self.tr(
                'The certificate does not belong to "{0}".'
            ),
            TroubleKind.CERTIFICATE_EXPIRED: lambda: self.tr(
                "The certificate of the server is not valid today."
            ),
            TroubleKind.CERTIFICATE_WEAK: lambda: self.tr("The certificate is too weak."),
            TroubleKind.NO_ENCRYPTION: lambda: self.tr(
                "The server does not offer encryption, so Parlour does not sign in."
            ),
            TroubleKind.PROTOCOL: lambda: self.tr(
                "The server answered in a way that Parlour does not understand."
            ),
        }
        port = trouble.port or USUAL_PORT
        return sentences[trouble.kind]().format(host, port)

    def _no_answer(self) -> str:
        return self.tr("The server does not answer on port {1}. A firewall may block it.")

    def banner(self, status: ConnectionStatus, office: str, now: datetime) -> str:
        """Return the banner's text; empty if none is needed."""
        if status.phase is ConnectionPhase.ONLINE:
            return ""
        if status.phase is ConnectionPhase.CONNECTING:
            return self.tr("Connecting to {0}...").format(isolated(office))
        if status.trouble is None:
            return self.tr("You are offline.") if status.phase is ConnectionPhase.OFFLINE else ""
        sentence = self.sentence(status.trouble, office)
        if status.phase is not ConnectionPhase.WAITING or status.next_try_at is None:
            return sentence
        seconds = max(0, round((status.next_try_at - now).total_seconds()))
        return self._with_next_try(sentence, seconds, status.trouble.kind)

    def own_office(self, office: OfficeStatus) -> str:
        """Return why there is no connection on the computer that hosts the office; empty if open.

        It says more than the trouble of the connection, which is only the consequence.
        """
        match office.phase:
            case OfficePhase.STOPPED:
                return self.tr(
                    "The office on this computer is closed. Messages will be sent when it is open."
                )
            case OfficePhase.FAILED:
                return spoken(office.failure) or self.tr(
                    "The office on this computer does not run."
                )
            case OfficePhase.STARTING:
                return self.tr("The office is being opened...")
        return ""

    def _with_next_try(self, sentence: str, seconds: int, kind: TroubleKind) -> str:
        if seconds == 0:
            return self.tr("{0} Trying again now.").format(sentence)
        if kind is TroubleKind.LOST:
            return self.tr("{0} Next try in {1} s. Messages will be sent then.").format(
                sentence, seconds
            )
        return self.tr("{0} Next try in {1} s.").format(sentence, seconds)

    def action(self, action: BannerAction) -> str:
        """Return the verb of a button."""
        return {
            BannerAction.TRY_NOW: self.tr("Try now"),
            BannerAction.EDIT_ADDRESS: self.tr("Edit address"),
            BannerAction.ENTER_PASSWORD: self.tr("Enter password"),
            BannerAction.SIGN_IN_HERE: self.tr("Sign in here"),
            BannerAction.SHOW_CERTIFICATE: self.tr("Look at it"),
            BannerAction.START_OFFICE: self.tr("Start the office"),
        }[action]

    def steps(self, status: ConnectionStatus) -> list[tuple[str, StepState]]:
        """Return the steps of connecting, each with how far it came."""
        names = (
            self.tr("Network of this computer"),
            self.tr("Name of the server"),
            self.tr("Answer of the server"),
            self.tr("Encryption and certificate"),
            self.tr("Name and password"),
            self.tr("Session"),
        )
        if status.phase is ConnectionPhase.ONLINE:
            return [(name, StepState.DONE) for name in names]
        if status.trouble is None:
            return [(name, StepState.NOT_REACHED) for name in names]
        failed = _FAILED_STEP_BY_KIND.get(status.trouble.kind, _SESSION_STEP)
        return [(name, _state_of(number, failed)) for number, name in enumerate(names)]

    def step_state(self, state: StepState) -> str:
        """Return how far a step came, in a word for the screen reader and the report."""
        return {
            StepState.DONE: self.tr("done"),
            StepState.FAILED: self.tr("failed"),
            StepState.NOT_REACHED: self.tr("not reached"),
        }[state]

    def place(self, trouble: ConnectionTrouble) -> str:
        """Return which server was tried, for the details and the report."""
        return self.tr("Server: {0}, port {1}").format(
            one_line(trouble.host), trouble.port or USUAL_PORT
        )

    def report(self, status: ConnectionStatus, account: str, now: datetime) -> str:
        """Return the details as text to send to somebody who helps; it holds no secret."""
        lines = [
            self.tr("Connection report, {0}").format(now.isoformat(timespec="seconds")),
            self.tr("Account: {0}").format(account),
        ]
        lines += [f"- {name}: {self.step_state(state)}" for name, state in self.steps(status)]
        if trouble := status.trouble:
            lines.append(self.place(trouble))
            lines.append(f"{self.sentence(trouble, account)} ({trouble.kind.value})")
            if trouble.certificate:
                lines.append(self.tr("Fingerprint: {0}").format(trouble.certificate.fingerprint))
            if trouble.details:
                lines.append(one_line(trouble.details, 2000))
        return "\n".join(lines)


def _state_of(number: int, failed: int) -> StepState:
    if number == failed:
        return StepState.FAILED
    return StepState.DONE if number < failed else StepState.NOT_REACHED
