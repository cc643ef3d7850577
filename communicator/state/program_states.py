"""All state of the program, made once by the composition root."""

from dataclasses import dataclass, field

from communicator.state.connection import ConnectionState
from communicator.state.conversations import Conversations
from communicator.state.office import OfficeState
from communicator.state.preferences import PreferencesState
from communicator.state.presence import OwnPresenceState
from communicator.state.roster import Roster


@dataclass(frozen=True, slots=True)
class States:
    """What the program knows."""

    preferences: PreferencesState
    roster: Roster = field(default_factory=Roster)
    conversations: Conversations = field(default_factory=Conversations)
    own_presence: OwnPresenceState = field(default_factory=OwnPresenceState)
    connection: ConnectionState = field(default_factory=ConnectionState)
    office: OfficeState = field(default_factory=OfficeState)
