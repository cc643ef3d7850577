"""Upgrades of stored keys (XEP-0480 0.2.0): the client makes those that the server has not.

Example::

    <continue xmlns='urn:xmpp:sasl:2'>
      <additional-data>dj1tc1ZIcy9CeklPSERxWGVWSDdFbW1EdTlpZDg9</additional-data>
      <tasks><task>UPGR-SCRAM-SHA-256</task></tasks>
    </continue>
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError, SaslCondition, SaslError
from shared_protocol.namespaces import SASL2, SASL_UPGRADE, SCRAM_UPGRADE
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.stanzas.login.authentication import data_of
from shared_protocol.xml.writer import attribute, escaped

UPGRADE = f"{{{SASL_UPGRADE}}}upgrade"
CONTINUE = f"{{{SASL2}}}continue"
_TASK = f"{{{SASL2}}}tasks/{{{SASL2}}}task"
_DATA = f"{{{SASL2}}}additional-data"
_HASH = f"{{{SCRAM_UPGRADE}}}hash"


@dataclass(frozen=True, slots=True)
class Continue:
    """The login is good, but for a task.

    Attributes:
        task: Its name.
        data: What the mechanism adds; None for nothing.
    """

    task: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class SaltedTask:
    """What the client makes the hash with."""

    salt: bytes
    iterations: int


def task_of(scram_hash: ScramHash) -> str:
    """Return the name of the task that brings the keys for a hash (section 2.1)."""
    return f"UPGR-{scram_hash.mechanism}"


def feature_bytes(tasks: Iterable[str]) -> bytes:
    """Write which tasks there are."""
    return "".join(f"<upgrade xmlns='{SASL_UPGRADE}'>{task}</upgrade>" for task in tasks).encode()


def wanted_tasks(inline: Iterable[Element]) -> frozenset[str]:
    """Return which tasks a client is ready for."""
    return frozenset((one.text or "").strip() for one in inline if one.tag == UPGRADE)


def continue_bytes(wanted: Continue) -> bytes:
    """Write that a task comes first."""
    data = base64.b64encode(wanted.data).decode() if wanted.data is not None else None
    added = "" if data is None else f"<additional-data>{data}</additional-data>"
    return (
        f"<continue xmlns='{SASL2}'>{added}"
        f"<tasks><task>{escaped(wanted.task)}</task></tasks></continue>"
    ).encode()


def continue_from_element(element: Element) -> Continue:
    """Read that a task comes first.

    Raises:
        MalformedStanzaError: It is no such element.
        SaslError: Its data is not base64.
    """
    if element.tag != CONTINUE:
        message = f"expected {CONTINUE}, got {element.tag}"
        raise MalformedStanzaError(message)
    data = element.find(_DATA)
    return Continue(
        task=element.findtext(_TASK, "").strip(),
        data=None if data is None else data_of(data),
    )


def salt_bytes(task: SaltedTask) -> bytes:
    """Write what the client makes the hash with."""
    salt = base64.b64encode(task.salt).decode()
    return (
        f"<task-data xmlns='{SASL2}'><salt xmlns='{SCRAM_UPGRADE}'"
        f"{attribute('iterations', str(task.iterations))}>{salt}</salt></task-data>"
    ).encode()


def hash_of(element: Element) -> bytes:
    """Read ``<task-data/>`` of the client: the salted password.

    Raises:
        SaslError: There is none.
    """
    found = element.find(_HASH)
    if found is None:
        raise SaslError(SaslCondition.MALFORMED_REQUEST, "no hash")
    return data_of(found)
