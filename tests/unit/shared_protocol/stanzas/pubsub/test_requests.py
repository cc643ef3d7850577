"""Requests of publish-subscribe, read from XEP-0060's own examples."""

from xml.etree.ElementTree import Element, fromstring

import pytest

from shared_protocol.errors import ErrorType, MalformedStanzaError, StanzaCondition
from shared_protocol.stanzas.data_forms import FormKind
from shared_protocol.stanzas.pubsub import answers, owner_requests, refusals, requests
from shared_protocol.stanzas.pubsub.node_terms import NodeSubscriptionState
from shared_protocol.stanzas.pubsub.owner_requests import (
    AffiliationChange,
    AskNodeDefaults,
    Configure,
    Delete,
    ManageAffiliations,
    ManageSubscriptions,
    Purge,
    SubscriptionChange,
)
from shared_protocol.stanzas.pubsub.requests import (
    AskAffiliations,
    AskDefaultOptions,
    AskItems,
    AskOptions,
    AskSubscriptions,
    Create,
    ItemToPublish,
    Publish,
    Retract,
    Subscribe,
    Unsubscribe,
)
from shared_protocol.stanzas.result_sets import PageRequest

NODE, JID = "princely_musings", "francisco@denmark.lit"
ATOM = "http://www.w3.org/2005/Atom"
FORM = "<x xmlns='jabber:x:data' type='submit'><field var='a'><value>1</value></field></x>"


def pubsub(content: str, kind: str = "") -> Element:
    return fromstring(f"<pubsub xmlns='http://jabber.org/protocol/pubsub{kind}'>{content}</pubsub>")  # noqa: S314 - our own text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<subscriptions/>", AskSubscriptions()),
        (f"<subscriptions node='{NODE}'/>", AskSubscriptions(NODE)),
        ("<affiliations/>", AskAffiliations()),
        (f"<affiliations node='{NODE}'/>", AskAffiliations(NODE)),
        (f"<subscribe node='{NODE}' jid='{JID}'/>", Subscribe(NODE, JID)),
        (f"<unsubscribe node='{NODE}' jid='{JID}' subid='x'/>", Unsubscribe(NODE, JID, "x")),
        (f"<options node='{NODE}' jid='{JID}'/>", AskOptions(NODE, JID)),
        (f"<default node='{NODE}'/>", AskDefaultOptions(NODE)),
        ("<default/>", AskDefaultOptions("")),
        (f"<items node='{NODE}'/>", AskItems(NODE)),
        (f"<items node='{NODE}' max_items='2' subid='x'/>", AskItems(NODE, "x", 2)),
        (
            f"<items node='{NODE}'><item id='1'/><item id='2'/></items>",
            AskItems(NODE, ids=("1", "2")),
        ),
        (
            f"<items node='{NODE}'/><set xmlns='http://jabber.org/protocol/rsm'><max>5</max></set>",
            AskItems(NODE, page=PageRequest(5)),
        ),
        (f"<publish node='{NODE}'/>", Publish(NODE)),
        (f"<publish node='{NODE}'><item id='1'/></publish>", Publish(NODE, (ItemToPublish("1"),))),
        (
            f"<retract node='{NODE}' notify='1'><item id='1'/></retract>",
            Retract(NODE, ("1",), is_notified=True),
        ),
        (f"<retract node='{NODE}'><item/></retract>", Retract(NODE, ("",))),
        ("<create/>", Create()),
        (f"<create node='{NODE}'/><configure/>", Create(NODE)),
    ],
)
def test_request_is_read(content: str, expected: requests.Request) -> None:
    assert requests.from_element(pubsub(content)) == expected


def test_payload_stands_for_itself() -> None:
    entry = f"<entry xmlns='{ATOM}'><title>Soliloquy</title></entry>"
    read = requests.from_element(pubsub(f"<publish node='{NODE}'><item>{entry}</item></publish>"))

    assert read == Publish(NODE, (ItemToPublish("", entry.encode(), ATOM, 1),))


def test_payload_of_the_namespace_around_it_declares_it() -> None:
    read = requests.from_element(pubsub(f"<publish node='{NODE}'><item><a/></item></publish>"))

    assert isinstance(read, Publish)
    assert read.items[0].payload == b"<a xmlns='http://jabber.org/protocol/pubsub'/>"


@pytest.mark.parametrize(
    "content",
    [
        f"<subscribe node='{NODE}' jid='{JID}'/><options>{FORM}</options>",
        f"<options>{FORM}</options><subscribe node='{NODE}' jid='{JID}'/>",
    ],
)
def test_subscription_may_bring_options(content: str) -> None:
    read = requests.from_element(pubsub(content))

    assert isinstance(read, Subscribe)
    assert read.options is not None
    assert read.options.value("a") == "1"


@pytest.mark.parametrize(
    "content",
    [
        f"<publish node='{NODE}'/><publish-options>{FORM}</publish-options>",
        f"<create node='{NODE}'/><configure>{FORM}</configure>",
    ],
)
def test_publication_and_creation_may_bring_options(content: str) -> None:
    read = requests.from_element(pubsub(content))

    assert isinstance(read, Publish | Create)
    assert read.options is not None
    assert read.options.kind is FormKind.SUBMIT


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<unheard-of/>",
        "<items xmlns='u:other'/>",
        "<items node='x' max_items='-1'/>",
        "<items node='x' max_items='9999999999'/>",
        "<create node='x'/><configure node='x'/>",
        "<publish node='x'><item><a xmlns=''/></item></publish>",
        f"<options node='x'>{FORM.replace('submit', 'nonsense')}</options>",
    ],
)
def test_what_is_no_request_is_malformed(content: str) -> None:
    with pytest.raises(MalformedStanzaError):
        requests.from_element(pubsub(content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"<configure node='{NODE}'/>", Configure(NODE)),
        ("<default/>", AskNodeDefaults()),
        ("<default type='collection'/>", AskNodeDefaults("collection")),
        (f"<delete node='{NODE}'/>", Delete(NODE)),
        (
            f"<delete node='{NODE}'><redirect uri='xmpp:h@d.lit?;node=blog'/></delete>",
            Delete(NODE, "xmpp:h@d.lit?;node=blog"),
        ),
        (f"<purge node='{NODE}'/>", Purge(NODE)),
        (f"<subscriptions node='{NODE}'/>", ManageSubscriptions(NODE)),
        (
            f"<subscriptions node='{NODE}'>"
            f"<subscription jid='{JID}' subscription='none' subid='x'/></subscriptions>",
            ManageSubscriptions(NODE, (SubscriptionChange(JID, "none", "x"),)),
        ),
        (
            f"<affiliations node='{NODE}'><affiliation jid='{JID}' affiliation='owner'/>"
            "</affiliations>",
            ManageAffiliations(NODE, (AffiliationChange(JID, "owner"),)),
        ),
    ],
)
def test_request_of_an_owner_is_read(content: str, expected: owner_requests.OwnerRequest) -> None:
    assert owner_requests.from_element(pubsub(content, "#owner")) == expected


@pytest.mark.parametrize("content", ["", "<unheard-of/>", "<purge node='a'/><purge node='b'/>"])
def test_what_is_no_request_of_an_owner_is_malformed(content: str) -> None:
    with pytest.raises(MalformedStanzaError):
        owner_requests.from_element(pubsub(content, "#owner"))


def test_subscription_survives_a_round_trip() -> None:
    shown = answers.ShownSubscription(NODE, JID, "x", NodeSubscriptionState.SUBSCRIBED)

    written = answers.subscription(shown, has_options=True)

    assert answers.subscription_from_element(fromstring(written)) == shown  # noqa: S314 - our own


@pytest.mark.parametrize(
    "written",
    [
        "<a/>",
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>",
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscription/></pubsub>",
    ],
)
def test_what_is_no_subscription_is_malformed(written: str) -> None:
    with pytest.raises(MalformedStanzaError):
        answers.subscription_from_element(fromstring(written))  # noqa: S314 - our own text


@pytest.mark.parametrize("detail", refusals.PubSubDetail)
def test_detail_of_an_error_survives_a_round_trip(detail: refusals.PubSubDetail) -> None:
    error = refusals.refusal(StanzaCondition.BAD_REQUEST, detail)

    assert refusals.detail_from_element(fromstring(error.detail)) is detail  # noqa: S314 - our own


def test_error_has_the_type_that_the_xep_prints() -> None:
    """Sections 6.1.3.9, 6.2.3.2 and 6.5.9.3."""
    too_many = refusals.refusal(
        StanzaCondition.POLICY_VIOLATION, refusals.PubSubDetail.TOO_MANY_SUBSCRIPTIONS
    )
    detail = refusals.PubSubDetail.NOT_SUBSCRIBED
    unsubscribing = refusals.refusal(StanzaCondition.UNEXPECTED_REQUEST, detail)
    retrieving = refusals.refusal(StanzaCondition.NOT_AUTHORIZED, detail)

    assert [one.type for one in (too_many, unsubscribing, retrieving)] == [
        ErrorType.WAIT,
        ErrorType.CANCEL,
        ErrorType.AUTH,
    ]


def test_what_is_no_detail_is_malformed() -> None:
    with pytest.raises(MalformedStanzaError):
        refusals.detail_from_element(Element("a"))
