"""What modules do for a session that is bound within its login (XEP-0386)."""

import re
from xml.etree.ElementTree import Element

import pytest

from shared_protocol.namespaces import CARBONS
from tests.helpers.module_stage import Stage

pytestmark = pytest.mark.asyncio
CHAT = "<message type='chat' to='juliet@montague.lit' id='m1'><body>hark</body></message>"
ENABLE = Element(f"{{{CARBONS}}}enable")


async def test_copies_may_be_wished_at_binding(stage: Stage) -> None:
    """XEP-0386, section 3.2: "must succeed, no response is necessary"."""
    hooks = stage.host.session_hooks
    romeo, home = await stage.enter("romeo/garden"), await stage.enter("romeo/home")

    assert CARBONS in stage.host.features_at_binding
    assert hooks.begin_with(home.session, Element(f"{{{CARBONS}}}disable")) == b""
    await romeo.say(CHAT)
    assert home.take() == []

    assert hooks.begin_with(home.session, ENABLE) == b""
    await romeo.say(CHAT)
    assert [one.count("<sent xmlns='urn:xmpp:carbons:2'>") for one in home.take()] == [1]


async def test_client_is_told_where_its_archive_ends(stage: Stage) -> None:
    """XEP-0386, section 3.2: "a <metadata/> element as defined by XEP-0313"."""
    romeo = await stage.enter("romeo/garden")
    hooks = stage.host.session_hooks
    empty = await hooks.state_at_binding(romeo.session)
    await romeo.say(CHAT)

    told = await hooks.state_at_binding(romeo.session)

    assert empty == b"<metadata xmlns='urn:xmpp:mam:2'/>"
    answer = await romeo.ask("<iq type='get' id='1'><metadata xmlns='urn:xmpp:mam:2'/></iq>")
    assert re.findall("id=.([^'\"]+)", told.decode()) == re.findall(
        "(?:start|end) id=.([^'\"]+)", answer
    )
    assert b"<end " in told


async def test_nothing_is_left_without_modules(stage: Stage) -> None:
    stage.modules.detach()

    assert stage.host.features_at_binding == ()
