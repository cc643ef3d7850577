from collections.abc import Sequence
from dataclasses import replace

from communicator.state.conversations import DeliveryState
from communicator.state.message_log import KEPT_PAGES, PAGE_ROWS, MessageLog, RowRange
from tests.helpers.profile_data import JULIET, received


class Setting:
    """A log of so many messages, one a second, whose bodies are asked for here."""

    def __init__(self, count: int, first: int = 0) -> None:
        self.messages = [received(str(number), number) for number in range(first, first + count)]
        self.requested: list[list[int]] = []
        outline = [(message.message_id, len(message.body)) for message in self.messages]
        self.log = MessageLog(JULIET, outline, self._request)
        self.loaded: list[RowRange] = []
        self.inserted: list[RowRange] = []
        self.log.rows_loaded.connect(self.loaded.append)
        self.log.rows_inserted.connect(self.inserted.append)

    def _request(self, ids: Sequence[int]) -> None:
        self.requested.append(list(ids))

    def answer(self) -> None:
        by_id = {message.message_id: message for message in self.messages}
        for ids in self.requested:
            self.log.put_messages([by_id[message_id] for message_id in ids])
        self.requested.clear()


def test_missing_page_is_asked_for_once() -> None:
    setting = Setting(200)

    assert setting.log.message(70) is None
    assert setting.log.message(71) is None
    assert setting.requested == [
        [message.message_id for message in setting.messages[PAGE_ROWS : 2 * PAGE_ROWS]]
    ]

    setting.answer()

    assert setting.loaded == [RowRange(PAGE_ROWS, PAGE_ROWS)]
    assert setting.log.message(70).body == "70"
    assert setting.requested == []


def test_what_is_shown_stays_when_older_rows_come_in_front() -> None:
    setting = Setting(100, first=1_000)
    setting.log.message(50)
    setting.answer()

    setting.log.insert_older([(received("", number).message_id, 1) for number in range(777)])

    assert setting.inserted == [RowRange(0, 777)]
    assert setting.log.message(777 + 50).body == "1050"
    assert setting.requested == []


def test_new_message_goes_to_its_place_in_time() -> None:
    setting = Setting(3)

    setting.log.insert(received("between", 1.5))
    setting.log.insert(received("at the end", 9))

    assert setting.inserted == [RowRange(2, 1), RowRange(4, 1)]
    assert setting.log.message(2).body == "between"
    assert list(setting.log.lengths) == [1, 1, 7, 1, 10]


def test_message_that_is_there_is_changed_and_not_inserted() -> None:
    setting = Setting(3)
    changed: list[int] = []
    setting.log.row_changed.connect(changed.append)
    message = replace(setting.messages[1], state=DeliveryState.FAILED, body="longer")

    setting.log.insert(message)

    assert changed == [1]
    assert len(setting.log) == 3
    assert setting.log.lengths[1] == 6
    assert setting.log.message(1) == message


def test_removed_row_is_told() -> None:
    setting = Setting(3)
    removed: list[int] = []
    setting.log.row_removed.connect(removed.append)

    setting.log.remove(setting.messages[1].message_id)
    setting.log.remove(setting.messages[1].message_id)

    assert removed == [1]
    assert setting.log.row_of(setting.messages[1].message_id) is None
    assert setting.log.row_of(setting.messages[2].message_id) == 1


def test_bodies_that_were_not_wanted_for_long_are_let_go() -> None:
    count = (KEPT_PAGES + 4) * PAGE_ROWS
    setting = Setting(count)
    for row in range(0, count, PAGE_ROWS):
        setting.log.message(row)
        setting.answer()

    assert setting.log.message(count - 1) is not None
    assert setting.log.message(0) is None
    assert len(setting.log._messages_by_id) == KEPT_PAGES * PAGE_ROWS


def test_answer_about_a_message_that_is_gone_is_not_shown() -> None:
    setting = Setting(3)

    setting.log.put_messages([received("gone", 77)])

    assert setting.loaded == []
