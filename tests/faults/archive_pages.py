"""The whole archive of an account, page by page, as a device fetches it (XEP-0313, XEP-0059)."""

from typing import NamedTuple
from xml.etree.ElementTree import Element

from shared_protocol.addresses import FullJid
from shared_protocol.namespaces import ARCHIVE, CLIENT, RESULT_SETS
from shared_protocol.stanzas.message_parts.stanza_ids import origin_id_of
from tests.faults.managed_client import Way
from tests.faults.oracle import SenderLog, Shown, hash_of
from tests.helpers.wire_client import WireClient

PAGE = 100
RESULT = f"{{{ARCHIVE}}}result"
FIN = f"{{{ARCHIVE}}}fin"
SECONDS = 60.0


class Archived(NamedTuple):
    """A message of an archive.

    Attributes:
        archive_id: Its id there (XEP-0359).
    """

    archive_id: str
    shown: Shown


async def whole_archive(way: Way, account: str) -> list[Archived]:
    """Log in on a device of its own, and fetch everything, oldest first."""
    domain = account.partition("@")[2]
    client = await WireClient.connect(way.port(), domain, tls=way.tls)
    await client.enter(f"{account}/archive", way.password, tls=None)
    found: list[Archived] = []
    try:
        while not await _take_page(client, found):
            pass
    finally:
        await client.close()
    return found


async def _take_page(client: WireClient, found: list[Archived]) -> bool:
    after = f"<after>{found[-1].archive_id}</after>" if found else ""
    client.received.clear()
    client.send(
        f"<iq type='set' id='page{len(found)}'><query xmlns='{ARCHIVE}' queryid='q'>"
        f"<set xmlns='{RESULT_SETS}'><max>{PAGE}</max>{after}</set></query></iq>"
    )
    answer = await client.receive_id(f"page{len(found)}", seconds=SECONDS)
    fin = answer.find(FIN)
    assert fin is not None, f"no page of the archive: {answer.get('type')}"
    results = [one.find(RESULT) for one in client.received]
    found += [_archived(result) for result in results if result is not None]
    return fin.get("complete") == "true"


def _archived(result: Element) -> Archived:
    message = next(result.iter(f"{{{CLIENT}}}message"))
    sender = str(FullJid.parse(message.get("from", "")).bare)
    body = message.findtext(f"{{{CLIENT}}}body") or ""
    shown = Shown(origin_id_of(message), sender, hash_of(body))
    return Archived(result.get("id", ""), shown)


def faults_of_archive(archive: list[Archived], senders: list[SenderLog], account: str) -> list[str]:
    """Compare an archive with what was promised to and by its owner; returns faults in words."""
    faults = []
    for log in senders:
        if account not in {log.sender, log.to}:
            continue
        mine = [one.shown for one in archive if one.shown.sender == log.sender]
        numbers = {sent.origin_id: sent.number for sent in log.sent}
        ids = [one.origin_id for one in mine if one.origin_id in numbers]
        faults += [f"not archived: {one}" for one in sorted(log.acknowledged - set(ids))]
        if len(ids) != len(set(ids)):
            faults.append(f"archived twice: {len(ids) - len(set(ids))} of {log.sender}")
        order = [numbers[one] for one in ids]
        if order != sorted(order):
            faults.append(f"out of order in the archive of {account}: {log.sender}")
    return faults
