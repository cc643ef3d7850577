"""Who is bound."""

import pytest

from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Session
from shared_protocol.addresses import FullJid
from tests.helpers.still_stream import StillStream


def session_of(jid: str) -> Session:
    return Session(full_jid=FullJid.parse(jid), stream=StillStream())


def test_sessions_of_an_account_come_in_the_order_of_binding() -> None:
    directory = SessionDirectory()
    orchard = session_of("romeo@montague.lit/orchard")
    garden = session_of("romeo@montague.lit/garden")
    for session in (orchard, garden, session_of("juliet@montague.lit/balcony")):
        directory.add(session)

    assert directory.sessions_of("romeo") == (orchard, garden)
    assert directory.get(garden.full_jid) is garden
    assert len(directory) == len(list(directory)) == 3


def test_session_that_is_gone_is_not_found() -> None:
    directory = SessionDirectory()
    orchard = session_of("romeo@montague.lit/orchard")
    directory.add(orchard)

    directory.remove(orchard)
    directory.remove(orchard)

    assert directory.get(orchard.full_jid) is None
    assert directory.sessions_of("romeo") == ()
    assert len(directory) == 0


def test_address_is_bound_once() -> None:
    directory = SessionDirectory()
    directory.add(session_of("romeo@montague.lit/orchard"))

    with pytest.raises(ValueError, match="is bound already"):
        directory.add(session_of("romeo@montague.lit/orchard"))


def test_only_sessions_with_presence_are_available() -> None:
    directory = SessionDirectory()
    orchard, garden = (session_of(f"romeo@montague.lit/{one}") for one in ("orchard", "garden"))
    directory.add(orchard)
    directory.add(garden)

    garden.presence = b"<presence/>"

    assert directory.available_of("romeo") == (garden,)
