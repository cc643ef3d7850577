"""Runs the day."""

import argparse
import os
import random
import resource
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.load.clients import ClientLoop, LoadClient
from tests.bench.load.processes import descriptors, resident_kilobytes
from tests.bench.load.scenarios import registered
from tests.bench.load.servers import Yardstick, running_parlour
from tests.soak.day import Day
from tests.soak.people import Chat, Room, entered
from tests.soak.traffic import Deaf, Flapping, change_status, publish, upload

_SERVER_CORE, _OWN_CORE = 0, 1
_ACCOUNTS = 500
_PAIRS = 100
_ROOMS, _OCCUPANTS = 20, 20
_MOST_FLAPPING, _MOST_DEAF = 60, 20
_LINE_SECONDS = 60.0
_QUIET_SECONDS = 10.0
_UPLOAD_PAUSE_SECONDS = 4.0

# How often a second.
_CHAT_RATE, _ROOM_RATE, _STATUS_RATE, _PUBLISH_RATE = 100.0, 5.0, 10.0, 5.0
_FLAP_RATE, _DEAF_RATE, _AT_DEAF_RATE = 2.0, 0.2, 5.0


class Rhythm:
    """Something that is due so many times a second."""

    def __init__(self, per_second: float, act: Callable[[], None]) -> None:
        self._pause = 1.0 / per_second
        self._act = act
        self._due = time.monotonic()

    def act(self, now: float) -> None:
        """Do it as often as it is due."""
        while now >= self._due:
            self._due += self._pause
            self._act()


class Office:
    """All clients of a run, and what they do."""

    def __init__(self, day: Day, server: Yardstick, sessions: int, seed: int) -> None:
        self._day = day
        self._server = server
        self._chance = random.Random(seed)  # noqa: S311 - repeatable from its seed
        address = server.address
        self._clients: list[LoadClient] = []
        self.chats = [self._chat(number) for number in range(_PAIRS)]
        self.rooms = [self._room(number) for number in range(_ROOMS)]
        for number in range(max(sessions - len(self._clients), 0)):
            rest = number % (_ACCOUNTS - 2 * _PAIRS)
            resource_ = f"idle{number}"
            self._clients.append(entered(address, 2 * _PAIRS + rest, resource_))
        self._flapping = Flapping(day, address, range(2 * _PAIRS, _ACCOUNTS))
        self._deaf = Deaf(day, address, range(2 * _PAIRS, _ACCOUNTS))
        self._loop = ClientLoop(self._clients)
        self._rhythms = self._rhythms_of_day()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._upload, self._come_and_go)
        ]

    def live(self, seconds: float) -> None:
        """Let it all happen for a time, and print a line a minute."""
        for thread in self._threads:
            thread.start()
        show = Rhythm(1.0 / _LINE_SECONDS, self._show)

        def turn() -> bool:
            now = time.monotonic()
            for rhythm in self._rhythms:
                rhythm.act(now)
            show.act(now)
            return False

        self._loop.run(seconds, turn=turn)
        self._stopped.set()
        for thread in self._threads:
            thread.join(_QUIET_SECONDS)
        self._loop.run(_QUIET_SECONDS, turn=self._is_quiet)
        self._show()
        for name, missing in (
            ("messages that never came", sum(chat.missing for chat in self.chats)),
            ("room messages that never came", sum(room.missing for room in self.rooms)),
        ):
            if missing:
                self._day.mistake(name, missing)

    def close(self) -> None:
        """End all clients."""
        self._loop.close()
        self._flapping.close()
        self._deaf.close()
        for client in self._clients:
            client.close()

    def _is_quiet(self) -> bool:
        return not any(one.missing for one in (*self.chats, *self.rooms))

    def _chat(self, number: int) -> Chat:
        address = self._server.address
        pair = [entered(address, 2 * number + side, "chat") for side in (0, 1)]
        for client in pair:
            client.enable_acknowledgement()
        self._clients += pair
        return Chat(self._day, number, *pair)

    def _room(self, number: int) -> Room:
        address = self._server.address
        occupants = [
            entered(address, (number * _OCCUPANTS + place) % _ACCOUNTS, f"room{number}")
            for place in range(_OCCUPANTS)
        ]
        self._clients += occupants
        room = Room(self._day, number, occupants)
        room.open()
        return room

    def _rhythms_of_day(self) -> list[Rhythm]:
        day, chance = self._day, self._chance
        anybody = self._clients
        return [
            Rhythm(_CHAT_RATE, lambda: chance.choice(self.chats).say()),
            Rhythm(_ROOM_RATE, lambda: chance.choice(self.rooms).say(chance)),
            Rhythm(_STATUS_RATE, lambda: change_status(day, chance.choice(anybody), chance)),
            Rhythm(_PUBLISH_RATE, lambda: publish(day, chance.choice(anybody), chance)),
            Rhythm(_AT_DEAF_RATE, self._write_to_the_deaf),
        ]

    def _write_to_the_deaf(self) -> None:
        targets = list(self._deaf.targets())
        if targets:
            to = self._chance.choice(targets)
            body = "x" * 4_000
            self._chance.choice(self._clients).send(
                f"<message to='{to}' type='headline'><body>{body}</body></message>".encode()
            )

    def _upload(self) -> None:
        client = entered(self._server.address, 0, "upload")
        while not self._stopped.wait(_UPLOAD_PAUSE_SECONDS):
            try:
                upload(self._day, client)
            except OSError as error:
                self._day.mistake(f"uploads that failed ({error})")
        client.close()

    def _come_and_go(self) -> None:
        """Log in beside the loop, since a login blocks."""
        chance = random.Random(self._chance.random())  # noqa: S311 - repeatable from its seed
        rhythms = [
            Rhythm(_FLAP_RATE, lambda: self._flapping.flap(chance, most=_MOST_FLAPPING)),
            Rhythm(_DEAF_RATE, lambda: self._deaf.replace(chance, most=_MOST_DEAF)),
        ]
        while not self._stopped.wait(0.1):
            for rhythm in rhythms:
                rhythm.act(time.monotonic())

    def _show(self) -> None:
        pid = self._server.pid
        line = self._day.line(resident_kilobytes(pid), descriptors(pid))
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def main() -> int:
    """Run it; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    parser.add_argument("--sessions", type=int, default=2_500)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    wanted = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.sched_setaffinity(0, {_OWN_CORE % (os.cpu_count() or 1)})
    sys.stdout.write(f"seed {wanted.seed}\n")
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    day = Day()
    try:
        with running_parlour(folder, _SERVER_CORE, archive=True) as server:
            registered(server.address, _ACCOUNTS)
            office = Office(day, server, wanted.sessions, wanted.seed)
            day.begun = time.monotonic()
            office.live(wanted.seconds)
            office.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    failures = list(day.verdict())
    growth = day.growth_kb_per_hour()
    sys.stdout.write(f"memory {growth:+,.0f} kB/h; {'; '.join(failures) or 'all is well'}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
