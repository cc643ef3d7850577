"""Clients that ask for events by their capabilities, and the stanzas of publish-subscribe."""

from xml.etree.ElementTree import Element, fromstring

from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas.caps import Capabilities, to_element, verification_string
from shared_protocol.stanzas.disco import DiscoInfo, Identity, info_to_element
from shared_protocol.xml.writer import serialise
from tests.helpers.module_stage import Client

NODE = "http://code.example/client"


def info_with(*nodes: str) -> DiscoInfo:
    """What a client answers that wants the events of these nodes."""
    features = ("http://jabber.org/protocol/disco#info", *(f"{node}+notify" for node in nodes))
    return DiscoInfo((Identity("client", "pc", "Exodus"),), tuple(sorted(features)))


def announcement(info: DiscoInfo) -> str:
    """The ``<c/>`` of a client."""
    return serialise(to_element(Capabilities(NODE, verification_string(info)))).decode()


async def answer_disco(client: Client, info: DiscoInfo) -> bool:
    """Answer the server's question for features, if it has asked; keep what else has arrived."""
    arrived = client.take()
    asked = [one for one in arrived if one.startswith("<iq") and "disco#info" in one]
    client.stream.written[:] = [one for one in arrived if one not in asked]
    for one in asked:
        element = fromstring(f"<x xmlns='{CLIENT}'>{one}</x>")[0]  # noqa: S314 - our server's
        query = info_to_element(
            DiscoInfo(info.identities, info.features, element[0].get("node", ""))
        )
        await client.say(
            f"<iq type='result' id='{element.get('id')}' to='{element.get('from')}'>"
            f"{serialise(query).decode()}</iq>"
        )
    return bool(asked)


async def come_with(client: Client, *nodes: str, payload: str = "") -> Client:
    """Become available as a client that wants the events of these nodes."""
    info = info_with(*nodes)
    await client.say("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
    await client.say(f"<presence>{announcement(info)}{payload}</presence>")
    await answer_disco(client, info)
    return client


def events(client: Client) -> list[Element]:
    """Take the messages with events that have arrived, and leave out the rest."""
    arrived = [fromstring(f"<x xmlns='{CLIENT}'>{one}</x>")[0] for one in client.take()]  # noqa: S314
    return [
        one
        for one in arrived
        if one.tag == f"{{{CLIENT}}}message"
        and one.find("{http://jabber.org/protocol/pubsub#event}event") is not None
    ]


def publish(node: str, item: str, *, to: str = "", options: str = "", stanza_id: str = "p") -> str:
    """A publication; ``options`` are fields of a form."""
    form = options and (
        "<publish-options><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE' type='hidden'>"
        "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
        f"{options}</x></publish-options>"
    )
    return pubsub("set", f"<publish node='{node}'>{item}</publish>{form}", to, stanza_id)


def pubsub(kind: str, content: str, to: str = "", stanza_id: str = "p") -> str:
    """An IQ with a request."""
    address = f" to='{to}'" if to else ""
    return (
        f"<iq type='{kind}' id='{stanza_id}'{address}>"
        f"<pubsub xmlns='http://jabber.org/protocol/pubsub'>{content}</pubsub></iq>"
    )


def owner(kind: str, content: str, to: str = "", stanza_id: str = "o") -> str:
    """An IQ with a request of an owner."""
    address = f" to='{to}'" if to else ""
    return (
        f"<iq type='{kind}' id='{stanza_id}'{address}>"
        f"<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>{content}</pubsub></iq>"
    )


def field(var: str, *values: str) -> str:
    """One field of a submitted form."""
    written = "".join(f"<value>{value}</value>" for value in values)
    return f"<field var='pubsub#{var}'>{written}</field>"


def configuration(*fields: str) -> str:
    """A submitted configuration."""
    return (
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
        "<value>http://jabber.org/protocol/pubsub#node_config</value></field>"
        f"{''.join(fields)}</x>"
    )


async def answered(client: Client, stanza: str) -> str:
    """Send an IQ; return its answer, and drop what else arrives."""
    client.take()
    await client.say(stanza)
    (answer,) = [one for one in client.take() if one.startswith("<iq type='")]
    return answer
