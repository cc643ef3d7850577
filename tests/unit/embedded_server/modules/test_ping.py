"""Ping (XEP-0199)."""

from typing import Any

import pytest

PING = "<ping xmlns='urn:xmpp:ping'/>"


@pytest.mark.asyncio
@pytest.mark.parametrize("to", ["", " to='montague.lit'", " to='romeo@montague.lit'"])
async def test_ping_of_server_and_own_account_is_answered(stage: Any, to: str) -> None:
    """XEP-0199, sections 4.1 and 4.2: "an IQ-result"."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(f"<iq type='get' id='p'{to}>{PING}</iq>")

    assert answer == (
        f"<iq type='result' to='romeo@montague.lit/orchard'{to.replace('to=', 'from=')} id='p'/>"
    )


@pytest.mark.asyncio
@pytest.mark.parametrize("who", ["juliet", "tybalt"])
async def test_ping_of_others_is_alike_for_known_and_unknown_accounts(stage: Any, who: str) -> None:
    """protocol.md 4.4: the account's existence is checked before the handler runs."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(f"<iq type='get' id='p' to='{who}@montague.lit'>{PING}</iq>")

    assert "<error type='cancel'><service-unavailable " in answer
