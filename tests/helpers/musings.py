"""The node of XEP-0060's examples, at the service of the domain: Hamlet's princely musings.

Romeo plays Hamlet, who owns the node; Juliet plays Francisco, who subscribes; the nurse Bernardo.
"""

from tests.helpers.eventing import answered, configuration, owner, publish, pubsub
from tests.helpers.module_stage import Client, Stage

SERVICE = "pubsub.montague.lit"
NODE = "princely_musings"
HAMLET, FRANCISCO, BERNARDO = "romeo@montague.lit", "juliet@montague.lit", "nurse@montague.lit"
ATOM = "http://www.w3.org/2005/Atom"
ERRORS = "http://jabber.org/protocol/pubsub#errors"
RESULT = "type='result'"


def entry(title: str = "Soliloquy") -> str:
    """The payload of example 99, shortened."""
    return (
        f"<entry xmlns='{ATOM}'><title>{title}</title>"
        "<summary>To be, or not to be: that is the question</summary></entry>"
    )


def item(item_id: str = "bnd81g37d61f49fgn581", title: str = "Soliloquy") -> str:
    """An item with an id."""
    return f"<item id='{item_id}'>{entry(title)}</item>"


async def enter(stage: Stage, name: str) -> Client:
    """Bind one of the cast by its own name, as ``romeo/elsinore``, and make it available."""
    return await (await stage.enter(name)).come()


async def make(client: Client, *fields: str, node: str = NODE) -> str:
    """Create and configure a node (example 128)."""
    configure = f"<configure>{configuration(*fields)}</configure>" if fields else ""
    return await request(client, "set", f"<create node='{node}'/>{configure}")


async def request(client: Client, kind: str, content: str) -> str:
    """Ask the service."""
    return await answered(client, pubsub(kind, content, SERVICE))


async def owner_request(client: Client, kind: str, content: str) -> str:
    """Ask the service as an owner."""
    return await answered(client, owner(kind, content, SERVICE))


async def put(client: Client, written: str | None = None, *, node: str = NODE) -> str:
    """Publish an item."""
    return await answered(client, publish(node, item() if written is None else written, to=SERVICE))


async def subscribe(client: Client, jid: str, *, node: str = NODE, options: str = "") -> str:
    """Subscribe an address; return its subid, which is empty where there is none."""
    answer = await request(client, "set", f"<subscribe node='{node}' jid='{jid}'/>{options}")
    return answer.partition(" subid='")[2].partition("'")[0]


def refused(answer: str, error_type: str, condition: str, detail: str = "") -> bool:
    """Whether an answer is the error of an example."""
    error = f"<error type='{error_type}'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    following = f"<{detail} xmlns='{ERRORS}'" if detail else "</error>"
    text = answer.partition(error)[2]
    return text.startswith((following, "<text "))
