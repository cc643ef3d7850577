"""Measures the servers one after the other and prints one table."""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.bench.load.growth import growth
from tests.bench.load.processes import cpu_seconds, resident_kilobytes
from tests.bench.load.scenarios import (
    Load,
    Tally,
    logged_in,
    logins,
    messages,
    messages_at_a_rate,
    presences,
    registered,
    room,
    rosters,
)
from tests.bench.load.servers import SERVERS, Yardstick, is_there

_SERVER_CORE, _OWN_CORE = 0, 1
_ACCOUNTS = 320
_IDLE_ROUNDS = 8
_MICROSECONDS = 1e6
_SETTLE_SECONDS = 2.0

Run = Callable[[Load], Tally]


class Row(NamedTuple):
    """One line of the table.

    Attributes:
        title: What is done.
        run: Does it.
        shows_latency: Shows percentiles instead of processor time.
    """

    title: str
    run: Run
    shows_latency: bool = False


ROWS = {
    "window4": Row("chat message, 20 pairs, window 4", partial(messages, pairs=20, window=4)),
    "window1": Row("chat message, 100 pairs, window 1", partial(messages, pairs=100, window=1)),
    "sm": Row(
        "the same with stream management and carbons, 20 pairs, window 4",
        partial(messages, pairs=20, window=4, has_acknowledgement=True),
    ),
    "rate": Row(
        "latency at 500 messages/s, p50/p99 in ms",
        partial(messages_at_a_rate, pairs=20, per_second=500),
        shows_latency=True,
    ),
    "login": Row("login, SCRAM over TLS, client key cached", partial(logins, clients=100)),
    "roster": Row("roster of 100, one fetch", partial(rosters, contacts=100)),
    "presence": Row(
        "presence to 100 contacts, one delivery", partial(presences, contacts=100, window=2)
    ),
    "room50": Row("room of 50 occupants, one delivery", partial(room, occupants=50, window=2)),
    "room300": Row("room of 300 occupants, one delivery", partial(room, occupants=300, window=2)),
}
_IDLE = "memory of an idle TLS session, kB RSS"


@contextmanager
def _started(name: str, *, archive: bool) -> Iterator[Yardstick]:
    folder = Path(tempfile.mkdtemp(prefix="load-"))
    folder.chmod(0o755)  # a server that runs as another user lives below
    try:
        with SERVERS[name](folder, _SERVER_CORE, archive=archive) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(server: Yardstick, row: Row, seconds: float) -> str:
    before = 0.0

    def begin() -> None:
        nonlocal before
        before = cpu_seconds(server.pid)

    try:
        tally = row.run(Load(address=server.address, seconds=seconds, begin=begin))
    except OSError as error:
        sys.stderr.write(f"{server.name}: {error}\n")
        return "-"
    used = cpu_seconds(server.pid) - before
    mark = f" ({tally.wrong} wrong)" if tally.wrong else ""
    if row.shows_latency:
        return f"{tally.percentile(0.5):.2f}/{tally.percentile(0.99):.2f}{mark}"
    each = used / max(tally.count, 1) * _MICROSECONDS
    return f"{each:,.0f} ({tally.count / tally.seconds:,.0f}/s){mark}"


def _idle(server: Yardstick) -> str:
    """Log each account in by several resources; the first of them warms up."""
    clients = logged_in(server.address, range(_ACCOUNTS), resource="warm")
    for client in clients:
        client.close()
    time.sleep(_SETTLE_SECONDS)
    before = resident_kilobytes(server.pid)
    clients = []
    for number in range(_IDLE_ROUNDS):
        clients += logged_in(server.address, range(_ACCOUNTS), resource=f"idle{number}")
    time.sleep(_SETTLE_SECONDS)
    each = (resident_kilobytes(server.pid) - before) / len(clients)
    for client in clients:
        client.close()
    return f"{each:.1f}"


def _column(name: str, rows: list[str], seconds: float, *, archive: bool) -> dict[str, str]:
    column = {}
    with _started(name, archive=archive) as server:
        registered(server.address, _ACCOUNTS)
        if "idle" in rows:
            column["idle"] = _idle(server)
        for key in rows:
            if key != "idle":
                column[key] = _measured(server, ROWS[key], seconds)
                sys.stderr.write(f"{server.name}: {key}: {column[key]}\n")
    return column


def _table(columns: dict[str, dict[str, str]], rows: list[str]) -> Iterator[str]:
    names = list(columns)
    yield f"| processor time in us for each, and how many a second | {' | '.join(names)} |"
    yield f"|---|{'--:|' * len(names)}"
    for key in rows:
        title = _IDLE if key == "idle" else ROWS[key].title
        yield f"| {title} | {' | '.join(columns[name][key] for name in names)} |"


def _grow(seconds: float) -> None:
    with _started("parlour", archive=True) as server:
        registered(server.address, _ACCOUNTS)
        for line in growth(server, seconds):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--servers", nargs="*", choices=list(SERVERS), default=list(SERVERS))
    every = [*ROWS, "idle"]
    parser.add_argument("--rows", nargs="*", choices=every, default=every)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument(
        "--peers-without-archive", action="store_true", help="ours is always on, theirs is off"
    )
    parser.add_argument(
        "--growth", action="store_true", help="measure instead how the costs of ours grow"
    )
    wanted = parser.parse_args()
    archive = not wanted.peers_without_archive
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.sched_setaffinity(0, {_OWN_CORE % (os.cpu_count() or 1)})
    if wanted.growth:
        _grow(wanted.seconds)
        return
    columns = {}
    for name in wanted.servers:
        if is_there(name):
            columns[name] = _column(name, wanted.rows, wanted.seconds, archive=archive)
        else:
            sys.stderr.write(f"{name} is not installed here and is left out\n")
    sys.stdout.write("\n".join(_table(columns, wanted.rows)) + "\n")


if __name__ == "__main__":
    main()
