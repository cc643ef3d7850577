"""Reads archives over the wire, page by page, as a client would (XEP-0313)."""

from xml.etree.ElementTree import Element

from shared_protocol.stanzas import archive
from shared_protocol.stanzas.archive import ArchiveQuery
from shared_protocol.stanzas.result_sets import PageRequest
from shared_protocol.xml.writer import serialise
from tests.helpers.wire_client import WireClient


async def whole_archive(client: WireClient, *, size: int = 100) -> list[Element]:
    """Return all messages of the client's archive, oldest first; no id may come twice."""
    messages: list[Element] = []
    ids: list[str] = []
    is_complete = False
    while not is_complete:
        page = PageRequest(size, after=ids[-1] if ids else None)
        query = serialise(archive.query_to_element(ArchiveQuery(page=page))).decode()
        client.send(f"<iq type='set' id='page'>{query}</iq>")
        while True:
            arrived = await client.receive()
            fin = arrived.find(archive.FIN)
            if fin is not None:
                break
            result = archive.result_from_element(arrived)
            if result is not None and result.message is not None:
                ids.append(result.archive_id)
                messages.append(result.message)
        is_complete = archive.fin_from_element(fin).is_complete
    assert len(set(ids)) == len(ids)
    return messages
