"""What the reader has marked: from a place in a message to one in the same or another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place between two characters of the log.

    Rows are told by message id, so that a selection stays when rows are put in above it.
    """

    message_id: int
    character: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Where the reader began to mark, and where the mark ends now."""

    anchor: Place
    cursor: Place

    @property
    def is_empty(self) -> bool:
        """True if nothing lies between the two places."""
        return self.anchor == self.cursor

    @property
    def first(self) -> Place:
        """The earlier place."""
        return min(self.anchor, self.cursor)

    @property
    def last(self) -> Place:
        """The later place."""
        return max(self.anchor, self.cursor)

    def characters_of(self, message_id: int, length: int) -> tuple[int, int]:
        """Return start and end of the marked part of one message; equal if none of it is marked."""
        if not self.first.message_id <= message_id <= self.last.message_id:
            return 0, 0
        start = self.first.character if message_id == self.first.message_id else 0
        end = self.last.character if message_id == self.last.message_id else length
        return min(start, length), min(end, length)
