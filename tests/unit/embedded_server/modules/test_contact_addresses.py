"""Contact addresses in discovery (XEP-0157)."""

from typing import Any

import pytest

from embedded_server.modules.contact_addresses import ContactAddressesModule
from shared_protocol.stanzas.caps import verification_string
from shared_protocol.stanzas.disco import info_from_element
from shared_protocol.xml.elements import element_of

pytestmark = pytest.mark.asyncio
INFO = (
    "<iq type='get' id='d' to='montague.lit'>"
    "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
)


async def test_addresses_stand_in_a_form_of_the_servers_information(stage: Any) -> None:
    """XEP-0157, section 3: scoped by the FORM_TYPE of XEP-0128."""
    module = ContactAddressesModule(
        {"support": ["xmpp:nurse@montague.lit"], "abuse": ["mailto:a@b.lit", "xmpp:c@b.lit"]}
    )
    module.attach(stage.host)
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(INFO)
    module.detach()

    assert (
        "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
        "<value>http://jabber.org/network/serverinfo</value></field>"
        "<field var='abuse-addresses'><value>mailto:a@b.lit</value><value>xmpp:c@b.lit</value>"
        "</field><field var='support-addresses'><value>xmpp:nurse@montague.lit</value></field></x>"
    ) in answer
    assert "serverinfo" not in await romeo.ask(INFO)


async def test_form_takes_part_in_the_hash_of_the_capabilities(stage: Any) -> None:
    """XEP-0115, section 5.1, steps 7 and 8."""
    module = ContactAddressesModule({"admin": ["mailto:a@b.lit"]})
    module.attach(stage.host)
    romeo = await stage.enter("romeo/orchard")

    features = element_of(b"<x>" + stage.host.features_after_login() + b"</x>")
    answer = await romeo.ask(INFO)
    module.detach()

    caps = features.find("{http://jabber.org/protocol/caps}c")
    assert caps is not None
    assert caps.get("ver") == verification_string(info_from_element(element_of(answer.encode())[0]))
