"""What only an owner does: configuration and destruction (XEP-0045 1.35.5, 10.1, 10.2 and 10.9)."""

from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.room_state.affiliations import AffiliationEntry
from embedded_server.modules.room_state.list_changes import (
    OccupantChanged,
    RoomChange,
    RoomEvent,
    apply_change,
    remove_strangers,
)
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.room_book import RoomBook, Stored
from embedded_server.plugin_api import IqRequest, Payload, Sequel
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas import data_forms
from shared_protocol.stanzas.data_forms import DataForm, FormKind
from shared_protocol.stanzas.rooms import owner_query
from shared_protocol.stanzas.rooms.configuration import (
    ConfigurationAnswers,
    RoomConfiguration,
    answers_to,
    configuration_form,
)
from shared_protocol.stanzas.rooms.permissions import AffiliationPrivilege, affiliation_allows
from shared_protocol.stanzas.rooms.ranks import Affiliation
from shared_protocol.stanzas.rooms.room_payload import Destruction
from shared_protocol.stanzas.rooms.status_codes import StatusCode

Answer = Payload | Coroutine[Any, Any, Payload]
_DESCRIPTION_FACTOR = 10


class OwnerRequests:
    """Answers ``muc#owner``."""

    def __init__(self, *, book: RoomBook) -> None:
        self._book = book

    def answer(self, room: Room, request: IqRequest) -> Answer:
        """Answer a get or set.

        Raises:
            StanzaError: Who asks is no owner, or what he wants cannot be.
        """
        affiliation = room.affiliations.of(request.sender.bare)
        if not affiliation_allows(affiliation, AffiliationPrivilege.CONFIGURE):
            raise StanzaError(StanzaCondition.FORBIDDEN, "only owners may do that")
        if not request.is_set:
            return _form(room)
        destruction = owner_query.destruction_of(request.payload)
        if destruction is not None:
            return self._destroyed(room, destruction)
        form = data_forms.form_of(request.payload)
        if form is None:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "expected a form")
        return self._take_form(room, form)

    def _take_form(self, room: Room, form: DataForm) -> Answer:
        if form.kind is FormKind.CANCEL:  # section 10.1.3
            return self._destroyed(room, Destruction()) if room.is_locked else None
        answers = answers_to(form, room.configuration)
        configuration = self._checked(answers.configuration)
        change = _list_change(room, answers, configuration)
        entries = tuple(change.affiliations.items())
        write = partial(self._book.configure, room, configuration, entries)
        return self._configure(room, configuration, change, self._book.written(room, write))

    def _checked(self, configuration: RoomConfiguration) -> RoomConfiguration:
        """Keep a configuration within what the service allows (section 10.1.3).

        Raises:
            StanzaError: ``not-acceptable``, a text is too long.
        """
        limits = self._book.limits
        most = limits.name_characters
        short = (configuration.name, configuration.password, configuration.language)
        long = (configuration.pubsub_node, configuration.description)
        if most and (
            max(map(len, short)) > most or max(map(len, long)) > most * _DESCRIPTION_FACTOR
        ):
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "a text is too long")
        if not limits.history_messages:
            return configuration
        history = min(configuration.history_messages, limits.history_messages)
        return replace(configuration, history_messages=history)

    async def _configure(
        self, room: Room, configuration: RoomConfiguration, change: RoomChange, stored: Stored
    ) -> Payload:
        release = await stored
        before, is_new = room.configuration, room.is_locked
        room.configuration, room.is_locked = configuration, False
        events = apply_change(room, change)
        if configuration.is_members_only and not before.is_members_only:
            events += remove_strangers(room)
        events += _shown_and_hidden(room, events)
        fan_out.tell_removed(room, events)
        codes = (
            set() if is_new else _codes(before, configuration, has_lists=bool(change.affiliations))
        )

        def tell() -> None:
            fan_out.tell_others(room, events)
            fan_out.tell_codes(room, codes)
            self._book.end_if_deserted(room)
            release(_nothing)

        return Sequel(None, tell)

    def _destroyed(self, room: Room, destruction: Destruction) -> Answer:
        stored = self._book.written(room, partial(self._book.remove, room))
        return self._destroy(room, destruction, stored)

    async def _destroy(self, room: Room, destruction: Destruction, stored: Stored) -> Payload:
        """Tell all, then the owner (section 10.9)."""
        release = await stored
        fan_out.tell_destroyed(room, destruction)
        self._book.forget(room)
        return Sequel(None, partial(release, _nothing))


def _form(room: Room) -> Element:
    form = configuration_form(
        room.configuration,
        admins=room.affiliations.listed(Affiliation.ADMIN),
        owners=room.affiliations.listed(Affiliation.OWNER),
        title=f"Configuration of {room.jid.localpart}",
    )
    return owner_query.form_query(data_forms.to_element(form))


def _list_change(
    room: Room, answers: ConfigurationAnswers, configuration: RoomConfiguration
) -> RoomChange:
    """Turn the full lists of a form into what they change (section 10.2).

    Whoever is owner no more stays admin, and whoever is admin no more stays member where only
    members get in, unless a list says more.

    Raises:
        StanzaError: ``conflict``, nobody would be left as owner; ``not-acceptable``, a domain.
    """
    change = RoomChange()
    affiliations = room.affiliations
    old_owners = affiliations.listed(Affiliation.OWNER)
    owners = old_owners if answers.owners is None else answers.owners
    if not owners:
        raise StanzaError(StanzaCondition.CONFLICT, "a room needs an owner")
    old_admins = affiliations.listed(Affiliation.ADMIN)
    former = tuple(jid for jid in old_owners if jid not in owners)
    admins = (*old_admins, *former) if answers.admins is None else answers.admins
    if any(not jid.localpart for jid in (*owners, *admins)):
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "a domain is no person")
    lowest = Affiliation.MEMBER if configuration.is_members_only else Affiliation.NONE
    wanted = dict.fromkeys((*old_owners, *old_admins), lowest)
    wanted |= dict.fromkeys(admins, Affiliation.ADMIN)
    wanted |= dict.fromkeys(owners, Affiliation.OWNER)
    for jid, affiliation in wanted.items():
        entry = affiliations.entry(jid)
        if entry.affiliation is not affiliation:
            change.affiliations[jid] = AffiliationEntry(affiliation, entry.nickname)
    return change


def _shown_and_hidden(room: Room, told: list[RoomEvent]) -> list[RoomEvent]:
    """Find those whose presence is shown from now on, or not any more (section 10.1.3)."""
    changed = {event.occupant for event in told}
    roles = room.configuration.broadcast_roles
    return [
        OccupantChanged(occupant)
        for occupant in room.occupants
        if occupant not in changed and occupant.is_shown != (occupant.role in roles)
    ]


def _codes(
    before: RoomConfiguration, after: RoomConfiguration, *, has_lists: bool
) -> set[StatusCode]:
    """Return what all are told (section 10.2.1)."""
    codes = set()
    if after.is_logged != before.is_logged:
        codes.add(StatusCode.IS_LOGGED if after.is_logged else StatusCode.IS_NOT_LOGGED)
    if after.is_non_anonymous != before.is_non_anonymous:
        codes.add(
            StatusCode.NOW_NON_ANONYMOUS
            if after.is_non_anonymous
            else StatusCode.NOW_SEMI_ANONYMOUS
        )
    alike = replace(before, is_logged=after.is_logged, is_non_anonymous=after.is_non_anonymous)
    if alike != after or (has_lists and not codes):
        codes.add(StatusCode.CONFIGURATION_CHANGED)
    return codes


def _nothing() -> None:
    pass
