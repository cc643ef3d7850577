"""What tests of uploads ask of an office: a slot, and the path of its address."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from shared_protocol.namespaces import UPLOAD
from shared_protocol.xml.writer import attribute
from tests.helpers.office import RunningOffice
from tests.helpers.wire_client import WireClient

ROSE = b"A rose by any other name would smell as sweet.\n"


@dataclass(frozen=True)
class Slot:
    """Two addresses."""

    put_url: str
    get_url: str

    @property
    def path(self) -> str:
        """The path of the address to put to."""
        return urlsplit(self.put_url).path


async def ask_for_slot(
    client: WireClient,
    name: str = "rose.txt",
    size: int = len(ROSE),
    *,
    media_type: str = "",
    purpose: str = "",
) -> Element:
    """Ask the service of the client's domain; return its answer."""
    wanted = attribute("filename", name) + attribute("size", str(size))
    if media_type:
        wanted += attribute("content-type", media_type)
    domain = client.jid.partition("@")[2].partition("/")[0]
    client.send(
        f"<iq type='get' id='slot' to='upload.{domain}'>"
        f"<request xmlns='{UPLOAD}'{wanted}>{purpose}</request></iq>"
    )
    return await client.receive_id("slot")


async def slot_for(office: RunningOffice, name: str = "rose.txt", **wanted: object) -> Slot:
    """Give romeo a slot, who stays logged in."""
    client = await office.log_in("romeo/uploading")
    try:
        return slot_of(await ask_for_slot(client, name, **wanted))  # type: ignore[arg-type]
    finally:
        await office.end(client)


def slot_of(answer: Element) -> Slot:
    """Read a slot from an answer."""
    slot = answer.find(f"{{{UPLOAD}}}slot")
    assert slot is not None, [child.tag for child in answer.iter()]
    urls = [slot.find(f"{{{UPLOAD}}}{name}") for name in ("put", "get")]
    put, get = (one.get("url", "") if one is not None else "" for one in urls)
    return Slot(put, get)
