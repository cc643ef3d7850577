"""Who may log in, and what a failed login tells (docs/security.md, rows 27 and 29 to 31)."""

import base64
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from shared_protocol.errors import SaslError
from shared_protocol.namespaces import SASL
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.sasl.scram import ScramKeys
from shared_protocol.sasl.server import CheckPassword, ServerLogin
from tests.faults.plan import plan_from_environment
from tests.helpers.extensible_client import (
    AGENT,
    answer_of,
    authenticate,
    identifier,
    log_in_by_plain,
    log_in_by_token,
    token_in,
)
from tests.helpers.office import DOMAIN, PASSWORD, RunningOffice, client_tls
from tests.helpers.wire_client import LoginRefusedError, Own, WireClient
from tests.security.attack_stage import Phase, opened_in

pytestmark = [pytest.mark.network]

GUESSES = 1_000 if plan_from_environment().soak_seconds else 200
MOST_TRIED = 12
TRIES_OF_A_STREAM = 5
VICTIM = f"juliet@{DOMAIN}"
PLAIN_AS_VICTIM = base64.b64encode(f"{VICTIM}\0romeo\0{PASSWORD}".encode()).decode()


async def refusal(client: WireClient, mechanism: str, message: str) -> str:
    """Try to log in by one message; returns the condition, or the name of what else came."""
    text = base64.b64encode(message.encode()).decode()
    client.send(f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{text}</auth>")
    answer = await client.receive(lambda one: one.tag.startswith(f"{{{SASL}}}"))
    shown = answer[0] if len(answer) else answer
    return shown.tag.rpartition("}")[2]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "authzid",
    [VICTIM, VICTIM.upper(), "juliet", f"romeo@{DOMAIN}.example", f"romeo@{DOMAIN}/x", "@"],
)
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1"])
async def test_r27_nobody_acts_as_another_by_authzid(
    office: RunningOffice, mechanism: str, authzid: str
) -> None:
    """RFC 6120, section 6.3.8; where it was believed, every account was everybody's."""
    client = await opened_in(office, Phase.IN_TLS)
    message = (
        f"{authzid}\0romeo\0{PASSWORD}"
        if mechanism == "PLAIN"
        else f"n,a={authzid},n=romeo,r=fyko+d2lbbFgONRv9qkxdawL"
    )

    assert await refusal(client, mechanism, message) == "invalid-authzid"


@pytest.mark.asyncio
@pytest.mark.parametrize("authzid", ["", f"romeo@{DOMAIN}", f"ROMEO@{DOMAIN}"])
async def test_r27_authzid_of_the_own_account_is_accepted(
    office: RunningOffice, authzid: str
) -> None:
    client = await opened_in(office, Phase.IN_TLS)

    await client.authenticate("romeo", PASSWORD, mechanism="PLAIN", authzid=authzid)
    await client.bind("orchard")

    assert client.jid == f"romeo@{DOMAIN}/orchard"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("header", "mechanism", "message"),
    [
        ("", "PLAIN", f"{VICTIM}\0romeo\0{PASSWORD}"),
        ("", "SCRAM-SHA-256", f"n,a={VICTIM},n=romeo,r=fyko+d2lbbFgONRv9qkxdawL"),
        (VICTIM, "PLAIN", f"\0romeo\0{PASSWORD}"),
        (VICTIM, "PLAIN", f"{VICTIM}\0romeo\0{PASSWORD}"),
    ],
)
async def test_r27_nobody_acts_as_another_in_the_extensible_profile(
    office: RunningOffice, header: str, mechanism: str, message: str
) -> None:
    """XEP-0388, section 2.3: the name in the header is one more that must be the own."""
    client = await WireClient.connect(office.tls_port, DOMAIN, tls=client_tls(office.folder))
    await client.open_stream(**({"from": header} if header else {}))

    client.send(authenticate(mechanism, message.encode(), "<bind xmlns='urn:xmpp:bind:0'/>"))

    with pytest.raises(LoginRefusedError, match="invalid-authzid"):
        await answer_of(client)
    await client.abort()


@pytest.mark.asyncio
async def test_r27_token_is_good_for_its_owner_alone(office: RunningOffice) -> None:
    """XEP-0484, section 3.4."""
    request = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>"
    client = await opened_in(office, Phase.IN_TLS)
    token = token_in(await log_in_by_plain(client, "romeo", PASSWORD, AGENT + request))
    assert token is not None

    client = await opened_in(office, Phase.IN_TLS)
    with pytest.raises(LoginRefusedError, match="not-authorized"):
        await log_in_by_token(client, "juliet", token.token, AGENT)
    success = await log_in_by_token(client, "romeo", token.token, AGENT)

    assert identifier(success) == f"romeo@{DOMAIN}"


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1"])
def test_r29_the_same_work_is_done_for_who_exists_and_who_does_not(mechanism: str) -> None:
    """Counted and not timed: every call of both logins is the same."""
    known = calls_of(lambda: fail_to_log_in("romeo", mechanism))
    unknown = calls_of(lambda: fail_to_log_in("paris", mechanism))

    assert known == unknown
    assert known[PASSWORD_WORK if mechanism == "PLAIN" else SECRETS_COMPARED] > 0


PASSWORD_WORK = "pbkdf2_hmac"
SECRETS_COMPARED = "compare_digest"
SALT = b"salt of Verona 16"[:16]
KEYS = {one: ScramKeys.derive("peace", one, 10_000, SALT) for one in ScramHash}


def credentials(localpart: str, scram_hash: ScramHash) -> ScramKeys | None:
    keys = KEYS[scram_hash]
    return keys if localpart == "romeo" else None


def fail_to_log_in(name: str, mechanism: str) -> None:
    """Take all steps of a login with a wrong password."""
    login = ServerLogin(
        credentials=credentials,
        domain=DOMAIN,
        fake_salt_secret=b"secret of the office",
        channel_binding=None,
        offered=SaslOffer.of([mechanism]),
        make_nonce=lambda: "3rfcNHYJY1ZVvWVs7j",
    )
    try:
        if mechanism == "PLAIN":
            step = login.begin(mechanism, f"\0{name}\0hate".encode())
            assert isinstance(step, CheckPassword)
            is_right = step.keys.matches(step.password, step.scram_hash)
            login.password_checked(is_right=is_right)
        else:
            login.begin(mechanism, f"n,,n={name},r=fyko".encode())
            size = 32 if mechanism.endswith("256") else 20
            proof = base64.b64encode(bytes(size)).decode()
            login.respond(f"c=biws,r=fyko3rfcNHYJY1ZVvWVs7j,p={proof}".encode())
    except SaslError:
        return
    raise AssertionError("a wrong password was taken")


def calls_of(act: Callable[[], None]) -> Counter[str]:
    """Count the functions of Python and of C that are called."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            calls[frame.f_code.co_qualname if hasattr(frame.f_code, "co_qualname") else ""] += 1
        elif event == "c_call":
            calls[argument.__name__.removeprefix("openssl_").removeprefix("_")] += 1

    act()  # what is cached is cached now
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.asyncio
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-1"])
async def test_r30_challenge_for_a_name_without_account_looks_like_any_other(
    office: RunningOffice, mechanism: str
) -> None:
    """RFC 6120, section 13.11: "a stable false salt", of the same length and rounds."""
    shapes, salts = {}, {}
    for name in ("romeo", "paris"):
        challenges = []
        for _ in range(2):
            client = await opened_in(office, Phase.IN_TLS)
            message = base64.b64encode(f"n,,n={name},r=fyko".encode()).decode()
            client.send(f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{message}</auth>")
            answer = await client.receive(lambda one: one.tag.startswith(f"{{{SASL}}}"))
            fields = base64.b64decode(answer.text or "").decode().split(",")
            challenges.append({field[0]: field[2:] for field in fields})
            await office.end(client, is_cut=True)
        shapes[name] = [{key: len(value) for key, value in one.items()} for one in challenges]
        salts[name] = {one["s"] for one in challenges}
        assert len({one["i"] for one in challenges}) == 1

    assert shapes["romeo"] == shapes["paris"]
    assert {name: len(found) for name, found in salts.items()} == {"romeo": 1, "paris": 1}
    assert salts["romeo"] != salts["paris"]


@pytest.mark.asyncio
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
async def test_r30_failure_for_a_name_without_account_is_that_of_a_wrong_password(
    office: RunningOffice, mechanism: str
) -> None:
    said = {}
    for name in ("romeo", "paris", "r\u00f6meo", "a" * 1_100, "juliet@"):
        client = await opened_in(office, Phase.IN_TLS)
        with pytest.raises(LoginRefusedError) as refused:
            await client.authenticate(name, "hate", mechanism=mechanism)
        said[name] = str(refused.value)

    assert set(said.values()) == {"not-authorized"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "query",
    [
        "<query xmlns='http://jabber.org/protocol/disco#info'/>",
        "<query xmlns='jabber:iq:version'/>",
        "<ping xmlns='urn:xmpp:ping'/>",
        "<vCard xmlns='vcard-temp'/>",
        "<query xmlns='jabber:iq:last'/>",
    ],
)
async def test_r30_query_of_a_stranger_does_not_tell_who_exists(
    office: RunningOffice, query: str
) -> None:
    """RFC 6121, section 8.5.1; a roster is ``forbidden`` in any case (section 2.1.5)."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    answers = []
    for number, name in enumerate(("juliet", "paris")):
        romeo.send(f"<iq type='get' id='{number}' to='{name}@{DOMAIN}'>{query}</iq>")
        answer = await romeo.receive_id(f"{number}")
        shown = [(one.tag, one.get("type")) for one in answer.iter() if one is not answer]
        answers.append((answer.get("type"), shown))

    assert answers[0] == answers[1]
    assert answers[0][0] == "error"


@pytest.mark.asyncio
@pytest.mark.skipif(sys.platform != "linux", reason="other addresses of the loopback interface")
async def test_r31_guesses_are_not_looked_at_and_the_owner_gets_in(office: RunningOffice) -> None:
    """ "1,000 guesses: <= 12 tried; a good device stays in"."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    said: Counter[str] = Counter()
    while said.total() < GUESSES:
        client = await opened_in(office, Phase.IN_TLS)
        for _ in range(TRIES_OF_A_STREAM):
            said[await refusal(client, "PLAIN", "\0romeo\0hate")] += 1
        await office.end(client, is_cut=True)
    elsewhere = await WireClient.connect(
        office.tls_port, DOMAIN, tls=client_tls(office.folder), own=Own(address="127.0.0.2")
    )
    await elsewhere.enter(f"romeo@{DOMAIN}/elsewhere", PASSWORD, tls=None)
    romeo.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>")

    assert said["not-authorized"] <= MOST_TRIED
    assert set(said) == {"not-authorized", "temporary-auth-failure"}
    assert elsewhere.jid == f"romeo@{DOMAIN}/elsewhere"
    assert (await romeo.receive_id("p")).get("type") == "result"
    await elsewhere.close()
