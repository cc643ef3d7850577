"""The port for HTTPS of a real office: TLS, names, and where else it can be reached."""

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from embedded_server.administration import certificates
from embedded_server.network.http.routes import Access
from embedded_server.setting_sections import HttpSettings
from tests.helpers.http_client import HttpClient
from tests.helpers.office import DOMAIN, client_tls, office_settings, running_office

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

XRD = "{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link"
META = "/.well-known/host-meta"


async def test_the_port_speaks_http_in_tls_with_the_offices_certificate(tmp_path: Path) -> None:
    """RFC 7301: ALPN names what is spoken."""
    async with running_office(tmp_path / "office") as office:
        tls = client_tls(office.folder)
        tls.set_alpn_protocols(["h2", "http/1.1"])

        client = await HttpClient.connect(office.http_port, tls)
        found = client.tls.selected_alpn_protocol()
        await client.close()

        assert found == "http/1.1"


async def test_clear_text_is_not_answered(tmp_path: Path) -> None:
    async with running_office(tmp_path / "office") as office:
        clear = await HttpClient.connect(office.http_port)
        clear.send_request("GET", META)
        answer = await clear.read_to_end()
        await clear.close()

        assert answer == b""


async def test_host_meta_names_the_other_ways_to_connect(tmp_path: Path) -> None:
    """XEP-0156, section 3: XML is a must, JSON comes besides; any page may read both."""
    async with running_office(tmp_path / "office") as office:
        client = await office.browse()

        xml = await client.ask("GET", META)
        of_json = await client.ask("GET", f"{META}.json")

        expected = {
            "urn:xmpp:alt-connections:websocket": f"wss://{DOMAIN}:{office.http_port}/xmpp-websocket",
            "urn:xmpp:alt-connections:xbosh": f"https://{DOMAIN}:{office.http_port}/http-bind",
        }
        links = fromstring(xml.body).findall(XRD)  # noqa: S314 - our own
        assert {link.get("rel"): link.get("href") for link in links} == expected
        assert {one["rel"]: one["href"] for one in json.loads(of_json.body)["links"]} == expected
        assert xml.headers["content-type"].startswith("application/xrd+xml")
        assert xml.headers["access-control-allow-origin"] == "*"


async def test_a_public_address_replaces_domain_and_port(tmp_path: Path) -> None:
    settings = office_settings(http=HttpSettings(public_url="https://chat.example.com/"))
    async with running_office(tmp_path / "office", settings=settings) as office:
        client = await office.browse()

        reply = await client.ask("GET", f"{META}.json", Host="chat.example.com")

        assert b"wss://chat.example.com/xmpp-websocket" in reply.body


async def test_a_foreign_name_is_misdirected(tmp_path: Path) -> None:
    """A page that came by DNS rebinding would ask so."""
    async with running_office(tmp_path / "office") as office:
        client = await office.browse()

        assert (await client.ask("GET", META, Host="evil.example")).status == 421
        assert (await client.ask("GET", META, Host=f"upload.{DOMAIN}")).status == 200


async def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    async with running_office(tmp_path / "office") as office:
        first = (await office.browse()).tls.getpeercert(binary_form=True)
        authority = certificates._read_authority(office.folder)
        certificates._issue(office.folder, DOMAIN, authority)

        office.server.reload_certificate()

        second = (await office.browse()).tls.getpeercert(binary_form=True)
        assert first != second


async def test_every_route_says_who_may_use_it(tmp_path: Path) -> None:
    async with running_office(tmp_path / "office") as office:
        routes = {f"{one.method} {one.pattern}": one.access for one in office.server.routes}

        assert {key: one for key, one in routes.items() if one is Access.ANYONE} == {
            f"GET {META}": Access.ANYONE,
            f"GET {META}.json": Access.ANYONE,
        }
