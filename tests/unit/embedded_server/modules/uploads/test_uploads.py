"""Files over HTTPS, as their owner and everybody else sees them (XEP-0363)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import pytest_asyncio

from embedded_server.config import LimitSettings
from embedded_server.modules.uploads.upload_module import UploadModule
from shared_protocol.namespaces import DISCO_INFO, DISCO_ITEMS, STANZA_ERRORS, UPLOAD
from shared_protocol.stanzas.delay import moment_from_text
from tests.helpers.office import PASSWORD, RunningOffice, office_settings, running_office
from tests.helpers.upload_office import ROSE, ask_for_slot, slot_for, slot_of

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

FREE = LimitSettings(stanzas_per_second=0, bytes_per_second=0, counts_loopback=False)
NAME = "très cool.jpg"


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[RunningOffice]:
    async with running_office(tmp_path / "office") as opened:
        yield opened


def files_of(office: RunningOffice) -> list[Path]:
    return [path for path in (office.folder / "uploads").rglob("*") if path.is_file()]


def module_of(office: RunningOffice) -> UploadModule:
    (found,) = (one for one in office.server._modules._modules if isinstance(one, UploadModule))
    return found


async def test_the_service_is_found_with_its_largest_size(office: RunningOffice) -> None:
    """Section 3, examples 1 to 4."""
    client = await office.log_in("romeo/orchard")
    client.send(f"<iq type='get' id='i' to='montague.lit'><query xmlns='{DISCO_ITEMS}'/></iq>")
    items = await client.receive_id("i")
    assert "upload.montague.lit" in [one.get("jid") for one in items[0]]

    client.send(
        f"<iq type='get' id='d' to='upload.montague.lit'><query xmlns='{DISCO_INFO}'/></iq>"
    )
    info = (await client.receive_id("d"))[0]

    identity = info.find(f"{{{DISCO_INFO}}}identity")
    assert identity is not None
    assert (identity.get("category"), identity.get("type")) == ("store", "file")
    features = {one.get("var") for one in info.findall(f"{{{DISCO_INFO}}}feature")}
    assert {UPLOAD, "urn:xmpp:http:upload:purpose:0#ephemeral"} <= features
    fields = {
        one.get("var"): one.findtext("{jabber:x:data}value")
        for one in info.iter("{jabber:x:data}field")
    }
    assert fields == {"FORM_TYPE": UPLOAD, "max-file-size": "104857600"}


async def test_a_file_is_put_once_and_got_as_it_was(office: RunningOffice) -> None:
    """Sections 4 and 7: 201 says that it can be got."""
    slot = await slot_for(office, NAME, media_type="image/jpeg")
    browser = await office.browse()

    put = await browser.ask("PUT", slot.path, ROSE, Content_Type="image/jpeg")
    got = await browser.ask("GET", slot.path)

    assert put.status == 201
    assert (got.status, got.body) == (200, ROSE)
    assert got.headers["content-type"] == "image/jpeg"
    assert slot.put_url.startswith(f"https://montague.lit:{office.http_port}/upload/")
    assert slot.put_url.endswith("/tr%C3%A8s%20cool.jpg")
    (file,) = files_of(office)
    assert file.read_bytes() == ROSE
    assert file.stat().st_mode & 0o077 == 0


async def test_a_file_is_there_after_a_restart(office: RunningOffice) -> None:
    slot = await slot_for(office)
    browser = await office.browse()
    await browser.ask("PUT", slot.path, ROSE)

    await office.restart()

    assert (await (await office.browse()).ask("GET", slot.path)).body == ROSE


async def test_a_used_slot_is_refused(office: RunningOffice) -> None:
    """XEP-0363, section 7; 409 as other servers say it."""
    slot = await slot_for(office)
    browser = await office.browse()
    await browser.ask("PUT", slot.path, ROSE)

    again = await browser.ask("PUT", slot.path, ROSE.upper())

    assert again.status == 409
    assert (await (await office.browse()).ask("GET", slot.path)).body == ROSE


@pytest.mark.parametrize("length", [1, len(ROSE) - 1, len(ROSE) + 1, 10_000_000_000])
async def test_another_length_is_refused_before_it_is_read(
    office: RunningOffice, length: int
) -> None:
    """Section 7: the length must be that of the slot."""
    slot = await slot_for(office)
    browser = await office.browse()

    reply = await browser.ask("PUT", slot.path, b"", Content_Length=str(length))

    assert reply.status == 413
    assert files_of(office) == []


async def test_content_without_a_length_is_refused(office: RunningOffice) -> None:
    """RFC 9110, section 15.5.12."""
    slot = await slot_for(office)
    browser = await office.browse()

    assert (await browser.ask("PUT", slot.path, Transfer_Encoding="chunked")).status == 411


async def test_another_content_type_is_refused(office: RunningOffice) -> None:
    """Section 7: it should be refused where the slot names one."""
    slot = await slot_for(office, NAME, media_type="image/jpeg")
    browser = await office.browse()

    wrong = await browser.ask("PUT", slot.path, ROSE, Content_Type="text/html")
    right = await (await office.browse()).ask(
        "PUT", slot.path, ROSE, Content_Type="IMAGE/JPEG; q=1"
    )

    assert (wrong.status, right.status) == (415, 201)


async def test_an_upload_that_breaks_off_leaves_nothing_and_can_be_repeated(
    office: RunningOffice,
) -> None:
    slot = await slot_for(office)
    browser = await office.browse()
    browser.send_request("PUT", slot.path, ROSE[:5], Content_Length=str(len(ROSE)))
    await browser.drain()
    await browser.close()

    async with asyncio.timeout(5):
        while (reply := await (await office.browse()).ask("PUT", slot.path, ROSE)).status == 409:
            pass  # the first one is still being noticed

    assert reply.status == 201


async def test_a_large_file_passes_whole(office: RunningOffice) -> None:
    content = bytes(range(256)) * 40_000
    slot = await slot_for(office, "large.bin", size=len(content))
    browser = await office.browse()

    assert (await browser.ask("PUT", slot.path, content)).status == 201
    assert (await browser.ask("GET", slot.path)).body == content


class TestGetting:
    """RFC 9110: ranges, tags, what a browser may do with it."""

    @pytest_asyncio.fixture
    async def path(self, office: RunningOffice) -> str:
        slot = await slot_for(office)
        await (await office.browse()).ask("PUT", slot.path, ROSE)
        return slot.path

    async def test_a_part_is_got(self, office: RunningOffice, path: str) -> None:
        """Section 14.2."""
        browser = await office.browse()

        part = await browser.ask("GET", path, Range="bytes=2-5")
        behind = await browser.ask("GET", path, Range="bytes=1000-")
        several = await browser.ask("GET", path, Range="bytes=0-1,4-5")

        assert (part.status, part.body) == (206, b"rose")
        assert part.headers["content-range"] == f"bytes 2-5/{len(ROSE)}"
        assert behind.status == 416
        assert behind.headers["content-range"] == f"bytes */{len(ROSE)}"
        assert (several.status, several.body) == (200, ROSE)

    async def test_a_tag_saves_the_second_transfer(self, office: RunningOffice, path: str) -> None:
        """Sections 13.1.2 and 13.1.5."""
        browser = await office.browse()
        first = await browser.ask("GET", path)
        tag = first.headers["etag"]

        same = await browser.ask("GET", path, If_None_Match=f'"x", W/{tag}')
        part = await browser.ask("GET", path, Range="bytes=0-0", If_Range=tag)
        whole = await browser.ask("GET", path, Range="bytes=0-0", If_Range='"other"')

        assert (same.status, same.body) == (304, b"")
        assert (part.status, whole.status) == (206, 200)
        assert "immutable" in first.headers["cache-control"]

    async def test_head_tells_the_size(self, office: RunningOffice, path: str) -> None:
        browser = await office.browse()

        head = await browser.ask("HEAD", path)

        assert (head.status, head.headers["content-length"]) == (200, str(len(ROSE)))
        assert (await browser.ask("GET", path)).body == ROSE

    async def test_another_name_in_the_address_is_not_found(
        self, office: RunningOffice, path: str
    ) -> None:
        browser = await office.browse()

        other = await browser.ask("GET", path.replace("rose.txt", "rose.exe"))

        assert other.status == 404

    async def test_pages_of_every_origin_may_put_and_get(
        self, office: RunningOffice, path: str
    ) -> None:
        """XEP-0363, section 8: the address is the right."""
        browser = await office.browse()

        preflight = await browser.ask(
            "OPTIONS", path, Origin="https://x.example", Access_Control_Request_Method="PUT"
        )
        got = await browser.ask("GET", path, Origin="https://x.example")

        assert preflight.headers["access-control-allow-origin"] == "*"
        assert "PUT" in preflight.headers["access-control-allow-methods"]
        assert "access-control-allow-credentials" not in preflight.headers
        assert got.headers["access-control-allow-origin"] == "*"


class TestRefusedSlots:
    """Section 6."""

    async def test_too_large_tells_the_largest(self, office: RunningOffice) -> None:
        client = await office.log_in("romeo/orchard")

        answer = await ask_for_slot(client, size=104_857_601)

        error = answer.find("{jabber:client}error")
        assert error is not None
        assert error.get("type") == "modify"
        assert error.find(f"{{{STANZA_ERRORS}}}not-acceptable") is not None
        most = error.findtext(f"{{{UPLOAD}}}file-too-large/{{{UPLOAD}}}max-file-size")
        assert most == "104857600"

    @pytest.mark.parametrize(
        "limits",
        [replace(FREE, upload_day_bytes=100), replace(FREE, upload_total_bytes=100)],
        ids=["day", "total"],
    )
    async def test_quota_tells_when_to_try_again(
        self, tmp_path: Path, limits: LimitSettings
    ) -> None:
        settings = office_settings(limits=limits)
        async with running_office(tmp_path / "limited", settings=settings) as office:
            client = await office.log_in("romeo/orchard")
            slot_of(await ask_for_slot(client, size=60))

            answer = await ask_for_slot(client, size=60)

            error = answer.find("{jabber:client}error")
            assert error is not None
            assert error.get("type") == "wait"
            assert error.find(f"{{{STANZA_ERRORS}}}resource-constraint") is not None
            retry = error.find(f"{{{UPLOAD}}}retry")
            assert retry is not None
            assert moment_from_text(retry.get("stamp", "")) > datetime.now(UTC)
            assert retry.get("stamp", "").endswith("Z")
            slot_of(await ask_for_slot(client, size=40))

    async def test_the_quota_of_a_day_is_that_of_one_account(self, tmp_path: Path) -> None:
        settings = office_settings(limits=replace(FREE, upload_day_bytes=100))
        async with running_office(tmp_path / "limited", settings=settings) as office:
            romeo, juliet = await office.log_in("romeo/a"), await office.log_in("juliet/b")
            slot_of(await ask_for_slot(romeo, size=100))

            slot_of(await ask_for_slot(juliet, size=100))

    @pytest.mark.parametrize("attributes", ["", "filename='a'", "filename='a' size='-1'"])
    async def test_a_request_without_what_it_needs_is_bad(
        self, office: RunningOffice, attributes: str
    ) -> None:
        client = await office.log_in("romeo/orchard")

        client.send(
            "<iq type='get' id='s' to='upload.montague.lit'>"
            f"<request xmlns='{UPLOAD}' {attributes}/></iq>"
        )
        answer = await client.receive_id("s")

        assert answer.find(f"*/{{{STANZA_ERRORS}}}bad-request") is not None

    async def test_other_stanzas_are_not_taken(self, office: RunningOffice) -> None:
        """RFC 6121, section 8.5."""
        client = await office.log_in("romeo/orchard")

        client.send("<message id='m' to='upload.montague.lit'><body>hi</body></message>")
        client.send("<iq type='get' id='q' to='upload.montague.lit'><a xmlns='urn:b'/></iq>")

        for name in ("m", "q"):
            answer = await client.receive_id(name)
            assert answer.find(f"*/{{{STANZA_ERRORS}}}service-unavailable") is not None


class TestTheEnd:
    """Files go when their time is over, and with their account."""

    async def test_an_ephemeral_file_is_gone_at_its_time(self, office: RunningOffice) -> None:
        """Section 5.3: it must not be available after that."""
        soon = datetime.now(UTC) + timedelta(seconds=0.7)
        stamp = soon.isoformat().replace("+00:00", "Z")
        purpose = f"<ephemeral xmlns='urn:xmpp:http:upload:purpose:0' expire-before='{stamp}'/>"
        slot = await slot_for(office, purpose=purpose)
        browser = await office.browse()
        await browser.ask("PUT", slot.path, ROSE)
        assert (await browser.ask("GET", slot.path)).status == 200

        async with asyncio.timeout(5):
            while (await browser.ask("GET", slot.path)).status != 404:
                pass
        await module_of(office).clean()

        assert datetime.now(UTC) >= soon
        assert files_of(office) == []

    async def test_a_slot_that_was_not_used_is_void(
        self, office: RunningOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slot = await slot_for(office)
        module = module_of(office)
        module._routes._limits = replace(module._limits, slot_seconds=-1.0)

        late = await (await office.browse()).ask("PUT", slot.path, ROSE)

        assert late.status == 403

    async def test_files_go_with_their_account(self, office: RunningOffice) -> None:
        slot = await slot_for(office)
        browser = await office.browse()
        await browser.ask("PUT", slot.path, ROSE)
        assert len(files_of(office)) == 1

        await office.office.accounts.delete("romeo")

        assert (await browser.ask("GET", slot.path)).status == 404
        async with asyncio.timeout(5):
            while files_of(office):
                await browser.ask("GET", slot.path)

    async def test_what_a_crash_left_is_removed_at_the_start(self, office: RunningOffice) -> None:
        slot = await slot_for(office)
        await (await office.browse()).ask("PUT", slot.path, ROSE)
        (kept,) = files_of(office)
        for name in ("ab" * 16, f"{'cd' * 16}.part"):
            place = office.folder / "uploads" / name[:2]
            place.mkdir(exist_ok=True)
            (place / name).write_bytes(b"left")

        await office.restart()

        async with asyncio.timeout(5):
            while files_of(office) != [kept]:
                await (await office.browse()).ask("GET", slot.path)

    async def test_strangers_get_no_slot(self, office: RunningOffice) -> None:
        """The service is for accounts; nobody else reaches it by a stream."""
        client = await office.connect(is_direct=True)
        await client.open_stream()

        client.send(
            "<iq type='get' id='s' to='upload.montague.lit'>"
            f"<request xmlns='{UPLOAD}' filename='a' size='1'/></iq>"
        )

        assert await client.wait_for_end() == "not-authorized"


async def test_the_name_in_the_address_is_harmless_and_encoded(office: RunningOffice) -> None:
    """RFC 3986, section 2.1."""
    client = await office.log_in("romeo/orchard", password=PASSWORD)

    slot = slot_of(await ask_for_slot(client, "../a/b?c#d%2f \N{ROSE}.jpg"))

    assert slot.path.isascii()
    assert unquote(slot.path.rpartition("/")[2]) == "b_c#d%2f \N{ROSE}.jpg"
