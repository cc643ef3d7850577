"""What rooms and their service are and can do (XEP-0045 1.35.5, sections 6 and 7.12)."""

from collections.abc import Coroutine, Iterator
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.room_requests.hat_requests import command_info, command_items
from embedded_server.modules.room_requests.room_vcards import RoomVcards
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.plugin_api import IqRequest
from shared_protocol.addresses import Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import ROOM_PAGE
from shared_protocol.namespaces import (
    ARCHIVE,
    ARCHIVE_EXTENDED,
    CHANNEL_SEARCH,
    COMMANDS,
    DISCO_INFO,
    DISCO_ITEMS,
    HATS,
    MODERATION,
    MODERATION_BEFORE,
    MUC,
    MUC_CONFIGURATION,
    MUC_INFORMATION,
    MUC_REGISTRATION,
    MUC_REQUEST,
    MUC_SELF_PING,
    MUC_STABLE_IDS,
    MUC_TRAFFIC,
    OCCUPANT_IDS,
    REGISTRATION,
    RESULT_SETS,
    STANZA_IDS,
    VCARD,
)
from shared_protocol.stanzas import result_sets
from shared_protocol.stanzas.disco import (
    DiscoInfo,
    DiscoItem,
    DiscoItems,
    Identity,
    info_to_element,
    items_to_element,
)
from shared_protocol.stanzas.result_sets import PageRequest, page_of_list
from shared_protocol.stanzas.rooms import channel_search
from shared_protocol.stanzas.rooms.channel_search import FoundRoom, RoomSearch, SearchOrder
from shared_protocol.stanzas.rooms.ranks import Affiliation
from shared_protocol.stanzas.rooms.room_information import RoomInformation, to_form

Answer = Element | Coroutine[Any, Any, Element]

_NICKNAME_NODE = "x-roomuser-item"  # section 7.12
_CATEGORY, _TYPE = "conference", "text"
_SERVICE = Identity(_CATEGORY, _TYPE, "Rooms")
_SERVICE_FEATURES = (
    CHANNEL_SEARCH,
    DISCO_INFO,
    DISCO_ITEMS,
    MUC,
    MUC_STABLE_IDS,
    OCCUPANT_IDS,
    RESULT_SETS,
    VCARD,
)
_ROOM_FEATURES = (
    COMMANDS,
    DISCO_INFO,
    DISCO_ITEMS,
    HATS,
    MUC,
    MUC_CONFIGURATION,
    MUC_INFORMATION,
    MUC_REGISTRATION,
    MUC_REQUEST,
    MUC_SELF_PING,
    MUC_STABLE_IDS,
    OCCUPANT_IDS,
    REGISTRATION,
    STANZA_IDS,
    VCARD,
)
_ARCHIVE_FEATURES = (ARCHIVE, ARCHIVE_EXTENDED, MODERATION, MODERATION_BEFORE)


class RoomDiscovery:
    """Answers discovery and search."""

    def __init__(self, *, book: RoomBook, vcards: RoomVcards) -> None:
        self._book = book
        self._vcards = vcards

    def service_info(self, request: IqRequest) -> Element:
        """Tell what the service is.

        Raises:
            StanzaError: ``item-not-found`` for a node; it has none.
        """
        if request.payload.get("node"):
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return info_to_element(DiscoInfo((_SERVICE,), _SERVICE_FEATURES))

    def service_items(self, request: IqRequest) -> Element:
        """List the public rooms, by pages where there are many (section 6.3)."""
        node = request.payload.get("node", "")
        rooms = [] if node else sorted(self._public(), key=lambda room: room.jid.localpart)
        ids = [str(room.jid) for room in rooms]
        asked = result_sets.request_of(request.payload)
        page = page_of_list(ids, asked or PageRequest(), usual=ROOM_PAGE, most=ROOM_PAGE)
        items = tuple(DiscoItem(room.jid, _name(room)) for room in rooms[page.start : page.stop])
        answer = items_to_element(DiscoItems(items, node))
        if asked is not None or len(items) < len(ids):
            answer.append(result_sets.result_to_element(page.result))
        return answer

    def room_info(self, room: Room, request: IqRequest) -> Answer:
        """Tell what a room is (section 6.4), or the nickname that is reserved for who asks.

        Raises:
            StanzaError: For a node that it does not have.
        """
        match request.payload.get("node", ""):
            case "":
                return self._answer_info(room, request.sender)
            case node if node == _NICKNAME_NODE:
                return info_to_element(_reserved_nickname(room, request.sender))
            case node if node == MUC_TRAFFIC:  # section 18.1.1: all is passed on
                raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
            case node:
                described = command_info(node)
                if described is None:
                    raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
                return info_to_element(described)

    def _answer_info(self, room: Room, asker: Jid) -> Answer:
        if room.avatar_hashes is None:
            return self._load_and_answer(room, asker)
        return info_to_element(self._info(room, asker))

    async def _load_and_answer(self, room: Room, asker: Jid) -> Element:
        await self._vcards.load_hashes(room)
        return info_to_element(self._info(room, asker))

    def room_items(self, room: Room, request: IqRequest) -> Element:
        """List commands, and nobody: who is in a room is seen inside (section 6.5)."""
        node = request.payload.get("node", "")
        if node == COMMANDS:
            return items_to_element(command_items(room, request.sender))
        return items_to_element(DiscoItems(node=node))

    def search(self, request: IqRequest) -> Element:
        """Find public rooms (XEP-0433).

        Raises:
            StanzaError: What is looked for makes no sense.
        """
        wanted = channel_search.from_element(request.payload)
        if wanted is None:
            return channel_search.form_element()
        found = [room for room in self._public() if _is_found(room, wanted)]
        by_occupants = wanted.order is SearchOrder.OCCUPANTS
        found.sort(key=lambda room: (-len(room.occupants) * by_occupants, room.jid.localpart))
        ids = [str(room.jid) for room in found]
        page = page_of_list(ids, wanted.page, usual=ROOM_PAGE, most=ROOM_PAGE)
        rooms = map(_found_room, found[page.start : page.stop])
        return channel_search.result_to_element(rooms, page.result)

    def _public(self) -> Iterator[Room]:
        return (room for room in self._book if room.configuration.is_public and not room.is_locked)

    def _info(self, room: Room, asker: Jid) -> DiscoInfo:
        archive = _ARCHIVE_FEATURES if room.configuration.is_logged else ()
        features = (*_ROOM_FEATURES, *archive, *_kind_features(room))
        form = to_form(_information(room, asker))
        identity = Identity(_CATEGORY, _TYPE, _name(room))
        return DiscoInfo((identity,), tuple(sorted(features)), forms=(form,))


def _information(room: Room, asker: Jid) -> RoomInformation:
    """Tell the subject and how many are there only to those who may enter (section 14.4)."""
    configuration, subject = room.configuration, room.subject
    is_open = room.is_open_to(asker.bare)
    owners = room.affiliations.listed(Affiliation.OWNER) if configuration.is_non_anonymous else ()
    return RoomInformation(
        description=configuration.description,
        subject=subject.text if subject is not None and is_open else "",
        language=configuration.language,
        pubsub_node=configuration.pubsub_node,
        occupants=len(room.occupants) if is_open else None,
        history_messages=configuration.history_messages,
        has_open_subject=configuration.has_open_subject,
        contacts=tuple(map(str, owners)),
        avatar_hashes=room.avatar_hashes or (),
        hats_hash=room.hats.hash,
    )


def _kind_features(room: Room) -> tuple[str, ...]:
    """Return the features of the registry that say which kind of room it is (section 15.3)."""
    one = room.configuration
    return (
        "muc_public" if one.is_public else "muc_hidden",
        "muc_membersonly" if one.is_members_only else "muc_open",
        "muc_moderated" if one.is_moderated else "muc_unmoderated",
        "muc_nonanonymous" if one.is_non_anonymous else "muc_semianonymous",
        "muc_passwordprotected" if one.password else "muc_unsecured",
        "muc_persistent" if one.is_persistent else "muc_temporary",
    )


def _reserved_nickname(room: Room, asker: Jid) -> DiscoInfo:
    nickname = room.affiliations.entry(asker.bare).nickname
    identities = (Identity(_CATEGORY, _TYPE, nickname),) if nickname else ()
    return DiscoInfo(identities, node=_NICKNAME_NODE)


def _is_found(room: Room, wanted: RoomSearch) -> bool:
    one = room.configuration
    if not wanted.has_rooms or len(room.occupants) < wanted.fewest_occupants:
        return False
    texts = (
        _name(room) if wanted.is_in_names else "",
        one.description if wanted.is_in_descriptions else "",
        str(room.jid) if wanted.is_in_addresses else "",
    )
    text = "\n".join(texts).casefold()
    return all(word in text for word in wanted.words)


def _found_room(room: Room) -> FoundRoom:
    one = room.configuration
    return FoundRoom(
        room.jid,
        _name(room),
        one.description,
        one.language,
        len(room.occupants),
        not one.is_members_only and not one.password,
        not one.is_non_anonymous,
    )


def _name(room: Room) -> str:
    return room.configuration.name or room.jid.localpart
