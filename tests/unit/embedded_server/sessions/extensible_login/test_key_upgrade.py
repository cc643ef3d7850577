"""Keys that a login brings (XEP-0480), over real sockets."""

import base64
import hashlib
from xml.etree.ElementTree import Element

import pytest

from shared_protocol.namespaces import SASL2
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import DEFAULT_ITERATIONS, ScramKeys
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import PASSWORD, EchoOffice, echo_office
from tests.helpers.extensible_client import (
    AGENT,
    CONTINUE,
    SUCCESS,
    answer_of,
    encoded,
    identifier,
    log_in_by_plain,
    log_in_by_scram,
    log_in_by_token,
    token_in,
)
from tests.helpers.wire_client import LoginRefusedError, WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

TASK = "UPGR-SCRAM-SHA-256"
UPGRADE = f"<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>{TASK}</upgrade>"
NEXT = f"<next xmlns='{SASL2}' task='{TASK}'/>"
HASH = f"<task-data xmlns='{SASL2}'><hash xmlns='urn:xmpp:scram-upgrade:0'>{{}}</hash></task-data>"
BIND = "<bind xmlns='urn:xmpp:bind:0'/>"
SALT = "{urn:xmpp:scram-upgrade:0}salt"
OLD = ScramKeys.derive(PASSWORD, ScramHash.SHA_1, 4_096, b"salt of Verona")


async def old_romeo(office: EchoOffice) -> WireClient:
    """Return a client of an account that has keys for SCRAM-SHA-1 alone."""
    office.accounts.own_keys["romeo"] = {ScramHash.SHA_1: OLD}
    client = await office.connect_by_tls()
    await client.open_stream()
    return client


async def log_in(client: WireClient, inline: str = UPGRADE) -> Element:
    return await log_in_by_scram(client, "romeo", PASSWORD, inline, mechanism="SCRAM-SHA-1")


async def salted(client: WireClient) -> str:
    """Begin the task; return the hash that is wanted."""
    client.send(NEXT)
    salt = (await answer_of(client)).find(SALT)
    assert salt is not None
    iterations = int(salt.get("iterations", ""))
    assert iterations == DEFAULT_ITERATIONS
    made = hashlib.pbkdf2_hmac(
        "sha256", PASSWORD.encode(), base64.b64decode(salt.text or ""), iterations
    )
    return encoded(made)


async def test_tasks_are_announced(tls: TlsPair) -> None:
    """Section 2.1."""
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()

        authentication = client.features.find(f"{{{SASL2}}}authentication")
        assert authentication is not None
        assert [one.text for one in authentication.iter("{urn:xmpp:sasl:upgrade:0}upgrade")] == [
            TASK
        ]


@pytest.mark.parametrize("is_plain", [False, True])
async def test_account_gets_the_keys_that_it_lacks(tls: TlsPair, *, is_plain: bool) -> None:
    """Sections 2.2 and 3: before success is told, and with it all that was wanted inline."""
    async with echo_office(tls) as office:
        client = await old_romeo(office)
        if is_plain:
            told = await log_in_by_plain(client, "romeo", PASSWORD, UPGRADE + BIND)
        else:
            told = await log_in(client, UPGRADE + BIND)
        assert told.tag == CONTINUE
        assert told.findtext(f"{{{SASL2}}}tasks/{{{SASL2}}}task") == TASK
        assert not list(office.directory)

        client.send(HASH.format(await salted(client)))
        success = await answer_of(client)

        assert success.tag == SUCCESS
        assert success.find(f"{{{SASL2}}}additional-data") is None
        assert identifier(success).startswith("romeo@montague.lit/")
        assert office.accounts.own_keys["romeo"][ScramHash.SHA_1] == OLD
        other = await office.connect_by_tls()
        await other.open_stream()
        again = await log_in_by_scram(other, "romeo", PASSWORD, UPGRADE)  # by SHA-256
        assert again.tag == SUCCESS  # with nothing left to do


async def test_keys_with_few_iterations_are_replaced(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()

        assert (await log_in_by_scram(client, "romeo", PASSWORD, UPGRADE)).tag == CONTINUE
        client.send(HASH.format(await salted(client)))

        assert (await answer_of(client)).tag == SUCCESS
        kept = office.accounts.own_keys["romeo"][ScramHash.SHA_256]
        assert kept.iterations == DEFAULT_ITERATIONS
        assert kept.matches(PASSWORD, ScramHash.SHA_256)


@pytest.mark.parametrize("inline", ["", UPGRADE.replace("256", "512")])
async def test_nothing_is_asked_of_who_did_not_offer_it(tls: TlsPair, inline: str) -> None:
    async with echo_office(tls) as office:
        assert (await log_in(await old_romeo(office), inline)).tag == SUCCESS


async def test_who_logs_in_with_a_token_brings_no_keys(tls: TlsPair) -> None:
    """A token that was stolen must not make a password."""
    request = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>"
    async with echo_office(tls) as office:
        token = token_in(await log_in(await old_romeo(office), AGENT + request))
        assert token is not None

        client = await old_romeo(office)
        told = await log_in_by_token(client, "romeo", token.token, AGENT + UPGRADE)

        assert told.tag == SUCCESS


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        ("", "malformed-request"),
        ("%", "incorrect-encoding"),
        ("YQ==", "malformed-request"),
        (encoded(bytes(20)), "malformed-request"),
        (encoded(bytes(33)), "malformed-request"),
    ],
)
async def test_what_is_no_hash_fails_the_login(tls: TlsPair, data: str, condition: str) -> None:
    async with echo_office(tls) as office:
        client = await old_romeo(office)
        await log_in(client)
        await salted(client)

        client.send(HASH.format(data))

        with pytest.raises(LoginRefusedError, match=condition):
            await answer_of(client)
        assert ScramHash.SHA_256 not in office.accounts.own_keys["romeo"]
        assert (await log_in(client)).tag == CONTINUE  # from the beginning


@pytest.mark.parametrize(
    ("sent", "is_begun"),
    [
        (HASH.format(encoded(bytes(32))), False),
        (NEXT.replace("256", "1"), False),
        (NEXT.replace("256", "1"), True),
        (NEXT, True),
    ],
)
async def test_task_out_of_turn_fails_the_login(tls: TlsPair, sent: str, *, is_begun: bool) -> None:
    async with echo_office(tls) as office:
        client = await old_romeo(office)
        await log_in(client)
        if is_begun:
            await salted(client)

        client.send(sent)

        with pytest.raises(LoginRefusedError, match="malformed-request"):
            await answer_of(client)
        assert ScramHash.SHA_256 not in office.accounts.own_keys["romeo"]


@pytest.mark.parametrize("sent", ["<message/>", f"<response xmlns='{SASL2}'/>"])
async def test_who_has_not_finished_is_not_logged_in(tls: TlsPair, sent: str) -> None:
    """XEP-0388, section 2.4."""
    async with echo_office(tls) as office:
        client = await old_romeo(office)
        await log_in(client)

        client.send(sent)

        assert await client.wait_for_end() == "not-authorized"


async def test_task_can_be_aborted(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await old_romeo(office)
        await log_in(client)

        client.send(f"<abort xmlns='{SASL2}'/>")

        with pytest.raises(LoginRefusedError, match="aborted"):
            await answer_of(client)
        assert (await log_in(client, "")).tag == SUCCESS


async def test_account_that_is_disabled_meanwhile_is_not_logged_in(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await old_romeo(office)
        await log_in(client)
        office.accounts.disabled.add("romeo")

        client.send(HASH.format(await salted(client)))

        assert await client.wait_for_end() == "not-authorized"
