"""Discovery, caps, version and time (XEP-0030, 0115, 0092, 0202; protocol.md 5.1)."""

from typing import Any

import pytest

from embedded_server.routing.features import StreamPhase
from shared_protocol.stanzas.caps import verification_string
from shared_protocol.stanzas.disco import info_from_element
from shared_protocol.xml.elements import element_of

pytestmark = pytest.mark.asyncio
INFO = "<query xmlns='http://jabber.org/protocol/disco#info'{}/>"
ITEMS = "<query xmlns='http://jabber.org/protocol/disco#items'{}/>"


async def test_contact_that_shares_presence_may_be_asked(stage: Any) -> None:
    """XEP-0030, section 8: only with a presence subscription; also while the contact is away."""
    await stage.befriend("romeo", "juliet")
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(
        f"<iq type='get' id='d' to='juliet@montague.lit'>{INFO.format('')}</iq>"
    )

    assert "<identity category='account' type='registered'/>" in answer


@pytest.mark.parametrize("who", ["juliet", "tybalt"])
async def test_stranger_learns_nothing(stage: Any, who: str) -> None:
    """XEP-0030, section 8: service-unavailable for info, an empty list for items."""
    romeo = await stage.enter("romeo/orchard")
    request = f"<iq type='get' id='d' to='{who}@montague.lit'>"

    info = await romeo.ask(request + INFO.format("") + "</iq>")
    items = await romeo.ask(request + ITEMS.format(" node='n'") + "</iq>")

    assert "<service-unavailable " in info
    assert "<query xmlns='http://jabber.org/protocol/disco#items' node='n'/></iq>" in items


async def test_caps_of_the_stream_features_are_what_discovery_answers(stage: Any) -> None:
    """XEP-0115, section 5.1, and section 6.2: the answer repeats the node."""
    romeo = await stage.enter("romeo/orchard")
    features = element_of(b"<x>" + stage.host.features_after_login() + b"</x>")
    caps = features.find("{http://jabber.org/protocol/caps}c")
    assert caps is not None
    node = f"{caps.get('node')}#{caps.get('ver')}"

    answer = await romeo.ask(
        f"<iq type='get' id='d' to='montague.lit'>{INFO.format(f' node={node!r}')}</iq>"
    )

    info = info_from_element(element_of(answer.encode())[0])
    assert info.node == node
    assert caps.get("hash") == "sha-1"
    assert verification_string(info) == caps.get("ver")


async def test_stream_features_of_each_phase(stage: Any) -> None:
    """RFC 6121, sections 2.6.1 and 3.4.1: versions and pre-approval are announced after login."""
    after = stage.host.features_after_login()

    assert b"<ver xmlns='urn:xmpp:features:rosterver'/>" in after
    assert b"<sub xmlns='urn:xmpp:features:pre-approval'/>" in after
    assert stage.host.features_before_login() == b""
    assert stage.host.features.of_stream(StreamPhase.AFTER_LOGIN) == after


async def test_feature_is_listed_once_and_taken_back_with_its_module(stage: Any) -> None:
    """XEP-0030, section 3.1: no feature twice; architecture.md: detach undoes everything."""
    stage.modules.detach()

    assert stage.host.features_after_login() == b""
    assert list(stage.host.iqs) == []
    romeo = await stage.enter("romeo/orchard")
    await romeo.say("<message to='juliet@montague.lit'><body>b</body></message>")
    assert "<service-unavailable " in romeo.take()[0]
    stage.modules.attach(stage.host)


async def test_version_and_time_are_those_of_the_server(stage: Any) -> None:
    """XEP-0092, section 3; XEP-0202, section 3."""
    romeo = await stage.enter("romeo/orchard")

    version = await romeo.ask(
        "<iq type='get' id='v' to='montague.lit'><query xmlns='jabber:iq:version'/></iq>"
    )
    time = await romeo.ask(
        "<iq type='get' id='t' to='montague.lit'><time xmlns='urn:xmpp:time'/></iq>"
    )

    assert "<name>Parlour</name><version>1</version></query>" in version
    assert "<tzo>" in time
    assert "Z</utc>" in time
