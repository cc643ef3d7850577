"""What a room tells by a number (XEP-0045 1.35.5, section 15.6.2).

Example::

    <x xmlns='http://jabber.org/protocol/muc#user'>
      <item affiliation='none' role='none'/>
      <status code='110'/>
      <status code='307'/>
    </x>
"""

from enum import IntEnum


class StatusCode(IntEnum):
    """A code of the registry."""

    JIDS_ARE_SHOWN = 100
    """On entering: every occupant sees real JIDs."""
    AFFILIATION_CHANGED = 101
    """To who was away while his affiliation changed."""
    CONFIGURATION_CHANGED = 104
    """In a way that does not concern privacy."""
    SELF = 110
    """The presence is the receiver's own."""
    IS_LOGGED = 170
    """On entering, or from now on: what is said is kept for others to read."""
    IS_NOT_LOGGED = 171
    NOW_NON_ANONYMOUS = 172
    NOW_SEMI_ANONYMOUS = 173
    CREATED = 201
    """The room is new, and locked until it is configured."""
    NICKNAME_CHANGED_BY_ROOM = 210
    BANNED = 301
    NICKNAME_CHANGED = 303
    KICKED = 307
    REMOVED_BY_AFFILIATION = 321
    """No member any more, in a room for members."""
    REMOVED_AS_NO_MEMBER = 322
    """The room is for members from now on."""
    SERVICE_STOPS = 332
    REMOVED_BY_ERROR = 333
    """Nothing reaches the occupant any more."""
