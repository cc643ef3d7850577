"""Runs handlers: what was foreseen becomes an answer, a bug ``internal-server-error``."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from embedded_server.routing.inbound import Inbound
from embedded_server.routing.origin import Origin
from embedded_server.routing.replies import error_reply
from embedded_server.sessions.task_owner import TaskOwner
from embedded_server.storage.errors import StorageError
from shared_protocol.errors import RemoteProtocolError, StanzaCondition, StanzaError
from shared_protocol.xml.frames import StanzaFrame

StanzaHandler = Callable[[Inbound], None]

_logger = logging.getLogger(__name__)
_BUG = "a handler failed for a stanza of %s"
_FORESEEN = (StanzaError, RemoteProtocolError, StorageError)
UNANSWERED_TYPES = frozenset({"error", "result"})
"""Nothing answers stanzas of these types (RFC 6120, sections 8.2.3 and 8.3.1)."""


class Attempts:
    """Runs what may fail for the stanzas of one host."""

    def __init__(self, tasks: TaskOwner) -> None:
        self._tasks = tasks

    def attempt(self, handler: StanzaHandler, inbound: Inbound) -> None:
        """Run a handler; its errors become answers, its bugs ``internal-server-error``."""
        try:
            handler(inbound)
        except _FORESEEN as error:
            self.refuse(inbound.origin, inbound.frame, _answer_to(error))
        except Exception:
            _logger.exception(_BUG, inbound.sender)
            self.refuse(inbound.origin, inbound.frame, _answer_to(None))

    def attempt_later(self, work: Coroutine[Any, Any, None], inbound: Inbound, name: str) -> None:
        """Run work that waits for the store; later stanzas of its sender wait for its end."""
        release = inbound.origin.hold()
        self._tasks.spawn(self._attempt_later(work, inbound, release), name)

    def refuse(self, origin: Origin, frame: StanzaFrame, error: StanzaError) -> None:
        """Answer a stanza with an error; nothing answers an error (RFC 6120, section 8.3.1)."""
        if frame.attributes.get("type") not in UNANSWERED_TYPES:
            name = frame.name.rpartition(" ")[2]
            origin.send(error_reply(name, frame.attributes, origin.address, error))

    async def _attempt_later(
        self, work: Coroutine[Any, Any, None], inbound: Inbound, release: Callable[[], None]
    ) -> None:
        try:
            await work
        except _FORESEEN as error:
            self.refuse(inbound.origin, inbound.frame, _answer_to(error))
        except Exception:
            _logger.exception(_BUG, inbound.sender)
            self.refuse(inbound.origin, inbound.frame, _answer_to(None))
        finally:
            release()


def _answer_to(error: Exception | None) -> StanzaError:
    """Return what is answered: to what was foreseen, and to a bug, which is ``None``."""
    if error is None:
        return StanzaError(StanzaCondition.INTERNAL_SERVER_ERROR)
    if isinstance(error, StanzaError):
        return error
    if isinstance(error, StorageError):  # a full disk, as a rule
        return StanzaError(StanzaCondition.RESOURCE_CONSTRAINT)
    return StanzaError(StanzaCondition.BAD_REQUEST, str(error))
