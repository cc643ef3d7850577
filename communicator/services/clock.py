"""The clock of the system."""

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """The time of this computer, and pauses on its event loop."""

    def now(self) -> datetime:
        """Return the moment now, UTC and aware."""
        return datetime.now(tz=UTC)

    async def sleep(self, seconds: float) -> None:
        """Pause; timers under Qt are coarse and may end a little early."""
        await asyncio.sleep(seconds)
