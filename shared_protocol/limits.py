"""What a peer may cost: one table for both ends; the server's settings may change some.

Sizes are in bytes, times in seconds. A value of 0 lifts a limit where the settings allow it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What one top-level element of a stream may cost; counted while the bytes arrive.

    Attributes:
        tag_bytes: Longest tag that expat may wait for.
    """

    stanza_bytes: int = 262_144
    depth: int = 64
    elements: int = 5_000
    attributes: int = 64
    tag_bytes: int = 16_384


BEFORE_LOGIN = StreamLimits(stanza_bytes=10_000, depth=16, elements=200, tag_bytes=4_096)
CLIENT_STREAM = StreamLimits()
COMPONENT_STREAM = StreamLimits(stanza_bytes=524_288)
FIRST_ROSTER = StreamLimits(stanza_bytes=1_048_576, elements=25_000)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What connections may cost, as a whole."""

    negotiation_seconds: float = 30.0
    per_address_before_login: int = 20
    before_login: int = 500
    soft_buffer_bytes: int = 65_536
    hard_buffer_bytes: int = 1_048_576
    write_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What one session may send in the long run; reading pauses beyond."""

    bytes_per_second: int = 524_288
    stanzas_per_second: int = 200
    burst_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """How often a password may be wrong: on one stream, and for one account and address."""

    tries_per_stream: int = 5
    failures: int = 5
    failure_window_seconds: float = 300.0
    longest_delay_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """How long the tokens of devices are good for logins (XEP-0484).

    Attributes:
        renewed_after_seconds: Who logs in with an older one gets another.
        devices: Of one account; the tokens of those that got theirs first go.
    """

    valid_seconds: int = 30 * 86_400
    renewed_after_seconds: int = 86_400
    devices: int = 50


@dataclass(frozen=True, slots=True)
class ScramLimits:
    """What a SCRAM challenge may ask for (RFC 5802, section 9)."""

    fewest_iterations: int = 4_096
    most_iterations: int = 1_000_000
    longest_salt_bytes: int = 1_024
    longest_message_bytes: int = 8_192


@dataclass(frozen=True, slots=True)
class RosterLimits:
    """What a roster may hold.

    Attributes:
        remembered_changes: How many versions back a client is told what changed since.
    """

    items: int = 1_000
    groups_per_item: int = 50
    name_bytes: int = 1_023
    waiting_requests: int = 1_000
    directed_presence: int = 1_000
    request_bytes: int = 10_000
    remembered_changes: int = 500


@dataclass(frozen=True, slots=True)
class CommandLimits:
    """Ad-hoc commands of one resource that are begun and not finished (XEP-0050)."""

    executions: int = 20
    execution_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class ComponentLimits:
    """What a component may cost (XEP-0114); it is trusted more than a client.

    Attributes:
        secret_characters: The shortest secret that is accepted.
        waiting_turns: Stanzas that wait for the store; beyond, reading pauses.
    """

    negotiation_seconds: float = 30.0
    secret_characters: int = 16
    waiting_turns: int = 1_000


@dataclass(frozen=True, slots=True)
class PushLimits:
    """What push services may cost (XEP-0357).

    Attributes:
        services: Of one account.
        failures: In a row; then a service that only passes by is told no more.
        text_characters: Of the last message, where the settings let it be told.
    """

    services: int = 10
    options_bytes: int = 4_096
    node_characters: int = 1_023
    failures: int = 5
    text_characters: int = 200


@dataclass(frozen=True, slots=True)
class BlockLimits:
    """How many addresses an account may block (XEP-0191)."""

    addresses: int = 1_000


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """What is kept for one account that is away."""

    messages: int = 1_000
    size_bytes: int = 67_108_864


@dataclass(frozen=True, slots=True)
class DoubleLimits:
    """How many of the newest messages are recognised when they are sent a second time."""

    remembered_messages: int = 65_536


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an answer of an archive may cost, and an account's preferences (XEP-0313, XEP-0441).

    Attributes:
        usual_results: Of a page whose size was not asked.
        ids_per_query: How many messages a query may name.
    """

    page_results: int = 250
    usual_results: int = 50
    page_bytes: int = 262_144
    query_seconds: float = 2.0
    counted_results: int = 10_000
    ids_per_query: int = 250
    preferences: int = 1_000


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """What rooms may cost.

    Attributes:
        rooms_of_one_owner: That one account has made or was given.
        occupants: Of one room, whatever its configuration says.
        spare_occupants: How many admins and owners get in beyond a full room.
        affiliations: Entries in the lists of one room.
        name_characters: Of a room's name; a description may have ten times as many.
        history_messages: That somebody who enters gets at most.
        events_per_second: Messages, changes of presence and entrances of somebody without
            affiliation, in the long run.
        burst_events: How many of them at once.
        presence_bytes: What an occupant says of itself in presence, as the room writes it.
        open_requests: IQs between occupants of one room that nobody has answered yet.
        hats: That one room has; as many wearers of each.
        vcard_bytes: Of a room's vCard with its picture.
    """

    rooms: int = 10_000
    rooms_of_one_owner: int = 100
    occupants: int = 1_000
    spare_occupants: int = 50
    affiliations: int = 5_000
    nickname_characters: int = 64
    name_characters: int = 200
    history_messages: int = 50
    events_per_second: float = 1.0
    burst_events: int = 20
    presence_bytes: int = 16_384
    open_requests: int = 1_000
    hats: int = 50
    vcard_bytes: int = 131_072


@dataclass(frozen=True, slots=True)
class ClientStateLimits:
    """What waits until somebody looks at a client again (XEP-0352); then all of it is sent."""

    held_stanzas: int = 100
    held_bytes: int = 32_768


@dataclass(frozen=True, slots=True)
class AcknowledgementLimits:
    """What may wait for a client's acknowledgement or for its return (XEP-0198).

    Attributes:
        waiting_bytes: Beyond them only stored messages wait, in the store.
        resumption_seconds: How long a session waits without a stream.
        sessions_without_stream: Of one account; the oldest end first.
        ended_sessions: Of one account, whose last count is still known.
    """

    waiting_stanzas: int = 500
    waiting_bytes: int = 65_536
    resumption_seconds: int = 600
    sessions_without_stream: int = 10
    ended_sessions: int = 10


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What the server itself may have asked and not heard yet."""

    answer_seconds: float = 30.0
    open_requests: int = 20_000


@dataclass(frozen=True, slots=True)
class InterestLimits:
    """What is kept about which events clients want (XEP-0163).

    Attributes:
        nodes: One client may want those of; what is beyond is not counted.
        known_capabilities: Answers that are kept, the latest ones.
    """

    nodes: int = 256
    known_capabilities: int = 2_000


@dataclass(frozen=True, slots=True)
class VcardLimits:
    """What a vCard may hold, without its photo."""

    vcard_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class PrivateDataLimits:
    """What an account may keep for itself (XEP-0049)."""

    element_bytes: int = 65_536
    stored_bytes: int = 1_048_576


@dataclass(frozen=True, slots=True)
class DirectoryLimits:
    """What one search may find."""

    results: int = 100


@dataclass(frozen=True, slots=True)
class PubSubLimits:
    """What one account may publish, at its own address and at the service of the domain.

    Attributes:
        items: Of a node; what ``max`` means as number of items.
        nodes: That one account has made, at each of both addresses.
        payload_bytes: Of an item, as the server writes it.
        avatar_bytes: The same for pictures of avatars.
        bookmark_bytes: The same for bookmarks.
        stored_bytes: Of all items of one account, at each of both addresses.
        answer_bytes: Of the payloads in one answer; the rest is on the next page.
        resident_bytes: What is longer is not kept in memory.
        idle_addresses: Whose nodes stay in memory although nobody uses them.
        name_bytes: Of a node's or an item's name.
        affiliations: Of a node.
        subscriptions: Of a node.
        subscriptions_of_entity: At one address.
        subscriptions_of_address: Of one address to one node, with different options.
    """

    items: int = 256
    nodes: int = 100
    payload_bytes: int = 65_536
    avatar_bytes: int = 262_144
    bookmark_bytes: int = 4_096
    stored_bytes: int = 33_554_432
    answer_bytes: int = 262_144
    resident_bytes: int = 4_096
    idle_addresses: int = 1_000
    name_bytes: int = 1_023
    affiliations: int = 1_000
    subscriptions: int = 10_000
    subscriptions_of_entity: int = 1_000
    subscriptions_of_address: int = 10


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What an HTTP connection may cost.

    Attributes:
        head_bytes: Longest head of a request.
        body_bytes: Longest content of a request that is not a file.
        head_seconds: For the handshake and a head, absolute.
        idle_seconds: Between two requests.
        pace_bytes, pace_seconds: So much content must arrive in so much time.
        waiting_bytes: Content that waits for whoever reads it; beyond, reading pauses.
        connections_per_address: That have not shown who they are; a browser opens several.
    """

    head_bytes: int = 16_384
    body_bytes: int = 1_048_576
    head_seconds: float = 20.0
    idle_seconds: float = 60.0
    pace_bytes: int = 16_384
    pace_seconds: float = 30.0
    waiting_bytes: int = 262_144
    connections_per_address: int = 100


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What may be uploaded (XEP-0363).

    Attributes:
        file_bytes: Of one file.
        profile_bytes: Of one that stays as long as the account.
        day_bytes, day_files: Of one account in 24 hours; slots that are not void count.
        total_bytes: Of all files of the office.
        free_bytes: What stays free on the disk.
        slot_seconds: Until then a slot must be used.
        file_name_bytes: Of a file's name; longer ones are cut.
        keep_days: How long a file is kept.
    """

    file_bytes: int = 104_857_600
    profile_bytes: int = 1_048_576
    day_bytes: int = 1_073_741_824
    day_files: int = 1_000
    total_bytes: int = 21_474_836_480
    free_bytes: int = 524_288_000
    slot_seconds: float = 300.0
    file_name_bytes: int = 200
    keep_days: int = 30


@dataclass(frozen=True, slots=True)
class BoshLimits:
    """What a session of BOSH is granted (XEP-0124, section 7.2).

    Attributes:
        wait_seconds, hold: How long a request is held at most, and how many of them.
        requests: How many may be open at once.
        inactivity_seconds: Until the next request, while none is held; poller_seconds the same for
            sessions in which none is ever held.
        polling_seconds: Between two requests that bring nothing, in such sessions.
        pause_seconds: Longest pause.
        answer_bytes: Beyond, what is to be said is parted among answers.
    """

    wait_seconds: int = 60
    hold: int = 1
    requests: int = 2
    inactivity_seconds: int = 30
    poller_seconds: int = 60
    polling_seconds: int = 2
    pause_seconds: int = 120
    answer_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """What the relay for byte streams takes (XEP-0065).

    Attributes:
        handshake_seconds: Until a connection has said its name.
        waiting_seconds: Until it must be joined to another.
        idle_seconds: Without a byte in either direction.
        streams, streams_of_account: That run at once.
    """

    handshake_seconds: float = 20.0
    waiting_seconds: float = 60.0
    idle_seconds: float = 300.0
    streams: int = 200
    streams_of_account: int = 10


JID_PART_BYTES = 1_023
ROOM_PAGE = 250
NOTICE_CHARACTERS = 65_536
LONGEST_STOP_DELAY_SECONDS = 3_600
STATUS_CHARACTERS = 1_023  # of the last presence of an account, as it is stored
CONTROL_LINE_BYTES = 1_048_576
