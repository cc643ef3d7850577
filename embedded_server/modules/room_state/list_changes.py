"""Changes of roles and affiliations: all of a request, or none (XEP-0045 1.35.5, 8 to 10, 17.4).

``plan_items`` judges a request and changes nothing; what it returns is stored, and then applied.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from embedded_server.modules.room_state.affiliations import AffiliationEntry
from embedded_server.modules.room_state.nicknames import nickname_key, require_nickname
from embedded_server.modules.room_state.occupants import Occupant
from embedded_server.modules.room_state.room import Room
from shared_protocol.addresses import AddressError, BareJid, Jid, prepare_resourcepart
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import RoomLimits
from shared_protocol.stanzas.rooms.admin_query import AdminItem
from shared_protocol.stanzas.rooms.permissions import (
    Rank,
    affiliation_change_refusal,
    default_role,
    role_change_refusal,
)
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role
from shared_protocol.stanzas.rooms.status_codes import StatusCode

_OF_DOMAINS = frozenset({Affiliation.OUTCAST, Affiliation.NONE})
_NICKNAME_HOLDERS = frozenset({Affiliation.MEMBER, Affiliation.ADMIN, Affiliation.OWNER})


@dataclass(frozen=True, slots=True)
class OccupantChanged:
    """An occupant has another role or affiliation, or is shown again."""

    occupant: Occupant
    reason: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class OccupantRemoved:
    """An occupant is out; its devices are still named by it, so that they can be told.

    Attributes:
        code: Why.
        actor: Nickname of who did it; empty if nobody, or somebody who is not in the room.
    """

    occupant: Occupant
    code: StatusCode
    reason: str = ""
    actor: str = ""


RoomEvent = OccupantChanged | OccupantRemoved


@dataclass(slots=True)
class RoomChange:
    """What a request changes.

    Attributes:
        affiliations: New entries by address.
        roles: New roles and reasons by occupant.
        actor: Nickname of who wants it; empty if he is not in the room.
    """

    affiliations: dict[BareJid, AffiliationEntry] = field(default_factory=dict)
    roles: dict[Occupant, tuple[Role, str]] = field(default_factory=dict)
    actor: str = ""


class _Plan:
    """A request that is being judged; what was judged counts for what comes after it."""

    def __init__(self, room: Room, actor: Jid, limits: RoomLimits) -> None:
        self._room = room
        self._limits = limits
        self._actor = actor.bare
        self._rank = room.rank_of(actor)
        session = room.occupants.session(actor)
        self._own = None if session is None else session.occupant
        self.change = RoomChange(actor="" if self._own is None else self._own.nickname)

    def add(self, item: AdminItem) -> None:
        """Judge one item."""
        if (item.affiliation is None) == (item.role is None):  # section 17.4
            raise StanzaError(StanzaCondition.BAD_REQUEST, "expected a role or an affiliation")
        if item.role is not None:
            self._add_role(item, item.role)
        elif item.affiliation is not None:
            self._add_affiliation(item, item.affiliation)

    def finish(self) -> RoomChange:
        """Judge the whole: a room always has an owner (section 10)."""
        affiliations = self._room.affiliations
        owners, entries = affiliations.count(Affiliation.OWNER), len(affiliations)
        for jid, entry in self.change.affiliations.items():
            before = affiliations.entry(jid).affiliation
            owners += (entry.affiliation is Affiliation.OWNER) - (before is Affiliation.OWNER)
            entries += (before is Affiliation.NONE) - (entry.affiliation is Affiliation.NONE)
        if not owners:
            raise StanzaError(StanzaCondition.CONFLICT, "a room needs an owner")
        if 0 < self._limits.affiliations < entries:
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "the lists are full")
        return self.change

    def _add_role(self, item: AdminItem, wanted: Role) -> None:
        if not item.nickname:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "a role belongs to a nickname")
        if not self._rank.is_moderating:
            raise StanzaError(StanzaCondition.FORBIDDEN)
        occupant = self._room.occupants.named(item.nickname)
        if occupant is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "nobody has that nickname")
        before = self.change.roles.get(occupant, (occupant.role, ""))[0]
        target = Rank(self._entry(occupant.account).affiliation, before)
        is_self = occupant is self._own
        _refuse(role_change_refusal(self._rank, target, wanted, is_self=is_self))
        self.change.roles[occupant] = (wanted, item.reason)

    def _add_affiliation(self, item: AdminItem, wanted: Affiliation) -> None:
        if item.jid is None:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "an affiliation belongs to a JID")
        jid = item.jid.bare  # sections 10.3 to 10.8: a full JID stands for its account
        if not jid.localpart and wanted not in _OF_DOMAINS:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "a domain can only be banned")
        before = self._entry(jid)
        is_self = jid == self._actor
        _refuse(
            affiliation_change_refusal(
                self._rank.affiliation, before.affiliation, wanted, is_self=is_self
            )
        )
        nickname = self._nickname(item, jid, before) if wanted in _NICKNAME_HOLDERS else ""
        self.change.affiliations[jid] = AffiliationEntry(wanted, nickname, item.reason)

    def _entry(self, jid: BareJid) -> AffiliationEntry:
        planned = self.change.affiliations.get(jid)
        return self._room.affiliations.entry(jid) if planned is None else planned

    def _nickname(self, item: AdminItem, jid: BareJid, before: AffiliationEntry) -> str:
        """Return which nickname is reserved (sections 9.3 and 9.5)."""
        if item.nickname is None:
            return before.nickname
        if not item.nickname:
            return ""
        nickname = checked_nickname(item.nickname, self._limits)
        require_free(self._room, nickname, jid, self.change.affiliations)
        return nickname


def plan_items(
    room: Room, actor: Jid, items: Iterable[AdminItem], limits: RoomLimits
) -> RoomChange:
    """Judge the items of a request, in order.

    Raises:
        StanzaError: One of them may not be; then none is.
    """
    plan = _Plan(room, actor, limits)
    for item in items:
        plan.add(item)
    return plan.finish()


def checked_nickname(text: str, limits: RoomLimits) -> str:
    """Prepare a nickname that somebody wants to have reserved.

    Raises:
        StanzaError: ``jid-malformed`` or ``not-acceptable``.
    """
    try:
        nickname = prepare_resourcepart(text)
    except AddressError as error:
        raise StanzaError(StanzaCondition.JID_MALFORMED, str(error)) from error
    require_nickname(nickname, limits.nickname_characters)
    return nickname


def require_free(
    room: Room,
    nickname: str,
    account: BareJid,
    planned: Mapping[BareJid, AffiliationEntry] | None = None,
) -> None:
    """Refuse a nickname that is somebody else's, by registration or by use (section 7.2.8).

    Args:
        room: Where.
        nickname: Prepared.
        account: Who wants it.
        planned: Entries that are about to be, by address.

    Raises:
        StanzaError: ``conflict``.
    """
    key = nickname_key(nickname)
    planned = planned or {}
    holder = room.affiliations.holder_of(nickname)
    is_held = holder not in {None, account} and holder not in planned
    is_planned = any(
        jid != account and entry.nickname and nickname_key(entry.nickname) == key
        for jid, entry in planned.items()
    )
    user = room.occupants.like(nickname)
    if is_held or is_planned or (user is not None and user.account != account):
        raise StanzaError(StanzaCondition.CONFLICT, "the nickname is taken")


def apply_change(room: Room, change: RoomChange) -> list[RoomEvent]:
    """Make a change that was judged, and return what there is to tell, in order."""
    room.affiliations.put_all(change.affiliations.items())
    events: list[RoomEvent] = []
    for occupant in _concerned(room, change):
        entry = change.affiliations.get(occupant.account)
        reason = "" if entry is None else entry.reason
        event = _affiliation_event(room, occupant, reason, change.actor)
        if event is not None:
            events.append(event)
    for occupant, (role, reason) in change.roles.items():
        if room.occupants.named(occupant.nickname) is occupant:
            events.extend(_role_events(room, occupant, role, reason, change.actor))
    return events


def _concerned(room: Room, change: RoomChange) -> list[Occupant]:
    accounts = change.affiliations.keys()
    if any(not jid.localpart for jid in accounts):
        return list(room.occupants)
    return [occupant for jid in accounts for occupant in room.occupants.of(jid)]


def _affiliation_event(room: Room, occupant: Occupant, reason: str, actor: str) -> RoomEvent | None:
    before, after = occupant.affiliation, room.affiliations.of(occupant.account)
    if before is after:
        return None
    occupant.affiliation = after
    if after is Affiliation.OUTCAST:
        return _removed(room, occupant, StatusCode.BANNED, reason, actor)
    if after is Affiliation.NONE and room.configuration.is_members_only:
        return _removed(room, occupant, StatusCode.REMOVED_BY_AFFILIATION, reason, actor)
    occupant.role = role_after(room, occupant.role, before, after)
    occupant.tails = None
    return OccupantChanged(occupant, reason, actor)


def role_after(room: Room, role: Role, before: Affiliation, after: Affiliation) -> Role:
    """Return the role that goes with another affiliation (section 5.1.3).

    What is gained is fixed: admins and owners moderate, members have voice. Whoever is admin or
    owner no more gets what he would on entering; who loses membership keeps his role.
    """
    if after.is_in_charge:
        return Role.MODERATOR
    if before.is_in_charge:
        return default_role(after, is_moderated=room.configuration.is_moderated)
    if after is Affiliation.MEMBER and role is Role.VISITOR:
        return Role.PARTICIPANT
    return role


def _role_events(
    room: Room, occupant: Occupant, role: Role, reason: str, actor: str
) -> list[RoomEvent]:
    if role is Role.NONE:
        return [_removed(room, occupant, StatusCode.KICKED, reason, actor)]
    if role is occupant.role:
        return []
    occupant.role = role
    occupant.tails = None
    return [OccupantChanged(occupant, reason, actor)]


def _removed(
    room: Room, occupant: Occupant, code: StatusCode, reason: str = "", actor: str = ""
) -> OccupantRemoved:
    room.occupants.remove(occupant)
    return OccupantRemoved(occupant, code, reason, actor)


def remove_strangers(room: Room) -> list[RoomEvent]:
    """Take those out who are no members, as the room is for members now (section 10.2)."""
    return [
        _removed(room, occupant, StatusCode.REMOVED_AS_NO_MEMBER)
        for occupant in room.occupants
        if occupant.affiliation is Affiliation.NONE
    ]


def _refuse(condition: StanzaCondition | None) -> None:
    if condition is not None:
        raise StanzaError(condition)
