"""Questions to message archives and their answers (XEP-0313 1.1.3).

Results hold a stanza as XEP-0297 forwards it, so that a server can write one around stored bytes
(``result_bytes``) and a client reads it as a tree.

Example::

    <query xmlns='urn:xmpp:mam:2' queryid='f27'>
      <x xmlns='jabber:x:data' type='submit'>
        <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>
        <field var='with'><value>juliet@capulet.lit</value></field>
        <field var='start'><value>2010-08-07T00:00:00Z</value></field>
      </x>
      <set xmlns='http://jabber.org/protocol/rsm'><max>10</max></set>
      <flip-page/>
    </query>
"""

from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import ARCHIVE, FORWARDING
from shared_protocol.stanzas import data_forms, delay, result_sets
from shared_protocol.stanzas.data_forms import DataForm, FieldType, FormField, FormKind
from shared_protocol.stanzas.delay import Delay
from shared_protocol.stanzas.result_sets import PageRequest, ResultSet
from shared_protocol.xml.writer import attribute

QUERY = f"{{{ARCHIVE}}}query"
METADATA = f"{{{ARCHIVE}}}metadata"
RESULT = f"{{{ARCHIVE}}}result"
FIN = f"{{{ARCHIVE}}}fin"
FORWARDED = f"{{{FORWARDING}}}forwarded"
_FLIP_PAGE = f"{{{ARCHIVE}}}flip-page"
_START = f"{{{ARCHIVE}}}start"
_END = f"{{{ARCHIVE}}}end"
_TRUTHS = {"1": True, "true": True, "0": False, "false": False}

#: The questions of the form (section 4.1.5); all may be left out.
QUERY_FORM = DataForm(
    FormKind.FORM,
    ARCHIVE,
    (
        FormField("with", type=FieldType.JID_SINGLE),
        FormField("start", type=FieldType.TEXT_SINGLE),
        FormField("end", type=FieldType.TEXT_SINGLE),
        FormField("before-id", type=FieldType.TEXT_SINGLE),
        FormField("after-id", type=FieldType.TEXT_SINGLE),
        FormField("ids", type=FieldType.LIST_MULTI, is_open=True),
        FormField("include-groupchat", type=FieldType.BOOLEAN),
    ),
)
_FIELDS = frozenset(one.var for one in QUERY_FORM.fields)


@dataclass(frozen=True, slots=True)
class ArchiveFilter:
    """Which messages are wanted (section 4.1).

    Attributes:
        counterpart: Only those from or to it; a bare JID means all its resources.
        start: Not before (UTC, aware), inclusive.
        end: Not after, inclusive.
        after_id: Only those behind the message of that id; empty if not given.
        before_id: Only those before it.
        ids: Only these; empty if not given.
        has_groupchat: Whether messages of rooms are wanted; None leaves it to the archive.
    """

    counterpart: Jid | None = None
    start: datetime | None = None
    end: datetime | None = None
    after_id: str = ""
    before_id: str = ""
    ids: tuple[str, ...] = ()
    has_groupchat: bool | None = None


@dataclass(frozen=True, slots=True)
class ArchiveQuery:
    """A question to an archive.

    Attributes:
        query_id: Repeated in the results; empty if not given.
        node: For archives of publishing; empty for messages.
        is_flipped: The newest message of the page comes first (section 4.3.4).
    """

    query_id: str = ""
    wanted: ArchiveFilter = field(default_factory=ArchiveFilter)
    page: PageRequest = field(default_factory=PageRequest)
    is_flipped: bool = False
    node: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveFin:
    """The end of an answer (section 4.3).

    Attributes:
        is_complete: There is nothing beyond the page, in the direction of paging.
        is_stable: The same question may be answered otherwise later if False.
    """

    result: ResultSet
    is_complete: bool = False
    is_stable: bool = True


@dataclass(frozen=True, slots=True)
class ArchivedMessage:
    """One result.

    Attributes:
        archive_id: By which the archive knows the message; its stanza id (XEP-0359).
        message: The forwarded stanza; None if the archive holds it no more (section 3.2).
        delay: When the archive got it; None if it does not say.
    """

    archive_id: str
    message: Element | None
    delay: Delay | None = None
    query_id: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveEdge:
    """The first or last message of an archive, and when it was received (UTC, aware)."""

    archive_id: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class ArchiveMetadata:
    """Where an archive begins and ends (section 5); both None if it is empty."""

    start: ArchiveEdge | None = None
    end: ArchiveEdge | None = None


def query_from_element(element: Element) -> ArchiveQuery:
    """Read a question.

    Raises:
        MalformedStanzaError: It is none, or a part of it cannot be read.
        StanzaError: ``feature-not-implemented``, it has a form field that is not known (4.1.5).
    """
    _require(element, QUERY)
    form = data_forms.form_of(element)
    return ArchiveQuery(
        element.get("queryid", ""),
        ArchiveFilter() if form is None else _filter(form),
        result_sets.request_of(element) or PageRequest(),
        element.find(_FLIP_PAGE) is not None,
        element.get("node", ""),
    )


def query_to_element(query: ArchiveQuery) -> Element:
    """Write a question."""
    element = Element(QUERY)
    if query.query_id:
        element.set("queryid", query.query_id)
    if query.node:
        element.set("node", query.node)
    fields = tuple(_fields_of(query.wanted))
    if fields:
        form = DataForm(FormKind.SUBMIT, ARCHIVE, fields)
        element.append(data_forms.to_element(form))
    if query.page != PageRequest():
        element.append(result_sets.request_to_element(query.page))
    if query.is_flipped:
        SubElement(element, _FLIP_PAGE)
    return element


def form_element() -> Element:
    """Write which questions an archive answers (section 4.1.5)."""
    element = Element(QUERY)
    element.append(data_forms.to_element(QUERY_FORM))
    return element


def fin_from_element(element: Element) -> ArchiveFin:
    """Read the end of an answer.

    Raises:
        MalformedStanzaError: It is none, or has no result set.
    """
    _require(element, FIN)
    found = element.find(result_sets.SET)
    if found is None:
        message = "expected a result set in the end of an answer"
        raise MalformedStanzaError(message)
    return ArchiveFin(
        result_sets.result_from_element(found),
        _TRUTHS.get(element.get("complete", ""), False),
        _TRUTHS.get(element.get("stable", ""), True),
    )


def fin_to_element(fin: ArchiveFin) -> Element:
    """Write the end of an answer."""
    element = Element(FIN)
    if fin.is_complete:
        element.set("complete", "true")
    if not fin.is_stable:
        element.set("stable", "false")
    element.append(result_sets.result_to_element(fin.result))
    return element


def result_bytes(archive_id: str, moment: datetime, stanza: bytes, *, query_id: str = "") -> bytes:
    """Write one result, to be the child of a message (section 4.2; XEP-0297).

    Args:
        archive_id: The stanza's id in the archive.
        moment: When the archive got it (UTC, aware).
        stanza: The message; its top element declares ``xmlns='jabber:client'`` itself.
        query_id: What the question named; empty if nothing.
    """
    named = attribute("queryid", query_id) if query_id else ""
    head = (
        f"<result xmlns='{ARCHIVE}'{named}{attribute('id', archive_id)}>"
        f"<forwarded xmlns='{FORWARDING}'>"
        f"<delay xmlns='urn:xmpp:delay' stamp='{delay.moment_to_text(moment)}'/>"
    )
    return b"%b%b</forwarded></result>" % (head.encode(), stanza)


def result_from_element(message: Element) -> ArchivedMessage | None:
    """Read the result that a message brings; None if it brings none.

    Raises:
        MalformedStanzaError: The result has no id, or forwards nothing.
    """
    result = message.find(RESULT)
    if result is None:
        return None
    forwarded = result.find(FORWARDED)
    archive_id = result.get("id", "")
    if forwarded is None or not archive_id:
        text = "expected a result with an id and something forwarded"
        raise MalformedStanzaError(text)
    others = [child for child in forwarded if child.tag != delay.DELAY_ELEMENT]
    return ArchivedMessage(
        archive_id,
        others[0] if others else None,
        next(iter(delay.delays_of(forwarded)), None),
        result.get("queryid", ""),
    )


def metadata_from_element(element: Element) -> ArchiveMetadata:
    """Read where an archive begins and ends.

    Raises:
        MalformedStanzaError: It does not say so.
    """
    _require(element, METADATA)
    return ArchiveMetadata(_edge(element, _START), _edge(element, _END))


def metadata_to_element(metadata: ArchiveMetadata) -> Element:
    """Write where an archive begins and ends; empty as a question or for an empty archive."""
    element = Element(METADATA)
    for tag, edge in ((_START, metadata.start), (_END, metadata.end)):
        if edge is not None:
            stamp = delay.moment_to_text(edge.moment)
            SubElement(element, tag, id=edge.archive_id, timestamp=stamp)
    return element


def _filter(form: DataForm) -> ArchiveFilter:
    if form.kind is not FormKind.SUBMIT or form.form_type != ARCHIVE:
        message = f"expected a submitted form of type {ARCHIVE}"
        raise MalformedStanzaError(message)
    unknown = next((one.var for one in form.fields if one.var not in _FIELDS), None)
    if unknown is not None:
        text = f"the field {unknown[:80]} is not known"
        raise StanzaError(StanzaCondition.FEATURE_NOT_IMPLEMENTED, text)
    return ArchiveFilter(
        _jid(form.value("with")),
        _moment(form.value("start")),
        _moment(form.value("end")),
        form.value("after-id"),
        form.value("before-id"),
        tuple(dict.fromkeys(form.values("ids"))),
        _TRUTHS.get(form.value("include-groupchat")),
    )


def _fields_of(wanted: ArchiveFilter) -> list[FormField]:
    groupchat = {None: "", True: "true", False: "false"}[wanted.has_groupchat]
    singles = {
        "with": "" if wanted.counterpart is None else str(wanted.counterpart),
        "start": "" if wanted.start is None else delay.moment_to_text(wanted.start),
        "end": "" if wanted.end is None else delay.moment_to_text(wanted.end),
        "before-id": wanted.before_id,
        "after-id": wanted.after_id,
        "include-groupchat": groupchat,
    }
    fields = [FormField(var, (value,)) for var, value in singles.items() if value]
    return [*fields, FormField("ids", wanted.ids)] if wanted.ids else fields


def _jid(text: str) -> Jid | None:
    try:
        return parse_jid(text) if text else None
    except AddressError as error:
        message = f"{text[:80]!r} is no address"
        raise MalformedStanzaError(message) from error


def _moment(text: str) -> datetime | None:
    return delay.moment_from_text(text) if text else None


def _edge(element: Element, tag: str) -> ArchiveEdge | None:
    found = element.find(tag)
    if found is None:
        return None
    if not found.get("id"):
        message = f"expected an id in {tag}"
        raise MalformedStanzaError(message)
    return ArchiveEdge(found.get("id", ""), delay.moment_from_text(found.get("timestamp", "")))


def _require(element: Element, tag: str) -> None:
    if element.tag != tag:
        message = f"expected {tag}, got {element.tag}"
        raise MalformedStanzaError(message)
