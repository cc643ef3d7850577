"""The log of a running server: standard error, one line for each record."""

import logging
import sys

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}


class OneLineFormatter(logging.Formatter):
    """Escapes control characters: a name from outside cannot forge a line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line of a record, without its traceback."""
        record.message = record.message.translate(_ESCAPES)
        return super().formatMessage(record)


def set_up_log(level: str) -> None:
    """Log to standard error from now on.

    Args:
        level: As in the settings.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter(_FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)
