"""Faults that are built in on purpose: each must turn the tests red that it is there for.

``python -m tests.faults.mutations`` (part of ``make soak``) copies the tree into a folder of its
own, puts one fault into the copy, runs the tests there, and ends with an error if they stay green.
A test that cannot fail proves nothing (security, section 10).
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.plan import SOAK_SECONDS

ROOT = Path(__file__).parents[2]
TRIES = 3  # what is left to chance may miss a fault once
SECONDS = 600.0
FAILED_TESTS = 1  # pytest's exit status; others mean that nothing was tested


@dataclass(frozen=True)
class Mutation:
    """One fault.

    Attributes:
        before: Must stand in the file, once.
        red: Tests that must fail, each of them.
    """

    name: str
    file: str
    before: str
    after: str
    red: tuple[str, ...]


MUTATIONS = (
    Mutation(
        "a: acknowledge before the commit",
        "embedded_server/storage/messages/message_store.py",
        "        self._writer.submit(write, report, weight=len(submitted))\n",
        "        report(None)\n"
        "        self._writer.submit(write, lambda _outcome: None, weight=len(submitted))\n",
        (
            "tests/integration/test_server_killed.py",
            "tests/faults/test_power_cut.py::test_f02_acknowledged_messages_survive_loss_of_power",
        ),
    ),
    Mutation(
        "b: synchronous=NORMAL",
        "embedded_server/storage/database.py",
        '    "PRAGMA synchronous=FULL",\n',
        '    "PRAGMA synchronous=NORMAL",\n',
        ("tests/faults/test_power_cut.py::test_f02_acknowledged_messages_survive_loss_of_power",),
    ),
    Mutation(
        "c: no uniqueness by origin id",
        "embedded_server/storage/messages/message_store.py",
        "        if message.origin_id:\n",
        "        if not message.origin_id:\n",
        ("tests/faults/test_lost_acknowledgement.py",),
    ),
    Mutation(
        "d: outbox cleared when a session could not be resumed",
        "communicator/services/outbox_service.py",
        "            case _Connected(number):\n",
        "            case _Connected(number):\n"
        "                lost = [one.origin_id for one in await self._outbox.waiting()]\n"
        "                self._show(await self._outbox.mark_sent(lost))\n",
        ("tests/faults/test_client_network.py",),
    ),
    Mutation(
        "e: offline copy deleted when it is sent",
        "embedded_server/modules/offline.py",
        "                session.send(stanza, message_id)\n",
        "                session.send(stanza, message_id)\n"
        "            self._store.arrived(localpart, (message_id,))\n",
        ("tests/faults/test_network.py",),
    ),
)


def copied_tree(folder: Path) -> Path:
    """Copy what belongs to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return folder


def build_in(mutation: Mutation, folder: Path) -> None:
    """Put the fault into a copy.

    Raises:
        ValueError: The place is not there any more: the mutation has to be written anew.
    """
    file = folder / mutation.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutation.before) != 1:
        message = f"{mutation.name}: {mutation.file} has another form now"
        raise ValueError(message)
    file.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")


def turns_red(test: str, folder: Path) -> bool:
    """Run a test in the copy, until it fails or has been green often enough."""
    environment = {name: value for name, value in os.environ.items() if name != SOAK_SECONDS}
    for _ in range(TRIES):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", test],
            cwd=folder,
            env=environment | {"QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode == FAILED_TESTS:
            return True
        if done.returncode != 0:
            message = f"{test} could not be run:\n{done.stdout[-4_000:]}"
            raise RuntimeError(message)
    return False


def main(wanted: Sequence[str]) -> int:
    """Try the mutations, all or those whose name begins with one of the letters."""
    stayed_green = 0
    for mutation in MUTATIONS:
        if wanted and not mutation.name.startswith(tuple(wanted)):
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = copied_tree(Path(name))
            build_in(mutation, folder)
            for test in mutation.red:
                began = time.monotonic()
                is_red = turns_red(test, folder)
                stayed_green += not is_red
                colour = "red, as it must" if is_red else "GREEN: THE TEST SEES NOTHING"
                took = time.monotonic() - began
                print(f"{mutation.name}: {test}: {colour} ({took:.0f} s)")  # noqa: T201 - figures
    return min(stayed_green, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
