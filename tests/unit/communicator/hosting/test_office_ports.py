"""An office opens on the usual ports or beside them, and stays where it was found."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from communicator.hosting.office_ports import FILE_NAME, NEIGHBOURS, OfficePorts, ports_of


@pytest.fixture
def usual() -> Iterator[OfficePorts]:
    """Ports that are used here as the usual ones; all of them and their neighbours are free."""
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_server(("", 0))).getsockname()[1]
    return OfficePorts(first, first + 1, first + 2)


@pytest.fixture
def taken(usual: OfficePorts) -> Iterator[set[int]]:
    """The usual ports and their neighbours, all of them taken."""
    ports = set(range(usual.c2s, usual.http + NEIGHBOURS))
    with ExitStack() as stack:
        for port in ports:
            with suppress(OSError):  # somebody else has it already
                stack.enter_context(socket.create_server(("", port)))
        yield ports


def test_ports_are_three_and_are_kept(tmp_path: Path, usual: OfficePorts) -> None:
    ports = ports_of(tmp_path, usual)

    assert len({ports.c2s, ports.direct_tls, ports.http}) == 3
    kept = json.loads((tmp_path / FILE_NAME).read_text())
    assert kept == {"c2s": ports.c2s, "direct_tls": ports.direct_tls, "http": ports.http}


def test_office_is_found_where_it_was_even_if_somebody_sits_there(tmp_path: Path) -> None:
    """Colleagues remember the port; that it is taken is told by the server."""
    with socket.create_server(("", 0)) as other:
        port = other.getsockname()[1]
        kept = {"c2s": port, "direct_tls": 6223, "http": 6443}
        (tmp_path / FILE_NAME).write_text(json.dumps(kept))

        assert ports_of(tmp_path) == OfficePorts(port, 6223, 6443)  # as kept: none is looked for


def test_office_opens_though_all_usual_ports_are_taken(
    tmp_path: Path, usual: OfficePorts, taken: set[int]
) -> None:
    ports = ports_of(tmp_path, usual)

    assert {ports.c2s, ports.direct_tls, ports.http}.isdisjoint(taken)


@pytest.mark.parametrize("damaged", ["", "[]", "{}", '{"c2s": 1}', '{"other": 5222}'])
def test_damaged_file_is_replaced(tmp_path: Path, usual: OfficePorts, damaged: str) -> None:
    (tmp_path / FILE_NAME).write_text(damaged)

    ports = ports_of(tmp_path, usual)

    assert json.loads((tmp_path / FILE_NAME).read_text())["c2s"] == ports.c2s


def test_folder_that_cannot_be_written_does_not_keep_the_office_closed(
    tmp_path: Path, usual: OfficePorts
) -> None:
    assert ports_of(tmp_path / "missing", usual).c2s


def test_ports_are_given_as_the_command_takes_them() -> None:
    assert OfficePorts(5222, 5223, 5443).arguments() == [
        *("--port", "5222"),
        *("--tls-port", "5223"),
        *("--http-port", "5443"),
    ]
