"""Colleagues without a window: sessions that are there, so that there is somebody to see."""

import secrets

from communicator.hosting.control_client import ControlClient
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.account import Account
from communicator.state.presence import Availability
from communicator.tour.stage import Player, wait_for
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.roster import Subscription

COLLEAGUES = (
    ("chi.lange", "Chi Lange", "Surveyors", Availability.AWAY, "at the Lindenweg site"),
    ("dana.price", "Dana Price", "Surveyors", Availability.AVAILABLE, ""),
    ("eli.novak", "Eli Novak", "Office", Availability.DND, "invoices until noon"),
    ("fay.ortiz", "Fay Ortiz", "Office", Availability.CHAT, ""),
    ("gus.rossi", "Gus Rossi", "Workshop", Availability.XA, "on the road"),
    ("hana.sato", "Hana Sato", "Workshop", Availability.OFFLINE, ""),
)


class Colleagues:
    """Makes their accounts in the host's office and signs them in."""

    def __init__(self, host: Player) -> None:
        self._host = host
        self._sessions: list[SlixmppSession] = []

    async def come(self) -> None:
        """Sign everybody in and put them into the host's list."""
        passwords = await self._make_accounts()
        domain = self._host.jid.domainpart
        for name, shown, group, availability, status in COLLEAGUES:
            jid = BareJid(name, domain)
            session = await self._sign_in(jid, passwords[name])
            await self._host.services.roster.add_contact(jid, shown, (group,))
            if availability is not Availability.OFFLINE:
                session.send_presence(availability, status)
        await wait_for(self._have_answered, "the colleagues' answers")
        await wait_for(self._are_seen, "the colleagues' presence")
        self._sessions[-1].send_presence(Availability.OFFLINE)  # was here and has gone home

    async def leave(self) -> None:
        """Sign everybody out."""
        for session in self._sessions:
            await session.disconnect()

    async def _make_accounts(self) -> dict[str, str]:
        passwords = {name: secrets.token_urlsafe() for name, *_ in COLLEAGUES}
        client = await ControlClient.connect(self._host.program.profile.office)
        try:
            for name, password in passwords.items():
                await client.ask("accounts.create", name=name, password=password)
        finally:
            await client.close()
        return passwords

    async def _sign_in(self, jid: BareJid, password: str) -> SlixmppSession:
        office = self._host.account
        session = SlixmppSession()
        account = Account(
            jid=jid,
            host=office.host,
            port=office.port,
            is_direct_tls=True,
            authority_pem=office.authority_pem,
        )
        await session.connect(account, password)
        session.subscription_requested.connect(lambda request: session.approve(request.jid))
        session.send_presence(Availability.AVAILABLE)
        self._sessions.append(session)
        return session

    def _have_answered(self) -> bool:
        contacts = self._host.program.states.roster.contacts
        return all(contact.subscription is Subscription.TO for contact in contacts)

    def _are_seen(self) -> bool:
        domain = self._host.jid.domainpart
        return all(
            self._host.sees(BareJid(name, domain))
            for name, *_, availability, _ in COLLEAGUES
            if availability is not Availability.OFFLINE
        )
