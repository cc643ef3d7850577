"""The client's end of the control line."""

from pathlib import Path

import pytest

from communicator.hosting.control_client import (
    ControlClient,
    OperationRefusedError,
    read_endpoint,
)
from communicator.hosting.errors import ServerNotRunningError
from shared_protocol.control.control_endpoint import FILE_NAME
from shared_protocol.control.control_messages import (
    ControlMessage,
    Event,
    Failure,
    Request,
    Response,
)
from shared_protocol.control.handshake import new_token
from tests.helpers.control_double import PORTS, control_double
from tests.helpers.session_diary import heard, until

pytestmark = pytest.mark.asyncio


def echo(request: Request) -> list[ControlMessage]:
    return [Event("health.changed"), Response(request.id, {"op": request.op, **request.args})]


async def test_an_operation_is_asked_and_its_result_returned(tmp_path: Path) -> None:
    async with control_double(tmp_path, echo) as double:
        client = await ControlClient.connect(tmp_path)
        events = heard(client.event_received)
        assert await client.ask("accounts.create", name="juliet") == {
            "op": "accounts.create",
            "name": "juliet",
        }
        assert await client.ask("server.status") == {"op": "server.status"}
        await client.close()
    assert [request.op for request in double.asked] == ["accounts.create", "server.status"]
    assert events == [Event("health.changed"), Event("health.changed")]
    assert client.endpoint.ports == PORTS


async def test_a_refusal_is_an_error_with_the_sentence_of_the_server(tmp_path: Path) -> None:
    failure = Failure("conflict", "There is an account juliet already.")
    async with control_double(tmp_path, lambda it: [Response(it.id, failure=failure)]):
        client = await ControlClient.connect(tmp_path)
        with pytest.raises(OperationRefusedError, match="There is an account") as raised:
            await client.ask("accounts.create", name="juliet")
        await client.close()
    assert raised.value.condition == "conflict"


async def test_a_squatter_who_does_not_know_the_token_learns_nothing(tmp_path: Path) -> None:
    async with control_double(tmp_path, echo, known_token=new_token()) as double:
        with pytest.raises(ServerNotRunningError):
            await ControlClient.connect(tmp_path)
        token = read_endpoint(tmp_path).token.encode()
    assert double.asked == []
    assert len(double.heard) == 1
    assert token not in double.heard[0]


async def test_a_line_that_breaks_fails_the_question_and_tells_it(tmp_path: Path) -> None:
    async with control_double(tmp_path, lambda _: None):
        client = await ControlClient.connect(tmp_path)
        ends = heard(client.closed)
        with pytest.raises(ServerNotRunningError):
            await client.ask("server.status")
        await until(lambda: ends)
        with pytest.raises(ServerNotRunningError):
            await client.ask("server.status")
        await client.close()
    assert ends == [None]


@pytest.mark.parametrize("text", [None, "", "{}", "[" * 100_000, '{"format": 2}'])
async def test_without_a_readable_file_no_server_runs(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ServerNotRunningError, match="does not run"):
        await ControlClient.connect(tmp_path)


async def test_a_file_that_a_killed_server_left_behind_is_no_server(tmp_path: Path) -> None:
    async with control_double(tmp_path, echo):
        pass
    assert (tmp_path / FILE_NAME).exists()
    with pytest.raises(ServerNotRunningError, match="does not answer"):
        await ControlClient.connect(tmp_path)
