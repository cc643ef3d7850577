"""The lists as they were at the last end, read in the few milliseconds before the first paint.

Reads by the standard ``sqlite3``: SQLAlchemy takes longer to import than the window may take to
come.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from communicator.state.conversations import Conversation
from communicator.state.message_ids import moment_of
from communicator.state.roster import Contact
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.roster import Subscription

_SCHEMA_VERSION = 1  # a test holds it to that of tables.py, which imports SQLAlchemy
_GROUP_MARK = "\x1f"

_CONTACTS = """
SELECT c.jid, c.name, c.subscription, c.is_asked, group_concat(g.name, char(31))
FROM contacts AS c JOIN accounts AS a ON a.id = c.account_id
LEFT JOIN contact_groups AS g ON g.contact_id = c.id
WHERE a.jid = ? GROUP BY c.id ORDER BY c.id
"""
_CONVERSATIONS = """
SELECT c.jid, substr(m.body, 1, 200), m.is_own, m.sent_at, d.body,
    (SELECT count(*) FROM messages AS u WHERE u.conversation_id = c.id AND u.is_unread = 1)
FROM conversations AS c JOIN accounts AS a ON a.id = c.account_id
LEFT JOIN drafts AS d ON d.conversation_id = c.id
LEFT JOIN messages AS m
    ON m.id = (SELECT max(n.id) FROM messages AS n WHERE n.conversation_id = c.id)
WHERE a.jid = ? AND c.is_open = 1
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FirstPaint:
    """What the main window shows before any service has started; contacts are all offline."""

    contacts: tuple[Contact, ...] = ()
    conversations: tuple[Conversation, ...] = ()


def read_first_paint(path: Path, account: BareJid) -> FirstPaint:
    """Return the lists of an account; nothing if there is no database that can be read."""
    if not path.exists():
        return FirstPaint()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as database:
            (compatible,) = database.execute(
                "SELECT compatibility_version FROM versions"
            ).fetchone() or (0,)
            if compatible > _SCHEMA_VERSION:
                return FirstPaint()
            return FirstPaint(
                tuple(_contacts(database, account)), tuple(_conversations(database, account))
            )
    except (sqlite3.Error, ValueError) as error:
        _log.warning("%s is not read for the first paint: %s", path, error)
        return FirstPaint()


def _contacts(database: sqlite3.Connection, account: BareJid) -> Iterator[Contact]:
    rows = database.execute(_CONTACTS, (str(account),))
    for jid, name, subscription, is_asked, groups in rows:
        yield Contact(
            jid=BareJid.parse(jid),
            name=name,
            groups=tuple(sorted(groups.split(_GROUP_MARK))) if groups else (),
            subscription=Subscription(subscription),
            is_asked=bool(is_asked),
        )


def _conversations(database: sqlite3.Connection, account: BareJid) -> Iterator[Conversation]:
    rows = database.execute(_CONVERSATIONS, (str(account),))
    for jid, body, is_own, sent_at, draft, unread in rows:
        yield Conversation(
            jid=BareJid.parse(jid),
            preview=" ".join((body or "").split()),
            is_preview_own=bool(is_own),
            last_at=None if sent_at is None else moment_of(sent_at),
            unread=unread,
            draft=draft or "",
        )
