"""The order in which things happen in a room: messages wait for the store, changes for messages."""

from functools import partial

from embedded_server.modules.room_state.room_turns import RoomTurns


class Diary:
    """What has happened, in order."""

    def __init__(self) -> None:
        self.turns = RoomTurns()
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        self.lines.append(line)

    def noting(self, line: str) -> "partial[None]":
        return partial(self.note, line)


def test_all_happens_at_once_where_nothing_waits() -> None:
    diary = Diary()

    diary.turns.run(diary.noting("change"))
    diary.turns.tell(diary.noting("message"))

    assert diary.lines == ["change", "message"]
    assert diary.turns.is_idle


def test_messages_are_sent_in_the_order_of_their_coming_whatever_the_store_does() -> None:
    diary = Diary()
    first, second = diary.turns.hold_for_message(), diary.turns.hold_for_message()
    diary.turns.tell(diary.noting("third"))

    second(diary.noting("second"))
    assert diary.lines == []
    first(diary.noting("first"))

    assert diary.lines == ["first", "second", "third"]


def test_change_waits_for_messages_and_what_comes_behind_it_is_judged_behind_it() -> None:
    diary = Diary()
    message = diary.turns.hold_for_message()
    assert not diary.turns.is_changing

    diary.turns.run(diary.noting("change"))

    assert diary.turns.is_changing
    message(diary.noting("message"))
    assert diary.lines == ["message", "change"]
    assert not diary.turns.is_changing


def test_change_that_goes_to_the_store_keeps_its_place() -> None:
    diary = Diary()
    release = diary.turns.hold_for_change()
    diary.turns.run(diary.noting("second change"))
    assert diary.turns.is_changing

    release(diary.noting("first change"))

    assert diary.lines == ["first change", "second change"]
    assert diary.turns.is_idle


def test_what_a_change_begins_in_its_turn_comes_before_what_waited_behind_it() -> None:
    diary = Diary()
    message = diary.turns.hold_for_message()
    releases = []

    def change() -> None:
        diary.note("planned")
        assert not diary.turns.is_changing  # it has its turn just now
        releases.append(diary.turns.hold_for_change())

    diary.turns.run(change)
    diary.turns.run(diary.noting("later"))
    message()
    assert diary.lines == ["planned"]
    releases[0](diary.noting("done"))

    assert diary.lines == ["planned", "done", "later"]


def test_change_that_fails_does_not_stop_the_room() -> None:
    diary = Diary()
    message = diary.turns.hold_for_message()

    def fail() -> None:
        raise RuntimeError

    diary.turns.run(fail)
    diary.turns.run(diary.noting("later"))
    message()

    assert diary.lines == ["later"]
    assert not diary.turns.is_changing
    assert diary.turns.is_idle
