"""The order of what one session asked for (RFC 6120, section 10.1)."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded_server.sessions.turn_queue import TurnQueue


def test_action_runs_at_once_when_nothing_waits() -> None:
    queue, done = TurnQueue(), []

    queue.run(lambda: done.append("presence"))

    assert done == ["presence"]
    assert len(queue) == 0


def test_action_behind_a_store_waits_until_it_is_done() -> None:
    queue, done = TurnQueue(), []
    stored = queue.hold()
    queue.run(lambda: done.append("presence"))
    assert done == []

    stored(lambda: done.append("message"))

    assert done == ["message", "presence"]


def test_stores_that_end_in_another_order_are_delivered_in_theirs() -> None:
    queue, done = TurnQueue(), []
    first, second = queue.hold(), queue.hold()

    second(lambda: done.append("second"))
    assert done == []
    first(lambda: done.append("first"))

    assert done == ["first", "second"]


def test_store_that_an_action_begins_in_its_turn_comes_before_what_waited_behind_it() -> None:
    queue, done, holds = TurnQueue(), [], []
    first = queue.hold()
    queue.run(lambda: holds.append(queue.hold()))
    queue.run(lambda: done.append("last"))

    first()
    assert done == []
    holds[0](lambda: done.append("inner"))

    assert done == ["inner", "last"]


def test_action_within_an_action_runs_in_its_place() -> None:
    queue, done = TurnQueue(), []
    first = queue.hold()
    queue.run(lambda: queue.run(lambda: done.append("inner")))
    queue.run(lambda: done.append("outer"))

    first()

    assert done == ["inner", "outer"]


def test_action_behind_a_store_within_an_action_waits_for_it() -> None:
    queue, done, holds = TurnQueue(), [], []

    def begin() -> None:
        holds.append(queue.hold())
        queue.run(lambda: done.append("inner"))

    first = queue.hold()
    queue.run(begin)
    queue.run(lambda: done.append("outer"))
    first()
    assert done == []

    holds[0]()

    assert done == ["inner", "outer"]


def test_second_release_does_nothing() -> None:
    queue, done = TurnQueue(), []
    first, second = queue.hold(), queue.hold()
    queue.run(lambda: done.append("last"))

    first()
    first(lambda: done.append("never"))

    assert done == []
    second()
    assert done == ["last"]


def test_action_that_fails_hinders_no_other(caplog: pytest.LogCaptureFixture) -> None:
    queue, done = TurnQueue(), []
    first = queue.hold()
    queue.run(lambda: done.append(1 // 0))
    queue.run(lambda: done.append("last"))

    with caplog.at_level(logging.ERROR):
        first()

    assert done == ["last"]
    assert "failed in its turn" in caplog.text


@given(kinds=st.lists(st.booleans(), max_size=12), order=st.randoms(use_true_random=False))
def test_whatever_the_order_of_the_releases_all_is_done_in_order(
    kinds: list[bool], order: "st.randoms"
) -> None:
    queue, done, releases = TurnQueue(), [], []
    for number, is_store in enumerate(kinds):
        if is_store:
            releases.append((queue.hold(), number))
        else:
            queue.run(lambda number=number: done.append(number))
    order.shuffle(releases)

    for release, number in releases:
        release(lambda number=number: done.append(number))

    assert done == list(range(len(kinds)))
    assert len(queue) == 0
