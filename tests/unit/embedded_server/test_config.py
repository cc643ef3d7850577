import os
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from embedded_server.config import (
    LimitSettings,
    RegistrationSettings,
    RoomsSettings,
    ServerSettings,
    Settings,
    SettingsError,
    StorageSettings,
    checked_domain,
    checked_settings,
    load_settings,
    settings_file_text,
    settings_from_text,
)
from embedded_server.service_sections import (
    ComponentSettings,
    ContactSettings,
    ExternalServiceSettings,
    PushSettings,
)
from embedded_server.setting_sections import HttpSettings, ProxySettings
from shared_protocol.limits import (
    CLIENT_STREAM,
    ConnectionLimits,
    RateLimits,
    RosterLimits,
    SpoolLimits,
)

DOMAIN = '[server]\ndomain = "capulet.lit"\n'


def test_what_is_not_written_has_its_default() -> None:
    settings = settings_from_text(DOMAIN)

    assert settings == Settings(server=ServerSettings(domain="capulet.lit"))
    assert (settings.server.port, settings.server.tls_port) == (5222, 5223)
    assert settings.server.http_port == 5443
    assert not settings.registration.open


def test_defaults_of_the_limits_are_those_of_the_one_table() -> None:
    """Security.md section 6: a number of the table stands nowhere else."""
    limits = LimitSettings()

    assert limits.stream() == CLIENT_STREAM
    assert limits.connections() == ConnectionLimits()
    assert limits.rates() == RateLimits()
    assert limits.rosters() == RosterLimits()
    assert limits.spool() == SpoolLimits()


def test_every_rate_and_size_but_that_of_a_stanza_can_be_lifted() -> None:
    numbers = [
        one.name for one in fields(LimitSettings) if one.type is int and one.name != "stanza_bytes"
    ]
    written = "\n".join(f"{name} = 0" for name in numbers)

    limits = settings_from_text(f"{DOMAIN}[limits]\n{written}").limits

    assert {getattr(limits, name) for name in numbers} == {0}


def test_written_file_reads_back_as_it_was() -> None:
    settings = Settings(
        server=ServerSettings(
            domain="capulet.lit",
            office_name='House of "Capulet" \\ Verona ☂',
            listen=("127.0.0.1", "::1"),
            port=0,
            log_level="debug",
        ),
        limits=LimitSettings(roster_items=7, counts_loopback=False),
        registration=RegistrationSettings(open=True),
        storage=StorageSettings(url="sqlite:///other.db"),
    )

    assert settings_from_text(settings_file_text(settings)) == settings


def test_written_file_explains_every_setting() -> None:
    text = settings_file_text(settings_from_text(DOMAIN))
    uncommented = "\n".join(
        line.removeprefix("# ") if " = " in line else line for line in text.splitlines()
    )

    document = tomllib.loads(uncommented)

    kinds = {
        "server": ServerSettings,
        "limits": LimitSettings,
        "registration": RegistrationSettings,
        "storage": StorageSettings,
        "http": HttpSettings,
        "proxy": ProxySettings,
        "contact": ContactSettings,
        "components": ComponentSettings,
        "external_services": ExternalServiceSettings,
        "push": PushSettings,
        "rooms": RoomsSettings,
    }
    assert {name: list(section) for name, section in document.items()} == {
        name: [one.name for one in fields(kind)] for name, kind in kinds.items()
    }
    lines = text.splitlines()
    assert all(
        lines[number - 1].startswith("# ") for number, line in enumerate(lines) if " = " in line
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[server]\ndomian = "a"', "'domian' is no setting of [server]: did you mean 'domain'?"),
        ("[sever]\n", "'sever' is no section: did you mean 'server'?"),
        (f"{DOMAIN}[limits]\nrosteritems = 1", "did you mean 'roster_items'?"),
        (f"{DOMAIN}[limits]\nxyz = 1", "known are stanza_bytes,"),
        ("server = 1", "server must be a section: write [server]"),
        ("[server]\n", 'The domain is missing: write domain = "..."'),
        ("[server]\ndomain = 1", "server.domain must be a text in quotes"),
        (f'{DOMAIN}port = "5222"', "expected a whole number from 0 to 65535"),
        (f"{DOMAIN}port = true", "expected a whole number"),
        (f"{DOMAIN}port = 65536", "server.port is 65536, expected a whole number from 0 to"),
        (f"{DOMAIN}tls_port = -1", "server.tls_port is -1"),
        (f'{DOMAIN}listen = "::"', "server.listen must be a list of texts"),
        (f"{DOMAIN}listen = [1]", "server.listen must be a list of texts"),
        (f'{DOMAIN}listen = ["verona"]', "'verona' is no IP address to listen on"),
        (f'{DOMAIN}[rooms]\ncreation = "me"', "expected 'everybody' or 'administrators'"),
        (f'{DOMAIN}log_level = "loud"', "expected one of debug, info, warning, error"),
        (f'{DOMAIN}office_name = "a\\nb"', "must be one line of at most 100"),
        (f"{DOMAIN}[limits]\nstanza_bytes = 0", "limits.stanza_bytes is 0, expected"),
        (f"{DOMAIN}[limits]\nstanzas_per_second = 1.5", "expected a whole number"),
        (f"{DOMAIN}[registration]\nopen = 1", "registration.open must be true or false"),
        (f'{DOMAIN}[storage]\nurl = "postgresql://x/y"', 'must begin with "sqlite:///"'),
        (f'{DOMAIN}[storage]\nurl = "sqlite:///"', "name a file"),
        ("[server\n", "This is no TOML"),
    ],
)
def test_wrong_setting_is_refused_with_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from_text(text)

    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["10.0.0.1", "::1", "[::1]", "127.1.1.1"])
def test_ip_address_is_no_domain_of_an_office(text: str) -> None:
    with pytest.raises(SettingsError, match="is an IP address"):
        checked_domain(text)


@pytest.mark.parametrize("text", ["acme.local", "Acme.LOCAL.", "local"])
def test_domain_of_mdns_is_refused_with_a_better_one(text: str) -> None:
    with pytest.raises(SettingsError, match=r"mDNS; take \w+\.internal"):
        checked_domain(text)


@pytest.mark.parametrize("text", ["", "a b", "a/b", "romeo@a.b", "-", "a..b", "\ud800", "a" * 300])
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        checked_domain(text)


def test_domain_that_leaves_no_room_for_sub_domains_is_refused() -> None:
    with pytest.raises(SettingsError, match="longer than 240 bytes"):
        checked_domain(".".join(["a" * 49] * 5))


def test_domain_is_brought_to_its_normal_form() -> None:
    assert checked_domain("Capulet.LIT.") == "capulet.lit"
    assert checked_domain("xn--mnchen-3ya.example") == checked_domain("München.example")
    assert settings_from_text('[server]\ndomain = "CAPULET.lit"').server.domain == "capulet.lit"


def test_values_of_the_command_line_have_the_bounds_of_the_file() -> None:
    settings = settings_from_text(DOMAIN)
    wrong = replace(settings, server=replace(settings.server, port=70_000))

    with pytest.raises(SettingsError, match=r"server\.port is 70000"):
        checked_settings(wrong)


def test_database_lies_in_the_data_folder_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    assert StorageSettings().database_path(tmp_path) == tmp_path / "parlour.db"
    assert StorageSettings(url="sqlite:///a/b.db").database_path(tmp_path) == tmp_path / "a/b.db"
    assert StorageSettings(url="sqlite:////a/b.db").database_path(tmp_path) == Path("/a/b.db")


def test_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "parlour.toml"

    with pytest.raises(SettingsError, match=f"{path} cannot be read: No such file"):
        load_settings(tmp_path)
    path.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(tmp_path)
    path.write_text("[sever]")
    with pytest.raises(SettingsError, match=f"{path}: 'sever' is no section"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        'public_url = "http://chat.example.com"',
        'public_url = "https://chat.example.com/path"',
        'origins = ["chat.example.com"]',
        'origins = ["https://chat.example.com/"]',
    ],
)
def test_an_address_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(SettingsError, match="expected"):
        settings_from_text(f"{DOMAIN}\n[http]\n{line}\n")


def test_web_addresses_are_read() -> None:
    settings = settings_from_text(
        f'{DOMAIN}\n[http]\npublic_url = "https://chat.example.com:8443"\norigins = ["*"]\n'
    )

    assert settings.http == HttpSettings(public_url="https://chat.example.com:8443", origins=("*",))


def test_contact_addresses_are_uris_by_kind() -> None:
    """XEP-0157, section 3: "Values ... MUST be valid URIs"."""
    settings = settings_from_text(
        f'{DOMAIN}\n[contact]\nabuse = ["mailto:abuse@montague.lit", "xmpp:nurse@montague.lit"]\n'
    )

    assert settings.contact.by_kind()["abuse"] == (
        "mailto:abuse@montague.lit",
        "xmpp:nurse@montague.lit",
    )
    assert settings.contact.support == ()


@pytest.mark.parametrize("address", ["nurse@montague.lit", "", "https://a b", "://x", 3])
def test_contact_address_without_a_scheme_is_refused_with_an_example(address: object) -> None:
    with pytest.raises(SettingsError, match=r"mailto:help@example.com|must be|expected"):
        settings_from_text(f"{DOMAIN}\n[contact]\nsupport = [{address!r}]\n")


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        ("echo.montague.lit", "needs a secret of 16 characters"),
        ("echo.montague.lit=short", "needs a secret of 16 characters"),
        ("=two such opposed kings", "is no domain"),
        ("a b=two such opposed kings", "is no domain"),
    ],
)
def test_component_needs_a_domain_and_a_long_secret(secret: str, sentence: str) -> None:
    """XEP-0114: who knows the secret speaks for every address of the domain."""
    with pytest.raises(SettingsError, match=sentence) as refused:
        settings_from_text(f"{DOMAIN}\n[components]\nsecrets = [{secret!r}]\n")

    assert "opposed" not in str(refused.value)


def test_secrets_of_components_are_found_by_domain_and_kept_out_of_logs() -> None:
    settings = settings_from_text(
        f'{DOMAIN}\n[components]\nsecrets = ["Echo.Montague.lit = two such opposed kings"]\n'
    )

    assert settings.components.by_domain() == {"echo.montague.lit": "two such opposed kings"}
    assert "opposed" not in repr(settings)


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of Unix")
def test_file_with_secrets_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "parlour.toml"
    path.write_text(f'{DOMAIN}\n[components]\nsecrets = ["e.lit=two such opposed kings"]\n')
    path.chmod(0o640)

    with pytest.raises(SettingsError, match="chmod 600"):
        load_settings(tmp_path)
    path.chmod(0o600)

    assert load_settings(tmp_path).components.secrets


def test_addresses_of_relays_are_parted() -> None:
    settings = settings_from_text(
        f"{DOMAIN}\n[external_services]\n"
        'addresses = ["stun:relay.lit", "turns:relay.lit:5349?transport=tcp", "turn:[::1]:3478"]\n'
    )

    found = [
        (one.type, one.host, one.port, one.transport) for one in settings.external_services.parted()
    ]

    assert found == [
        ("stun", "relay.lit", 0, ""),
        ("turns", "relay.lit", 5349, "tcp"),
        ("turn", "::1", 3478, ""),
    ]


@pytest.mark.parametrize(
    "address", ["relay.lit", "turn:", "turn:relay.lit:99999", "turn:a b", "turn:r?transport=quic"]
)
def test_address_of_a_relay_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="expected one such as"):
        settings_from_text(f"{DOMAIN}\n[external_services]\naddresses = [{address!r}]\n")
