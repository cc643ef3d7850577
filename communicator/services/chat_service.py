"""Conversations: opened, read, typed in, and written in by way of the outbox."""

import logging
from collections.abc import Callable, Sequence

from communicator.services.inbox_service import InboxService
from communicator.services.open_logs import OpenLogs
from communicator.services.outbox_service import OutboxService
from communicator.services.ports import DraftStore, MessageHistory
from communicator.services.typing_service import TypingService
from communicator.state.message_ids import MessageIds
from communicator.state.message_log import PAGE_ROWS, MessageLog
from communicator.state.task_owner import TaskOwner
from communicator.storage.errors import StorageError
from shared_protocol.addresses import BareJid

FIRST_ROWS = 2_000  # read before a log is shown
MORE_ROWS = 20_000  # added in one turn of the loop

_log = logging.getLogger(__name__)
