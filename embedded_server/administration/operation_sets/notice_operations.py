"""What an administrator says to all: announcements, and the message of the day."""

from embedded_server.administration.operations import JsonResult, OperationError, operation
from embedded_server.modules.service.notices import NoticesModule
from shared_protocol.errors import StanzaCondition
from shared_protocol.limits import NOTICE_CHARACTERS

_SCOPE = "notices:admin"


class NoticeOperations:
    """Operations on what the server says to its people."""

    def __init__(self, notices: NoticesModule) -> None:
        self._notices = notices

    @operation("server.announce", scope=_SCOPE, audit=True)
    async def announce(self, text: str, subject: str | None = None) -> JsonResult:
        """Send a message to everybody who is on line."""
        _check(text, subject or "")
        return {"reached": self._notices.announce(text, subject or "")}

    @operation("motd.set", scope=_SCOPE, audit=True)
    async def set(self, text: str) -> JsonResult:
        """Show a message to every account that comes from now on, once."""
        _check(text)
        await self._notices.set_message_of_the_day(text)
        return {}

    @operation("motd.edit", scope=_SCOPE, audit=True)
    async def edit(self, text: str) -> JsonResult:
        """Change the message of the day for those who have not seen it."""
        _check(text)
        self._require()
        await self._notices.edit_message_of_the_day(text)
        return {}

    @operation("motd.delete", scope=_SCOPE, audit=True)
    async def delete(self) -> JsonResult:
        """Show the message of the day to nobody any more."""
        self._require()
        await self._notices.delete_message_of_the_day()
        return {}

    @operation("motd.show", scope="notices:read")
    async def show(self) -> JsonResult:
        """Tell the message of the day; empty if there is none."""
        return {"text": self._notices.message_of_the_day}

    def _require(self) -> None:
        if not self._notices.message_of_the_day:
            text = "There is no message of the day."
            raise OperationError(StanzaCondition.ITEM_NOT_FOUND, text)


def _check(*texts: str) -> None:
    if not texts[0].strip():
        raise OperationError(StanzaCondition.NOT_ACCEPTABLE, "The text is empty.")
    if any(len(text) > NOTICE_CHARACTERS for text in texts):
        text = f"The text is longer than {NOTICE_CHARACTERS} characters."
        raise OperationError(StanzaCondition.NOT_ACCEPTABLE, text)
