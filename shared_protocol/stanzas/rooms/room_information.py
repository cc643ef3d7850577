"""What a room tells about itself in discovery (XEP-0045 1.35.5, 6.4; XEP-0486 0.1.0, 3.3).

Example::

    <query xmlns='http://jabber.org/protocol/disco#info'>
      <identity category='conference' name='A Dark Cave' type='text'/>
      <feature var='http://jabber.org/protocol/muc'/>
      <x xmlns='jabber:x:data' type='result'>
        <field var='FORM_TYPE' type='hidden'>
          <value>http://jabber.org/protocol/muc#roominfo</value>
        </field>
        <field var='muc#roominfo_subject'><value>Spells</value></field>
        <field var='muc#roominfo_occupants'><value>3</value></field>
      </x>
    </query>
"""

from dataclasses import dataclass

from shared_protocol.namespaces import MUC_INFORMATION
from shared_protocol.stanzas.disco import DiscoField, DiscoForm, DiscoInfo

_DESCRIPTION = "muc#roominfo_description"
_SUBJECT = "muc#roominfo_subject"
_OCCUPANTS = "muc#roominfo_occupants"
_LANGUAGE = "muc#roominfo_lang"
_CONTACTS = "muc#roominfo_contactjid"
_AVATARS = "muc#roominfo_avatarhash"
_OPEN_SUBJECT = "muc#roominfo_subjectmod"
_HISTORY = "muc#maxhistoryfetch"
_PUBSUB = "muc#roomconfig_pubsub"
_HATS = "hats#hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInformation:
    """What is told; what is empty or None is not told.

    Attributes:
        contacts: Addresses to write to, as texts.
        avatar_hashes: SHA-1 of each of the room's pictures, hexadecimal.
        has_open_subject: Whether those with voice may set the subject.
        hats_hash: Changes with the hats that the room has (XEP-0317).
    """

    description: str = ""
    subject: str = ""
    language: str = ""
    pubsub_node: str = ""
    occupants: int | None = None
    history_messages: int | None = None
    has_open_subject: bool | None = None
    contacts: tuple[str, ...] = ()
    avatar_hashes: tuple[str, ...] = ()
    hats_hash: str = ""


def to_form(information: RoomInformation) -> DiscoForm:
    """Make the form that goes with the answer to a discovery."""
    one = information
    subject_mode = {None: "", True: "1", False: "0"}[one.has_open_subject]
    singles = {
        _DESCRIPTION: one.description,
        _SUBJECT: one.subject,
        _OCCUPANTS: "" if one.occupants is None else str(one.occupants),
        _LANGUAGE: one.language,
        _OPEN_SUBJECT: subject_mode,
        _HISTORY: "" if one.history_messages is None else str(one.history_messages),
        _PUBSUB: one.pubsub_node,
        _HATS: one.hats_hash,
    }
    fields = [DiscoField(var, (value,)) for var, value in singles.items() if value]
    for var, values in ((_CONTACTS, one.contacts), (_AVATARS, one.avatar_hashes)):
        if values:
            fields.append(DiscoField(var, values))
    return DiscoForm((MUC_INFORMATION,), tuple(fields))


def information_of(info: DiscoInfo) -> RoomInformation:
    """Return what a room told; what cannot be read counts as not told."""
    form = next((one for one in info.forms if one.form_types == (MUC_INFORMATION,)), None)
    values = {} if form is None else {one.var: one.values for one in form.fields if one.values}
    singles = {var: several[0] for var, several in values.items()}
    is_open = {"1": True, "true": True, "0": False, "false": False}.get(
        singles.get(_OPEN_SUBJECT, "")
    )
    return RoomInformation(
        description=singles.get(_DESCRIPTION, ""),
        subject=singles.get(_SUBJECT, ""),
        language=singles.get(_LANGUAGE, ""),
        pubsub_node=singles.get(_PUBSUB, ""),
        occupants=_number(singles.get(_OCCUPANTS, "")),
        history_messages=_number(singles.get(_HISTORY, "")),
        has_open_subject=is_open,
        contacts=values.get(_CONTACTS, ()),
        avatar_hashes=values.get(_AVATARS, ()),
        hats_hash=singles.get(_HATS, ""),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None  # noqa: PLR2004 - no room is larger
