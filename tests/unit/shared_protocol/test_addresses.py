import pytest
from hypothesis import given
from hypothesis import strategies as st
from precis_i18n import get_profile

from shared_protocol.addresses import (
    AddressError,
    BareJid,
    FullJid,
    parse_jid,
    prepare_domainpart,
    prepare_localpart,
    prepare_resourcepart,
)
from shared_protocol.limits import JID_PART_BYTES

ASCII = st.text(st.characters(min_codepoint=1, max_codepoint=127), min_size=1, max_size=20)
WORDS = st.text(st.characters(categories=["L", "N", "P", "Mn"]), min_size=1, max_size=12)
FORBIDDEN_IN_LOCALPART = set("\"&'/:<>@ ")


def by_precis(profile: str, text: str) -> str | None:
    try:
        return get_profile(profile).enforce(text)
    except UnicodeEncodeError:
        return None


def prepared(prepare: object, text: str) -> str | None:
    try:
        return prepare(text)  # type: ignore[operator]
    except AddressError:
        return None


def test_full_jid_has_three_parts() -> None:
    jid = parse_jid("romeo@montague.lit/orchard")

    assert jid == FullJid(BareJid("romeo", "montague.lit"), "orchard")
    assert (jid.localpart, jid.domainpart, jid.resourcepart) == ("romeo", "montague.lit", "orchard")
    assert str(jid) == "romeo@montague.lit/orchard"
    assert jid.bare == BareJid.parse("romeo@montague.lit")
    assert jid.bare.bare == jid.bare


def test_domain_alone_is_a_bare_jid_without_localpart() -> None:
    jid = BareJid.parse("montague.lit")

    assert jid == BareJid("", "montague.lit")
    assert str(jid) == "montague.lit"


def test_address_is_cut_at_the_first_slash_and_the_first_at() -> None:
    """RFC 7622, section 3.1; the resource may hold both characters."""
    jid = parse_jid("romeo@montague.lit/at@the/orchard")

    assert jid == FullJid(BareJid("romeo", "montague.lit"), "at@the/orchard")


def test_localpart_and_domain_are_lower_case_and_the_resource_is_not() -> None:
    """RFC 7622, sections 3.2 to 3.4."""
    assert str(parse_jid("ROMEO@Montague.LIT/Orchard")) == "romeo@montague.lit/Orchard"


def test_one_final_dot_of_the_domain_is_removed() -> None:
    """RFC 7622, section 3.2."""
    assert str(parse_jid("romeo@montague.lit.")) == "romeo@montague.lit"


@pytest.mark.parametrize(
    ("given_domain", "domain"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[0:0::1]", "[::1]"),
        ("b\u00fccher.example", "b\u00fccher.example"),
        ("B\u00dcCHER.example", "b\u00fccher.example"),
        ("xn--bcher-kva.example", "b\u00fccher.example"),
        ("b\u00fccher\u3002example\u3002", "b\u00fccher.example"),
        ("localhost", "localhost"),
    ],
)
def test_domain_is_prepared(given_domain: str, domain: str) -> None:
    assert prepare_domainpart(given_domain) == domain
    assert prepare_domainpart(domain) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@montague.lit",
        "romeo@",
        "romeo@/orchard",
        "/orchard",
        "romeo@montague.lit/",
        "romeo@juliet@montague.lit",
        "ro meo@montague.lit",
        "ro'meo@montague.lit",
        "ro\x00meo@montague.lit",
        "romeo\uff20@montague.lit",  # becomes @ when its width is mapped
        "\ud800@montague.lit",
        "romeo@montague..lit",
        "romeo@montague.lit..",
        "romeo@montague.lit.\u3002",
        "romeo@.",
        "romeo@\u3002",
        "romeo@mon_tague.lit",
        "romeo@-montague.lit",
        "romeo@xn--a.lit",
        "romeo@" + "m" * 64 + ".lit",
        "romeo@" + "m." * 200 + "lit",
        "romeo@[::1",
        "romeo@[::g]",
        "romeo@[fe80::1%<zone>]",
        "romeo@montague.lit/\x07",
        "\u265a@montague.lit",  # RFC 7622, section 3.5, example 24: a symbol
        "\u2163" + "@",
    ],
)
def test_malformed_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse_jid(text)


@pytest.mark.parametrize(
    "text",
    [
        "juliet@example.com/foo bar",
        "juliet@example.com/foo@bar",
        "foo\\20bar@example.com",
        "fussball@example.com",
        "fu\u00dfball@example.com",
        "\u03c0@example.com",
        "king@example.com/\u265a",
        "example.com",
        "a.example.com/b@example.net",
    ],
)
def test_addresses_of_the_examples_are_accepted(text: str) -> None:
    """RFC 7622, section 3.5, table 1."""
    assert str(parse_jid(text)) == text


@pytest.mark.parametrize("part", ["{}@montague.lit", "romeo@montague.lit/{}"])
def test_part_of_1023_bytes_is_accepted_and_one_more_is_refused(part: str) -> None:
    """RFC 7622, section 3."""
    parse_jid(part.format("x" * JID_PART_BYTES))

    with pytest.raises(AddressError, match="1023"):
        parse_jid(part.format("x" * (JID_PART_BYTES + 1)))


def test_limit_counts_bytes_and_holds_after_mapping_too() -> None:
    grows = "\u0390"  # two bytes; its decomposition would be longer, so it must stay composed

    assert prepare_localpart(grows) == grows
    with pytest.raises(AddressError, match="1023"):
        prepare_localpart(grows * (JID_PART_BYTES // 2 + 1))
    with pytest.raises(AddressError, match="1023"):  # U+FB1D is 3 bytes, in NFC 4
        prepare_resourcepart("\u0958" * (JID_PART_BYTES // 3))


def test_bare_jid_refuses_a_resource_and_full_jid_demands_one() -> None:
    with pytest.raises(AddressError, match="has a resource"):
        BareJid.parse("romeo@montague.lit/orchard")
    with pytest.raises(AddressError, match="has no resource"):
        FullJid.parse("romeo@montague.lit")
    assert FullJid.parse("romeo@montague.lit/orchard").resourcepart == "orchard"


def test_with_resource_prepares_the_resource() -> None:
    juliet = BareJid.parse("juliet@capulet.lit")

    assert str(juliet.with_resource("the\u00a0balcony")) == "juliet@capulet.lit/the balcony"
    with pytest.raises(AddressError):
        juliet.with_resource("")


def test_address_too_long_for_the_cache_is_parsed_alike() -> None:
    text = f"romeo@montague.lit/{'x' * 1_000}"

    assert str(parse_jid(text)) == text


@given(ASCII)
def test_ascii_localpart_is_prepared_as_precis_does(text: str) -> None:
    """RFC 7622, section 3.3: UsernameCaseMapped, less the characters of 3.3.1."""
    expected = None if FORBIDDEN_IN_LOCALPART & set(text) else by_precis("UsernameCaseMapped", text)

    assert prepared(prepare_localpart, text) == expected


@given(ASCII)
def test_ascii_resourcepart_is_prepared_as_precis_does(text: str) -> None:
    """RFC 7622, section 3.4: OpaqueString."""
    assert prepared(prepare_resourcepart, text) == by_precis("OpaqueString", text)


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_an_address_error(text: str) -> None:
    try:
        jid = parse_jid(text)
    except AddressError:
        return

    assert jid.bare.domainpart


@given(WORDS, st.text(min_size=1, max_size=20))
def test_prepared_parts_stay_as_they_are(name: str, resource: str) -> None:
    """What was prepared once is its own normal form, else comparing would not work."""
    localpart = prepared(prepare_localpart, name)
    resourcepart = prepared(prepare_resourcepart, resource)

    assert localpart is None or prepared(prepare_localpart, localpart) == localpart
    assert resourcepart is None or prepared(prepare_resourcepart, resourcepart) == resourcepart


@given(WORDS | st.text(min_size=1, max_size=12))
def test_prepared_domain_stays_as_it_is(text: str) -> None:
    domain = prepared(prepare_domainpart, text)

    assert domain is None or prepared(prepare_domainpart, domain) == domain
