"""Drafts: what the user typed and has not sent."""

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.sqlite import insert

from communicator.storage.database import Database
from communicator.storage.message_rows import conversation_row
from communicator.storage.tables import drafts
from shared_protocol.addresses import BareJid


class SqlDrafts:
    """One draft for each conversation; they are read together with the conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, jid: BareJid, text: str) -> None:
        """Keep a draft; an empty one is forgotten."""
        account_id = self._database.account_id

        def write(connection: Connection) -> None:
            row = conversation_row(connection, account_id, jid)
            if not text:
                connection.execute(delete(drafts).where(drafts.c.conversation_id == row))
                return
            statement = insert(drafts).values(conversation_id=row, body=text)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["conversation_id"], set_={"body": text}
                )
            )

        await self._database.run(write)
