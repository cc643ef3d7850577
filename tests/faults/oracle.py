"""What was promised, what was shown, and whether the two agree (security, section 10).

*Acknowledged* means that an ``<a/>`` of the server covered the message and that it did not come
back as an error. *Shown* means that a client would have put it before its user: doubles by origin
id are dropped first, as the communicator does.
"""

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Sent(NamedTuple):
    """A message that a sender wrote.

    Attributes:
        origin_id: Its name for life.
        number: The sender's count, from 0.
    """

    origin_id: str
    number: int
    body: str
    at: float


class Shown(NamedTuple):
    """A message that a receiver was shown."""

    origin_id: str
    sender: str
    body_hash: str


@dataclass
class SenderLog:
    """What one sender wrote and what it was told.

    Attributes:
        sender: Bare JID.
        to: Bare JID of who shall get it all.
        refused: Conditions by origin id: visible to the user as "not sent".
    """

    sender: str
    to: str
    sent: list[Sent] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    def write(self) -> Sent:
        """Write the next message."""
        number = len(self.sent)
        origin_id = str(uuid.uuid4())
        sent = Sent(origin_id, number, f"{number} {origin_id[:8] * 8}", time.monotonic())
        self.sent.append(sent)
        return sent

    def acknowledge(self, origin_ids: Iterable[str]) -> None:
        """The server promised these, but for those that it has refused."""
        self.acknowledged.update(one for one in origin_ids if one not in self.refused)


@dataclass
class ReceiverLog:
    """What one account saw on one of its clients.

    Attributes:
        came: Origin ids as the wire brought them, doubles included.
    """

    owner: str
    shown: list[Shown] = field(default_factory=list)
    came: list[str] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def take(self, sender: str, origin_id: str, body: str) -> None:
        """Show a message, unless this one of this sender was shown before."""
        self.came.append(origin_id)
        if (sender, origin_id) not in self._seen:
            self._seen.add((sender, origin_id))
            self.shown.append(Shown(origin_id, sender, hash_of(body)))


class Verdict(NamedTuple):
    """What the oracle found; the lists name origin ids."""

    sent: int
    acknowledged: int
    refused: int
    shown: int
    missing: list[str]
    twice: list[str]
    disordered: list[str]
    changed: list[str]

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.acknowledged} acknowledged, {self.refused} refused, "
            f"{self.shown} shown; {len(self.missing)} missing, {len(self.twice)} twice, "
            f"{len(self.disordered)} out of order, {len(self.changed)} changed"
        )

    @property
    def faults(self) -> list[str]:
        """Every broken promise, in words."""
        return [
            *(f"acknowledged and missing: {one}" for one in self.missing),
            *(f"shown twice: {one}" for one in self.twice),
            *(f"out of order: {one}" for one in self.disordered),
            *(f"another body: {one}" for one in self.changed),
        ]


def hash_of(body: str) -> str:
    """Return what stands for a body in the logs."""
    return hashlib.sha256(body.encode()).hexdigest()


def judge(senders: Sequence[SenderLog], receivers: Sequence[ReceiverLog]) -> Verdict:
    """Compare after quiet; every receiver of an account must have been shown all of it."""
    verdict = Verdict(
        sent=sum(len(one.sent) for one in senders),
        acknowledged=sum(len(one.acknowledged) for one in senders),
        refused=sum(len(one.refused) for one in senders),
        shown=sum(len(one.shown) for one in receivers),
        missing=[],
        twice=[],
        disordered=[],
        changed=[],
    )
    for sender in senders:
        for receiver in receivers:
            if receiver.owner == sender.to:
                _compare(sender, receiver, verdict)
    return verdict


def _compare(sender: SenderLog, receiver: ReceiverLog, verdict: Verdict) -> None:
    shown = [one for one in receiver.shown if one.sender == sender.sender]
    counts = Counter(one.origin_id for one in shown)
    by_id = {one.origin_id: one for one in sender.sent}
    verdict.missing.extend(sorted(sender.acknowledged - counts.keys()))
    verdict.twice.extend(name for name, count in counts.items() if count > 1)
    last = -1
    for one in shown:
        sent = by_id.get(one.origin_id)
        if sent is None or hash_of(sent.body) != one.body_hash:
            verdict.changed.append(one.origin_id)
            continue
        if sent.number < last:
            verdict.disordered.append(one.origin_id)
        last = max(last, sent.number)
