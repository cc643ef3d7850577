"""In-band registration (XEP-0077; security.md rows 21 and 32)."""

from pathlib import Path
from typing import Any

import pytest

from embedded_server.modules.registration import RegistrationLimit
from shared_protocol.errors import StanzaError
from shared_protocol.xml.framer import frame_of
from tests.helpers.module_stage import CAST, staged

FILLED = (
    "<iq type='set' id='s'><query xmlns='jabber:iq:register'><username>{}</username>"
    "<password>{}</password></query></iq>"
)
STRONG = "prince of cats"


async def ask(stage: Any, iq: str) -> str:
    answer: bytes = await stage.host.iq_before_login(frame_of(iq.encode()), "192.0.2.1")
    return answer.decode()


@pytest.mark.asyncio
async def test_stranger_is_refused_while_registration_is_off(stage: Any) -> None:
    """security.md row 32: off by default."""
    answer = await ask(stage, FILLED.format("tybalt", STRONG))

    assert answer.startswith("<iq type='error' id='s'>")
    assert "<service-unavailable " in answer
    assert not stage.accounts.exists("tybalt")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "password", "condition"),
    [
        ("JULIET", STRONG, "conflict"),
        ("tybalt", "", "not-acceptable"),
        ("", STRONG, "not-acceptable"),
        ("ty balt", STRONG, "not-acceptable"),
        ("tybalt", "short", "not-acceptable"),
    ],
)
async def test_account_that_cannot_be_is_refused(
    tmp_path: Path, name: str, password: str, condition: str
) -> None:
    """XEP-0077, section 3.1, examples 5 and 6."""
    async with staged(tmp_path, is_registration_open=True) as stage:
        answer = await ask(stage, FILLED.format(name, password))

        assert f"<{condition} " in answer
        assert stage.accounts.names() == sorted(CAST)


@pytest.mark.asyncio
async def test_account_is_made_where_registration_is_open(tmp_path: Path) -> None:
    """XEP-0077, section 3.1."""
    async with staged(tmp_path, is_registration_open=True) as stage:
        assert b"http://jabber.org/features/iq-register" in stage.host.features_before_login()

        answer = await ask(stage, FILLED.format("Tybalt", STRONG))

        assert answer == "<iq type='result' id='s'/>"
        assert stage.accounts.exists("tybalt")


@pytest.mark.asyncio
async def test_other_queries_before_login_are_refused(tmp_path: Path) -> None:
    """RFC 6120, section 4.3.5: nothing else exists before login."""
    async with staged(tmp_path, is_registration_open=True) as stage:
        answer = await ask(stage, "<iq type='get' id='s'><query xmlns='jabber:iq:roster'/></iq>")

        assert "<service-unavailable " in answer


@pytest.mark.asyncio
async def test_password_of_somebody_else_is_forbidden(stage: Any) -> None:
    """XEP-0077, section 3.3."""
    romeo = await stage.enter("romeo/orchard")

    assert "<forbidden " in await romeo.ask(FILLED.format("juliet", STRONG))


@pytest.mark.asyncio
async def test_removal_is_not_allowed_while_registration_is_off(stage: Any) -> None:
    """XEP-0077, section 3.2, example 13: not-allowed."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(
        "<iq type='set' id='x'><query xmlns='jabber:iq:register'><remove/></query></iq>"
    )

    assert "<not-allowed " in answer
    assert stage.accounts.exists("romeo")


def test_accounts_from_one_address_are_limited_by_the_hour() -> None:
    """security.md row 32: "100 a minute limited"."""
    now = 0.0
    limit = RegistrationLimit(2, clock=lambda: now)

    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        limit.count(address)
    with pytest.raises(StanzaError, match="resource-constraint"):
        limit.count("192.0.2.1")
    now = 3_601.0
    limit.count("192.0.2.1")
