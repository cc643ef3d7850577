import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import LocalProtocolError, SaslCondition, SaslError
from shared_protocol.sasl.mechanisms import STRONGEST_FIRST, ScramHash, is_plus, scram_hash_of
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.sasl.scram import DEFAULT_ITERATIONS, ClientScram, ScramKeys
from shared_protocol.sasl.server import (
    TRANSITIONS,
    Challenge,
    CheckPassword,
    LoginInput,
    LoginState,
    ServerLogin,
    Success,
)

BINDING = b"hash of the certificate"
PASSWORD = "wherefore"
KEYS = {one: ScramKeys.derive(PASSWORD, one, 4_096, b"salt") for one in ScramHash}


def credentials(localpart: str, scram_hash: ScramHash) -> ScramKeys | None:
    return KEYS[scram_hash] if localpart == "romeo" else None


def login(
    *, offered: tuple[str, ...] = STRONGEST_FIRST, binding: bytes | None = BINDING
) -> ServerLogin:
    return ServerLogin(
        credentials=credentials,
        domain="montague.lit",
        fake_salt_secret=b"secret of the office",
        channel_binding=binding,
        offered=SaslOffer.of(offered),
    )


def client(mechanism: str, localpart: str = "romeo", binding: bytes = BINDING) -> ClientScram:
    scram_hash = scram_hash_of(mechanism)
    assert scram_hash is not None
    return ClientScram(
        localpart=localpart,
        scram_hash=scram_hash,
        channel_binding=binding if is_plus(mechanism) else None,
    )


def first_of(step: object) -> bytes:
    assert isinstance(step, Challenge)
    return step.data


def refusal(server: ServerLogin, mechanism: str, initial: bytes) -> SaslCondition:
    with pytest.raises(SaslError) as refused:
        server.begin(mechanism, initial)
    assert server.state is LoginState.FAILED
    return refused.value.condition


SCRAM = [name for name in STRONGEST_FIRST if name != "PLAIN"]


@pytest.mark.parametrize("with_initial_response", [True, False])
@pytest.mark.parametrize("mechanism", SCRAM)
def test_account_logs_in_by_every_kind_of_scram(
    mechanism: str, *, with_initial_response: bool
) -> None:
    romeo, server = client(mechanism), login()

    if with_initial_response:
        step = server.begin(mechanism, romeo.first())
    else:
        assert server.begin(mechanism, None) == Challenge(b"")
        step = server.respond(romeo.first())
    romeo.challenge(first_of(step))
    success = server.respond(romeo.final(romeo.derive(PASSWORD)))

    assert isinstance(success, Success)
    assert success.localpart == server.localpart == "romeo"
    romeo.check(success.data or b"")


@pytest.mark.parametrize("mechanism", SCRAM)
@pytest.mark.parametrize(("localpart", "password"), [("romeo", "x"), ("nobody", PASSWORD)])
def test_wrong_password_and_unknown_account_are_refused_alike(
    mechanism: str, localpart: str, password: str
) -> None:
    """RFC 6120, section 13.11."""
    romeo, server = client(mechanism, localpart), login()
    romeo.challenge(first_of(server.begin(mechanism, romeo.first())))

    with pytest.raises(SaslError) as refused:
        server.respond(romeo.final(romeo.derive(password)))

    assert refused.value.condition is SaslCondition.NOT_AUTHORIZED
    assert str(refused.value) == "not-authorized: the proof is wrong"


def challenge_for(localpart: str, server: ServerLogin | None = None) -> dict[str, str]:
    stranger = client("SCRAM-SHA-256", localpart)
    data = first_of((server or login()).begin("SCRAM-SHA-256", stranger.first()))
    return dict(part.split("=", 1) for part in data.decode().split(","))


def test_unknown_account_has_a_salt_that_stays() -> None:
    """Else two tries would tell who exists; an office has a secret of its own."""
    here, elsewhere = challenge_for("nobody"), challenge_for("nobody", other_office())

    assert here["s"] == challenge_for("nobody")["s"] == challenge_for("NoBody")["s"]
    assert here["s"] != challenge_for("somebody")["s"]
    assert here["s"] != elsewhere["s"]
    assert here["i"] == str(DEFAULT_ITERATIONS)


def other_office() -> ServerLogin:
    return ServerLogin(
        credentials=credentials,
        domain="montague.lit",
        fake_salt_secret=b"another secret",
        channel_binding=None,
        offered=SaslOffer.of(["SCRAM-SHA-256"]),
    )


def test_name_is_prepared_before_the_account_is_looked_up() -> None:
    romeo, server = client("SCRAM-SHA-256", "ROMEO"), login()
    romeo.challenge(first_of(server.begin("SCRAM-SHA-256", romeo.first())))

    success = server.respond(romeo.final(romeo.derive(PASSWORD)))

    assert isinstance(success, Success)
    assert success.localpart == "romeo"


@pytest.mark.parametrize("name", ["", "ro meo", "romeo@montague.lit", "\u265a"])
def test_name_that_nobody_can_have_is_not_authorized(name: str) -> None:
    first = f"n,,n={name},r=abc".encode()

    assert refusal(login(), "SCRAM-SHA-256", first) is SaslCondition.NOT_AUTHORIZED
    plain = f"\0{name}\0x".encode()
    assert refusal(login(), "PLAIN", plain) is SaslCondition.NOT_AUTHORIZED


@pytest.mark.parametrize(
    "authzid",
    ["juliet@montague.lit", "romeo@capulet.lit", "romeo", "romeo@montague.lit/orchard", "@", "x y"],
)
def test_nobody_acts_as_somebody_else(authzid: str) -> None:
    """RFC 6120, sections 6.3.8 and 6.5.6; ejabberd issue 4601."""
    scram = f"n,a={authzid},n=romeo,r=abc".encode()

    assert refusal(login(), "SCRAM-SHA-256", scram) is SaslCondition.INVALID_AUTHZID
    plain = f"{authzid}\0romeo\0{PASSWORD}".encode()
    assert refusal(login(), "PLAIN", plain) is SaslCondition.INVALID_AUTHZID


@pytest.mark.parametrize("authzid", ["", "romeo@montague.lit", "ROMEO@Montague.lit"])
def test_own_account_as_authzid_is_accepted(authzid: str) -> None:
    step = login().begin("SCRAM-SHA-256", f"n,a={authzid},n=romeo,r=abc".encode())

    assert isinstance(step, Challenge)


@pytest.mark.parametrize(
    ("mechanism", "flag", "offered", "binding", "condition"),
    [
        # Section 6: the flag y says "you offered no -PLUS", but we did
        ("SCRAM-SHA-256", "y", STRONGEST_FIRST, BINDING, SaslCondition.NOT_AUTHORIZED),
        ("SCRAM-SHA-256", "y", ("SCRAM-SHA-256",), BINDING, None),
        ("SCRAM-SHA-256", "n", STRONGEST_FIRST, BINDING, None),
        (
            "SCRAM-SHA-256",
            "p=tls-server-end-point",
            STRONGEST_FIRST,
            BINDING,
            SaslCondition.MALFORMED_REQUEST,
        ),
        ("SCRAM-SHA-256", "p=n", STRONGEST_FIRST, BINDING, SaslCondition.MALFORMED_REQUEST),
        ("SCRAM-SHA-256", "p=y", ("SCRAM-SHA-256",), None, SaslCondition.MALFORMED_REQUEST),
        ("SCRAM-SHA-256-PLUS", "p=tls-server-end-point", STRONGEST_FIRST, BINDING, None),
        ("SCRAM-SHA-256-PLUS", "n", STRONGEST_FIRST, BINDING, SaslCondition.MALFORMED_REQUEST),
        ("SCRAM-SHA-256-PLUS", "y", STRONGEST_FIRST, BINDING, SaslCondition.MALFORMED_REQUEST),
        (
            "SCRAM-SHA-256-PLUS",
            "p=tls-unique",
            STRONGEST_FIRST,
            BINDING,
            SaslCondition.MALFORMED_REQUEST,
        ),
        (
            "SCRAM-SHA-256-PLUS",
            "p=tls-server-end-point",
            STRONGEST_FIRST,
            None,
            SaslCondition.MALFORMED_REQUEST,
        ),
    ],
)
def test_binding_flag_must_fit_what_was_offered(
    mechanism: str,
    flag: str,
    offered: tuple[str, ...],
    binding: bytes | None,
    condition: SaslCondition | None,
) -> None:
    """RFC 5802, section 6."""
    server, first = login(offered=offered, binding=binding), f"{flag},,n=romeo,r=abc".encode()

    if condition is None:
        assert isinstance(server.begin(mechanism, first), Challenge)
    else:
        assert refusal(server, mechanism, first) is condition


def test_login_through_a_man_in_the_middle_fails_with_plus() -> None:
    """Who shows another certificate has another binding."""
    romeo, server = client("SCRAM-SHA-256-PLUS", binding=b"another certificate"), login()
    romeo.challenge(first_of(server.begin("SCRAM-SHA-256-PLUS", romeo.first())))

    with pytest.raises(SaslError, match="proof"):
        server.respond(romeo.final(romeo.derive(PASSWORD)))


def checked(name: str, password: str) -> tuple[ServerLogin, CheckPassword]:
    server = login()
    step = server.begin("PLAIN", f"\0{name}\0{password}".encode())
    assert isinstance(step, CheckPassword)
    return server, step


def test_plain_password_is_checked_by_the_caller() -> None:
    """RFC 4616."""
    server, step = checked("romeo", PASSWORD)

    assert step.localpart == "romeo"
    assert step.keys.matches(step.password, step.scram_hash)
    assert server.password_checked(is_right=True) == Success("romeo", None)


def test_plain_is_refused_when_the_password_is_wrong() -> None:
    server, step = checked("romeo", "x")

    assert not step.keys.matches(step.password, step.scram_hash)
    with pytest.raises(SaslError, match="not-authorized"):
        server.password_checked(is_right=False)
    with pytest.raises(LocalProtocolError):
        server.password_checked(is_right=True)


def test_unknown_account_costs_the_same_work_with_plain_and_never_matches() -> None:
    _server, step = checked("nobody", PASSWORD)

    assert step.keys.iterations == DEFAULT_ITERATIONS
    assert not step.keys.matches(step.password, step.scram_hash)


def test_password_is_not_shown() -> None:
    _server, step = checked("romeo", PASSWORD)

    assert PASSWORD not in repr(step)


@pytest.mark.parametrize(
    ("message", "condition"),
    [
        (b"", SaslCondition.MALFORMED_REQUEST),
        (b"romeo", SaslCondition.MALFORMED_REQUEST),
        (b"\0romeo", SaslCondition.MALFORMED_REQUEST),
        (b"\0romeo\0a\0b", SaslCondition.MALFORMED_REQUEST),
        (b"\0\xff\0x", SaslCondition.MALFORMED_REQUEST),
        (b"\0romeo\0" + b"x" * 9_000, SaslCondition.MALFORMED_REQUEST),
        (b"\0romeo\0", SaslCondition.NOT_AUTHORIZED),
        (b"\0romeo\0\x07", SaslCondition.NOT_AUTHORIZED),
    ],
)
def test_malformed_plain_is_refused(message: bytes, condition: SaslCondition) -> None:
    assert refusal(login(), "PLAIN", message) is condition


@pytest.mark.parametrize("mechanism", ["", "DIGEST-MD5", "scram-sha-256", "EXTERNAL"])
def test_mechanism_that_is_not_offered_is_refused(mechanism: str) -> None:
    """RFC 6120, section 6.5.7."""
    assert refusal(login(), mechanism, b"") is SaslCondition.INVALID_MECHANISM


def test_mechanism_that_is_offered_but_not_known_is_refused() -> None:
    server = login(offered=("EXTERNAL",))

    assert refusal(server, "EXTERNAL", b"") is SaslCondition.INVALID_MECHANISM


def act(server: ServerLogin, action: int) -> None:
    match action:
        case 0:
            server.begin("PLAIN", None)
        case 1:
            server.begin("SCRAM-SHA-256", b"n,,n=romeo,r=abc")
        case 2:
            server.respond(f"\0romeo\0{PASSWORD}".encode())
        case 3:
            server.respond(b"c=biws,r=abc,p=AAAA")
        case 4:
            server.password_checked(is_right=False)
        case 5:
            server.password_checked(is_right=True)
        case 6:
            server.begin("HT-SHA-256-NONE", b"romeo\0" + bytes(32))
        case _:
            server.token_found(b"answer")


@given(st.lists(st.integers(0, 7), max_size=6))
def test_calls_in_any_order_succeed_only_with_password_or_token(actions: list[int]) -> None:
    server = login(offered=(*STRONGEST_FIRST, "HT-SHA-256-NONE"))
    for action in actions:
        before = server.state
        try:
            act(server, action)
        except SaslError:
            assert server.state is LoginState.FAILED
        except LocalProtocolError:
            assert server.state is before
        if server.state is LoginState.SUCCEEDED and before is not LoginState.SUCCEEDED:
            assert (before, action) in {
                (LoginState.CHECKING_PASSWORD, 5),
                (LoginState.CHECKING_TOKEN, 7),
            }


def test_plain_is_checked_with_the_keys_that_an_account_has() -> None:
    """Accounts that come from elsewhere may lack the newer ones (XEP-0480)."""
    server = ServerLogin(
        credentials=lambda _name, one: KEYS[one] if one is ScramHash.SHA_1 else None,
        domain="montague.lit",
        fake_salt_secret=b"secret of the office",
        channel_binding=None,
        offered=SaslOffer.of(STRONGEST_FIRST),
    )

    step = server.begin("PLAIN", f"\0romeo\0{PASSWORD}".encode())

    assert isinstance(step, CheckPassword)
    assert step.keys.matches(PASSWORD, step.scram_hash)


@pytest.mark.parametrize("state", [LoginState.SUCCEEDED, LoginState.FAILED])
@pytest.mark.parametrize("given_input", list(LoginInput))
def test_nothing_follows_the_end_of_a_login(state: LoginState, given_input: LoginInput) -> None:
    assert (state, given_input) not in TRANSITIONS


def test_response_after_success_is_refused() -> None:
    server, _step = checked("romeo", PASSWORD)
    server.password_checked(is_right=True)

    with pytest.raises(SaslError, match="no challenge"):
        server.respond(b"")
