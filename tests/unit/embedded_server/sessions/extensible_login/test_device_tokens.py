"""Logins with tokens over real sockets (XEP-0484)."""

import pytest

from embedded_server.sessions.stream_context import StreamSettings
from shared_protocol.limits import LoginLimits
from shared_protocol.namespaces import SASL2
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import PASSWORD, EchoOffice, echo_office
from tests.helpers.extensible_client import (
    AGENT,
    DEVICE,
    SUCCESS,
    authenticate,
    identifier,
    log_in_by_plain,
    log_in_by_scram,
    log_in_by_token,
    token_in,
)
from tests.helpers.wire_client import LoginRefusedError, WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

BIND = "<bind xmlns='urn:xmpp:bind:0'><tag>Orchard</tag></bind>"
REQUEST = "<request-token xmlns='urn:xmpp:fast:0' mechanism='{}'/>"
UNBOUND, BOUND = "HT-SHA-256-NONE", "HT-SHA-256-ENDP"
INVALIDATE = "<fast xmlns='urn:xmpp:fast:0' invalidate='true'/>"
DAY = 86_400


async def stranger(office: EchoOffice, **header: str) -> WireClient:
    client = await office.connect_by_tls()
    await client.open_stream(**header)
    return client


async def new_token(office: EchoOffice, mechanism: str = UNBOUND, agent: str = AGENT) -> str:
    """Log in with the password, and ask for a token."""
    client = await stranger(office)
    success = await log_in_by_plain(client, "romeo", PASSWORD, agent + REQUEST.format(mechanism))
    token = token_in(success)
    assert token is not None
    await client.close()
    return token.token


async def refusal(office: EchoOffice, token: str, **how: str) -> str:
    """Return why a token is not taken."""
    with pytest.raises(LoginRefusedError) as refused:
        await log_in_by_token(
            await stranger(office), **{"localpart": "romeo", "token": token, **how}
        )
    return str(refused.value)


@pytest.mark.parametrize("mechanism", [UNBOUND, BOUND])
async def test_device_logs_in_with_its_token(tls: TlsPair, mechanism: str) -> None:
    """Sections 3.2 to 3.4."""
    async with echo_office(tls) as office:
        client = await stranger(office)
        success = await log_in_by_scram(
            client, "romeo", PASSWORD, AGENT + REQUEST.format(mechanism) + BIND
        )
        token = token_in(success)
        assert token is not None
        assert token.expiry.timestamp() == office.now + 30 * DAY

        for _ in range(2):
            client = await stranger(office, **{"from": "romeo@montague.lit"})
            success = await log_in_by_token(client, "romeo", token.token, AGENT + BIND, mechanism)
            assert identifier(success).startswith("romeo@montague.lit/Orchard/")
            assert token_in(success) is None
            client.send("<message id='on'/>")
            assert await client.receive_id("on") is not None


async def test_nobody_else_logs_in_with_it(tls: TlsPair) -> None:
    """Section 3.4; XEP-0388, section 2.3: not by another name in the header either."""
    other = AGENT.replace(DEVICE, "00000000-4d72-4749-b3d3-740edbf87770")
    async with echo_office(tls) as office:
        token = await new_token(office)

        assert await refusal(office, token, inline=other) == "not-authorized"
        assert await refusal(office, token) == "not-authorized"
        assert await refusal(office, token, inline=AGENT, localpart="juliet") == "not-authorized"
        assert await refusal(office, token, inline=AGENT, localpart="nobody") == "not-authorized"
        assert await refusal(office, token, inline=AGENT, mechanism=BOUND) == "not-authorized"
        client = await stranger(office, **{"from": "juliet@montague.lit"})
        with pytest.raises(LoginRefusedError, match="invalid-authzid"):
            await log_in_by_token(client, "romeo", token, AGENT)


async def test_token_that_is_bound_is_good_with_binding_only(tls: TlsPair) -> None:
    """Section 3.4: an attempt to use a mechanism without channel binding MUST fail."""
    async with echo_office(tls) as office:
        token = await new_token(office, BOUND)

        assert await refusal(office, token, inline=AGENT, mechanism=UNBOUND) == "not-authorized"


async def test_mechanisms_of_tokens_are_for_tokens_alone(tls: TlsPair) -> None:
    """Section 3.4: the client MUST include a <fast/> element."""
    async with echo_office(tls) as office:
        token = await new_token(office)

        refused = await refusal(office, token, inline=AGENT, fast="")
        assert refused == "invalid-mechanism"
        client = await stranger(office)
        fast = "<fast xmlns='urn:xmpp:fast:0'/>"
        assert (await log_in_by_plain(client, "romeo", PASSWORD, fast)).tag == SUCCESS
        client = await stranger(office)
        client.send(
            f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{UNBOUND}'>=</auth>"
        )
        failure = await client.receive()
        assert failure[0].tag.endswith("}invalid-mechanism")


async def test_who_names_no_installation_or_no_mechanism_gets_no_token(tls: TlsPair) -> None:
    """Section 4.1."""
    async with echo_office(tls) as office:
        for inline in (
            REQUEST.format(UNBOUND),
            AGENT + REQUEST.format("PLAIN"),
            AGENT + REQUEST.format(""),
            AGENT,
        ):
            client = await stranger(office)
            assert token_in(await log_in_by_plain(client, "romeo", PASSWORD, inline)) is None
        with pytest.raises(LoginRefusedError):
            await log_in_by_plain(
                await stranger(office), "romeo", "wrong", AGENT + REQUEST.format(UNBOUND)
            )
        assert not office.tokens.kept


async def test_token_that_is_a_day_old_is_replaced_unasked(tls: TlsPair) -> None:
    """Section 3.5."""
    async with echo_office(tls) as office:
        first = await new_token(office)
        office.now += DAY

        second = token_in(await log_in_by_token(await stranger(office), "romeo", first, AGENT))
        assert second is not None
        assert second.token != first
        await log_in_by_token(await stranger(office), "romeo", first, AGENT)  # did not arrive
        assert await refusal(office, second.token, inline=AGENT) == "not-authorized"
        third = token_in(await log_in_by_token(await stranger(office), "romeo", first, AGENT))
        assert third is not None
        await log_in_by_token(await stranger(office), "romeo", third.token, AGENT)

        assert await refusal(office, first, inline=AGENT) == "not-authorized"


async def test_token_that_is_too_old_is_told_so_to_who_has_it(tls: TlsPair) -> None:
    """Section 4.2: credentials-expired; the client may log in otherwise on the same stream."""
    async with echo_office(tls) as office:
        token = await new_token(office)
        office.now += 31 * DAY
        client = await stranger(office)

        with pytest.raises(LoginRefusedError, match="credentials-expired"):
            await log_in_by_token(client, "romeo", token, AGENT)

        assert await refusal(office, "another", inline=AGENT) == "not-authorized"
        assert (await log_in_by_plain(client, "romeo", PASSWORD)).tag == SUCCESS


@pytest.mark.parametrize("renewed", [False, True])
async def test_device_gives_its_token_back(tls: TlsPair, *, renewed: bool) -> None:
    """Section 3.6: no new one, even if it was due, unless it was asked for."""
    async with echo_office(tls) as office:
        token = await new_token(office)
        office.now += DAY
        inline = AGENT + (REQUEST.format(UNBOUND) if renewed else "")

        success = await log_in_by_token(
            await stranger(office), "romeo", token, inline, fast=INVALIDATE
        )

        assert (token_in(success) is not None) is renewed
        assert await refusal(office, token, inline=AGENT) == "not-authorized"


async def test_who_gives_a_token_back_hears_if_that_was_not_possible(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        token = await new_token(office)
        client, office.tokens.forgets = await stranger(office), False

        with pytest.raises(Exception, match="internal-server-error"):
            await log_in_by_token(client, "romeo", token, AGENT, fast=INVALIDATE)


async def test_login_is_good_without_a_place_for_tokens(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        token = await new_token(office)
        office.tokens.has_trouble = True

        client = await stranger(office)
        with pytest.raises(LoginRefusedError, match="temporary-auth-failure"):
            await log_in_by_token(client, "romeo", token, AGENT)
        success = await log_in_by_plain(client, "romeo", PASSWORD, AGENT + REQUEST.format(UNBOUND))

        assert success.tag == SUCCESS
        assert token_in(success) is None


async def test_tokens_cannot_be_guessed_faster_than_passwords(tls: TlsPair) -> None:
    """RFC 6120, section 13.12: what counts wrong passwords counts wrong tokens as well."""
    settings = StreamSettings(logins=LoginLimits(failures=2, tries_per_stream=0))
    async with echo_office(tls, settings=settings) as office:
        token = await new_token(office)
        for _ in range(2):
            assert await refusal(office, "guessed", inline=AGENT) == "not-authorized"

        assert await refusal(office, token, inline=AGENT) == "temporary-auth-failure"
        with pytest.raises(LoginRefusedError, match="temporary-auth-failure"):
            await log_in_by_plain(await stranger(office), "romeo", PASSWORD)


async def test_account_that_is_disabled_is_told_to_who_has_a_token(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        token = await new_token(office)
        office.accounts.disabled.add("romeo")

        assert await refusal(office, token, inline=AGENT) == "account-disabled"
        assert await refusal(office, "other", inline=AGENT) == "not-authorized"


@pytest.mark.parametrize("message", [b"romeo", b"romeo\0short", b"\xff\0" + bytes(32)])
async def test_malformed_message_is_refused(tls: TlsPair, message: bytes) -> None:
    async with echo_office(tls) as office:
        client = await stranger(office)

        client.send(authenticate(UNBOUND, message, AGENT + "<fast xmlns='urn:xmpp:fast:0'/>"))

        failure = await client.receive(lambda one: one.tag.startswith(f"{{{SASL2}}}"))
        assert failure[0].tag.endswith("}malformed-request")


async def test_session_is_resumed_with_a_token(tls: TlsPair) -> None:
    """Section 2.1: stream management can be negotiated alongside."""
    enable = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"
    async with echo_office(tls) as office:
        token = await new_token(office)
        client = await stranger(office)
        bind = BIND.replace("</bind>", f"{enable}</bind>")
        success = await log_in_by_token(client, "romeo", token, AGENT + bind)
        enabled = next(success.iter("{urn:xmpp:sm:3}enabled"))
        await client.abort()

        client = await stranger(office)
        resume = f"<resume xmlns='urn:xmpp:sm:3' previd='{enabled.get('id')}' h='0'/>"
        success = await log_in_by_token(client, "romeo", token, AGENT + resume + BIND)

        assert next(success.iter("{urn:xmpp:sm:3}resumed")) is not None
        assert len(office.host.resumed) == 1
