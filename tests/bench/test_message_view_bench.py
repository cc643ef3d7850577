"""The log with 100,000 messages: opening, paging, appending, changing the width."""

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture

from communicator.state.conversations import Message
from communicator.ui.chat.message_view import MessageView
from communicator.ui.chat.row_painter import People
from communicator.ui.theme.theme import Theme, ThemeChoice
from tests.helpers.message_logs import JULIET, ROMEO, a_message, log_of, many_messages

PEOPLE = People(JULIET, "Juliet", ROMEO, "Romeo")
COUNT = 100_000


@pytest.fixture(scope="module")
def messages() -> dict[int, Message]:
    return many_messages(COUNT)


@pytest.fixture
def view(qapp: QApplication) -> Iterator[MessageView]:
    view = MessageView(theme=Theme(qapp, ThemeChoice.LIGHT))
    view.resize(600, 800)
    view.show()
    qapp.processEvents()
    yield view
    view.show_log(None, None)
    view.close()


def test_open(benchmark: BenchmarkFixture, view: MessageView, messages: dict[int, Message]) -> None:
    def open_log() -> None:
        log, _ = log_of(messages)
        view.show_log(log, PEOPLE)
        view.viewport().grab()

    benchmark.pedantic(open_log, rounds=5)
    assert view.is_at_end


def test_page_up(
    benchmark: BenchmarkFixture, view: MessageView, messages: dict[int, Message]
) -> None:
    log, _ = log_of(messages)
    view.show_log(log, PEOPLE)
    bar = view.verticalScrollBar()

    def page_up() -> None:
        bar.setValue(bar.value() - bar.pageStep())
        view.viewport().grab()

    benchmark.pedantic(page_up, rounds=300)
    assert not view.is_at_end


def test_append(
    benchmark: BenchmarkFixture, view: MessageView, messages: dict[int, Message]
) -> None:
    log, _ = log_of(messages)
    view.show_log(log, PEOPLE)
    seconds = iter(range(COUNT * 300, COUNT * 400))

    def append() -> None:
        log.insert(a_message(next(seconds), "Good night, good night!"))
        view.viewport().grab()

    benchmark.pedantic(append, rounds=50)
    assert view.is_at_end


def test_change_the_width(
    benchmark: BenchmarkFixture, view: MessageView, messages: dict[int, Message]
) -> None:
    log, _ = log_of(messages)
    view.show_log(log, PEOPLE)
    widths = iter(range(600, 700))

    def resize() -> None:
        view.resize(next(widths), 800)
        view.viewport().grab()

    benchmark.pedantic(resize, rounds=20)
    assert view.is_at_end
