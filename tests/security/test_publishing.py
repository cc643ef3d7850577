"""What is published: whom it reaches, and what it may cost (rows 49, 50, 65, 78 and 79)."""

import asyncio
import base64
import hashlib
import secrets
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_protocol.limits import PubSubLimits
from shared_protocol.xml.writer import attribute, escaped
from tests.helpers.office import DOMAIN, RunningOffice, office_settings, running_office
from tests.helpers.wire_client import WireClient
from tests.security.attack_stage import assert_colleagues_can_talk, measured_memory, no_limits

pytestmark = [pytest.mark.network, pytest.mark.asyncio]

PUBSUB = "http://jabber.org/protocol/pubsub"
OWNER = f"{PUBSUB}#owner"
EVENT = f"{{{PUBSUB}#event}}event"
BOOKMARKS = "urn:xmpp:bookmarks:1"
SERVICE = f"pubsub.{DOMAIN}"
JULIET = f"juliet@{DOMAIN}"
CONFERENCE = f"<conference xmlns='{BOOKMARKS}' name='secret'><password>0</password></conference>"
PRIVATE = (
    "<publish-options><x xmlns='jabber:x:data' type='submit'>"
    "<field var='FORM_TYPE' type='hidden'>"
    "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
    "<field var='pubsub#persist_items'><value>true</value></field>"
    "<field var='pubsub#access_model'><value>whitelist</value></field>"
    "</x></publish-options>"
)


async def ask(client: WireClient, kind: str, content: str, to: str = "") -> Element:
    """Send a request of publish-subscribe and return the whole answer."""
    stanza_id = secrets.token_hex(8)
    address = f" to='{to}'" if to else ""
    client.send(f"<iq type='{kind}' id='{stanza_id}'{address}>{content}</iq>")
    return await client.receive_id(stanza_id)


def pubsub(content: str, namespace: str = PUBSUB) -> str:
    return f"<pubsub xmlns='{namespace}'>{content}</pubsub>"


def publish(node: str, item: str, options: str = "") -> str:
    return pubsub(f"<publish node='{node}'>{item}</publish>{options}")


def condition(answer: Element) -> str:
    """The condition of an error; empty for a result."""
    error = answer.find("{jabber:client}error")
    return "" if error is None else error[0].tag.partition("}")[2]


async def come(client: WireClient) -> WireClient:
    client.send("<presence/>")
    await client.receive(lambda one: one.tag == "{jabber:client}presence")
    return client


async def test_r49_contact_cannot_speak_as_the_account_whose_nodes_are_private(
    office: RunningOffice,
) -> None:
    """XEP-0163, section 4.3.1; CVE-2023-28686: an event is believed from the own account alone.

    That the client can do so rests on the sender, which the server puts in.
    """
    juliet = await come(await office.log_in("juliet/balcony", is_direct=True))
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    forged = (
        f"<event xmlns='{PUBSUB}#event'><items node='{BOOKMARKS}'><item id='x'/></items></event>"
    )

    romeo.send(
        f"<message to='{juliet.jid}' from='{JULIET}' type='headline' id='e'>{forged}</message>"
    )

    message = await juliet.receive_id("e")
    assert message.find(EVENT) is not None
    assert message.get("from") == romeo.jid


@pytest.mark.parametrize("options", [PRIVATE, ""], ids=["asked for", "forgotten"])
async def test_r50_private_nodes_are_read_by_their_owner_alone(
    office: RunningOffice, options: str
) -> None:
    """XEP-0223; CVE-2019-1000021: by no way of asking, and whatever the client forgot to say."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    nurse = await come(await office.log_in("nurse/home", is_direct=True))
    item = f"<item id='room@conference.{DOMAIN}'>{CONFERENCE}</item>"
    assert condition(await ask(juliet, "set", publish(BOOKMARKS, item, options))) == ""

    asked = [
        await ask(nurse, "get", pubsub(f"<items node='{BOOKMARKS}'/>"), JULIET),
        await ask(nurse, "get", pubsub("<items node='storage:bookmarks'/>"), JULIET),
        await ask(
            nurse,
            "set",
            pubsub(f"<subscribe node='{BOOKMARKS}' jid='nurse@{DOMAIN}'/>"),
            JULIET,
        ),
        await ask(nurse, "get", pubsub(f"<configure node='{BOOKMARKS}'/>", OWNER), JULIET),
        await ask(nurse, "get", pubsub(f"<affiliations node='{BOOKMARKS}'/>", OWNER), JULIET),
        await ask(
            nurse,
            "get",
            "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>",
            JULIET,
        ),
        await ask(
            nurse,
            "get",
            f"<query xmlns='http://jabber.org/protocol/disco#info' node='{BOOKMARKS}'/>",
            JULIET,
        ),
    ]
    listed = await ask(
        nurse, "get", "<query xmlns='http://jabber.org/protocol/disco#items'/>", JULIET
    )

    assert all(map(condition, asked))
    assert len(listed[0]) == 0
    await ask(juliet, "set", publish(BOOKMARKS, item))
    assert not [one for one in nurse.received if one.find(EVENT) is not None]


async def test_r50_node_that_others_may_read_takes_nothing_private(office: RunningOffice) -> None:
    """XEP-0060, section 7.1.5: the options are checked against the node that is there."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    await ask(juliet, "set", publish("urn:x", "<item id='1'><a xmlns='urn:x'/></item>"))

    answer = await ask(
        juliet, "set", publish("urn:x", "<item id='2'><a xmlns='urn:x'/></item>", PRIVATE)
    )

    assert condition(answer) == "conflict"
    items = await ask(juliet, "get", pubsub("<items node='urn:x'/>"))
    assert [one.get("id") for one in items.iter(f"{{{PUBSUB}}}item")] == ["1"]


async def test_r65_picture_that_is_not_what_its_id_says_is_not_taken(
    office: RunningOffice,
) -> None:
    """XEP-0084, section 3.1: else whoever trusts the id keeps a picture for another."""
    juliet = await come(await office.log_in("juliet/balcony", is_direct=True))
    nurse = await office.log_in("nurse/home", is_direct=True)
    data, metadata = "urn:xmpp:avatar:data", "urn:xmpp:avatar:metadata"
    picture = base64.b64encode(b"a picture").decode()
    claimed = hashlib.sha1(b"another picture", usedforsecurity=False).hexdigest()

    answers = [
        await ask(
            juliet,
            "set",
            publish(data, f"<item id='{item_id}'><data xmlns='{data}'>{content}</data></item>"),
        )
        for item_id, content in ((claimed, picture), ("", picture), (claimed, "no picture"))
    ]
    info = f"<info id='{claimed}' bytes='9' type='image/png'/>"
    told = f"<item id='{claimed}'><metadata xmlns='{metadata}'>{info}</metadata></item>"
    await ask(juliet, "set", publish(metadata, told))
    juliet.send(f"<presence to='{nurse.jid}'/>")
    presence = await nurse.receive(lambda one: one.tag == "{jabber:client}presence")

    assert [condition(one) for one in answers] == ["bad-request"] * 3
    assert condition(await ask(nurse, "get", "<vCard xmlns='vcard-temp'/>", JULIET))
    assert len(presence) == 0


async def test_r78_nodes_subscriptions_and_items_without_number_cost_what_the_limits_say(
    tmp_path: Path,
) -> None:
    """Prosody 0.11.11: many more of each are asked for; there are as many as may be."""
    limits = PubSubLimits()
    free = office_settings(limits=no_limits())
    async with running_office(tmp_path / "office", settings=free) as office:
        romeo = await office.log_in("romeo/orchard", is_direct=True)
        made = await asked_many(romeo, creations(0, limits.nodes + 100), SERVICE)
        subscribed = await asked_many(
            romeo, subscriptions(0, limits.subscriptions_of_entity + 100), SERVICE
        )

        with measured_memory() as use:
            refused = await asked_many(romeo, creations(10_000, 12_000), SERVICE)
            refused += await asked_many(romeo, subscriptions(10_000, 12_000), SERVICE)

        assert made.count("") == limits.nodes
        assert set(made) == {"", "resource-constraint"}
        assert subscribed.count("") == limits.subscriptions_of_entity
        assert set(subscribed) == {"", "policy-violation"}
        assert set(refused) == {"resource-constraint", "policy-violation"}
        assert use.kept_bytes < 2_500_000  # the cache of addresses, which is bounded, fills
        await assert_colleagues_can_talk(office)


def creations(first: int, end: int) -> list[str]:
    return [pubsub(f"<create node='n{number}'/>") for number in range(first, end)]


def subscriptions(first: int, end: int) -> list[str]:
    return [
        pubsub(f"<subscribe node='n0' jid='romeo@{DOMAIN}/{number}'/>")
        for number in range(first, end)
    ]


async def test_r78_stored_bytes_are_bounded(tmp_path: Path) -> None:
    """100 nodes of 256 items of 64 KiB would be 1.6 GiB for each account."""
    free = office_settings(limits=no_limits())
    async with running_office(tmp_path / "office", settings=free) as office:
        romeo = await office.log_in("romeo/orchard", is_direct=True)
        payload = f"<a xmlns='urn:x'>{'x' * 60_000}</a>"
        most = PubSubLimits().stored_bytes // 60_000 + 20
        max_items = (
            "<publish-options><x xmlns='jabber:x:data' type='submit'>"
            "<field var='FORM_TYPE' type='hidden'>"
            "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
            "<field var='pubsub#max_items'><value>max</value></field></x></publish-options>"
        )

        answers = [
            condition(
                await ask(
                    romeo,
                    "set",
                    publish(
                        f"n{number // 250}", f"<item id='{number}'>{payload}</item>", max_items
                    ),
                )
            )
            for number in range(most)
        ]

    assert answers[0] == ""
    assert answers[-1] == "resource-constraint"
    assert answers.count("") * 60_000 <= PubSubLimits().stored_bytes


async def test_r78_nobody_makes_nodes_for_an_account_that_does_not_exist(
    office: RunningOffice,
) -> None:
    romeo = await office.log_in("romeo/orchard", is_direct=True)

    for content in (
        pubsub("<create node='n'/>"),
        publish("n", "<item><a xmlns='urn:x'/></item>"),
        pubsub(f"<subscribe node='n' jid='romeo@{DOMAIN}'/>"),
        pubsub("<items node='n'/>"),
    ):
        kind = "get" if "<items" in content else "set"
        answer = await ask(romeo, kind, content, f"tybalt@{DOMAIN}")
        assert condition(answer) == "service-unavailable"


async def asked_many(client: WireClient, contents: list[str], to: str) -> list[str]:
    """Send many sets at once; return the conditions of their answers, in order."""
    wanted = secrets.token_hex(8)
    answers: list[str] = []
    for start in range(0, len(contents), 500):
        some = contents[start : start + 500]
        for number, content in enumerate(some):
            client.send(f"<iq type='set' id='{wanted}{number}' to='{to}'>{content}</iq>")
        for _ in some:
            answer = await client.receive(lambda one: (one.get("id") or "").startswith(wanted))
            answers.append(condition(answer))
        client.received.clear()
    return answers


NAMES = st.sampled_from(
    [
        "publish",
        "retract",
        "subscribe",
        "unsubscribe",
        "options",
        "items",
        "item",
        "create",
        "configure",
        "default",
        "delete",
        "purge",
        "subscriptions",
        "subscription",
        "affiliations",
        "affiliation",
        "publish-options",
        "redirect",
        "unheard-of",
    ]
)
TEXTS = st.one_of(
    st.sampled_from(["", "n", f"romeo@{DOMAIN}", "a@b@c", "-1", "max", "1" * 400, "owner", "%_';"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=20),
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["node", "jid", "id", "subid", "max_items", "notify", "affiliation", "subscription", "type"]
    ),
    TEXTS,
    max_size=4,
)
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "FORM_TYPE",
                "pubsub#access_model",
                "pubsub#max_items",
                "pubsub#persist_items",
                "pubsub#expire",
                "pubsub#show-values",
                "pubsub#roster_groups_allowed",
                "pubsub#unheard_of",
                "",
            ]
        ),
        st.lists(TEXTS, max_size=3),
    ),
    max_size=4,
)


def form(kind: str, fields: list[tuple[str, list[str]]]) -> str:
    written = "".join(
        f"<field{attribute('var', var)}>"
        + "".join(f"<value>{escaped(value)}</value>" for value in values)
        + "</field>"
        for var, values in fields
    )
    return f"<x xmlns='jabber:x:data'{attribute('type', kind)}>{written}</x>"


FORMS = st.builds(form, st.sampled_from(["submit", "form", "cancel", "nonsense"]), FIELDS)


def element(name: str, attributes: dict[str, str], children: list[str]) -> str:
    written = "".join(attribute(key, value) for key, value in attributes.items())
    return f"<{name}{written}>{''.join(children)}</{name}>"


TREES = st.recursive(
    st.one_of(FORMS, st.builds(element, NAMES, ATTRIBUTES, st.just([]))),
    lambda inner: st.builds(element, NAMES, ATTRIBUTES, st.lists(inner, max_size=3)),
    max_leaves=8,
)
REQUESTS = st.tuples(
    st.sampled_from(["get", "set"]),
    st.sampled_from([PUBSUB, OWNER]),
    st.lists(TREES, max_size=3),
    st.sampled_from(["", JULIET, SERVICE]),
)


async def test_r79_whatever_is_asked_of_publishing_is_answered_once(office: RunningOffice) -> None:
    """CVE-2011-4320: a malformed request is refused, and the session goes on."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    loop = asyncio.get_running_loop()
    asked: list[tuple[str, str, list[str], str]] = []

    @settings(
        max_examples=400,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(REQUESTS)
    def collect(request: tuple[str, str, list[str], str]) -> None:
        asked.append(request)

    await loop.run_in_executor(None, collect)
    for kind, namespace, children, to in asked:
        answer = await ask(romeo, kind, pubsub("".join(children), namespace), to)
        assert answer.get("type") in {"result", "error"}
        assert condition(answer) != "internal-server-error"
        romeo.received.clear()
    await assert_colleagues_can_talk(office)


async def test_r79_whatever_is_asked_of_profiles_is_answered_once(office: RunningOffice) -> None:
    """The same for vCards, private data and the directory."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    contents = [
        f"<vCard xmlns='{namespace}'>{content}</vCard>"
        for namespace in ("vcard-temp", "urn:other")
        for content in ("", "<PHOTO/>", "<PHOTO><BINVAL>%%</BINVAL></PHOTO>", "<N><N/></N>", "x")
    ]
    contents += [
        f"<query xmlns='{namespace}'>{content}</query>"
        for namespace in ("jabber:iq:private", "jabber:iq:search")
        for content in (
            "",
            "<x/>",
            "<x xmlns='u:x'/><x xmlns='u:x'/>",
            "<storage xmlns='storage:bookmarks'><conference jid='a@b@c'/><url/></storage>",
            "<storage xmlns='storage:bookmarks'>text</storage>",
            "<nick>(((</nick>",
            "<x xmlns='jabber:x:data' type='submit'><field/></x>",
        )
    ]
    contents.append("<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'>x</vcard>")

    for content in contents:
        for kind in ("get", "set"):
            for to in ("", JULIET, DOMAIN):
                answer = await ask(romeo, kind, content, to)
                assert answer.get("type") in {"result", "error"}
                assert condition(answer) != "internal-server-error", content
    await assert_colleagues_can_talk(office)
