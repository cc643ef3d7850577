"""A foreign client at the keyboard: drives profanity in a pseudo-terminal.

What happened is read from its log, which holds every stanza, and never from the screen.
"""

import os
import re
import time
from pathlib import Path

import pexpect

from tests.helpers.foreign_programs import LOOPBACK, require_program

WAIT_SECONDS = 15.0


class Profanity:
    """profanity with a home and a log of its own."""

    def __init__(self, folder: Path) -> None:
        program = require_program("profanity", "profanity")
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "profanity.log"
        environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
            "TERM": "xterm",
            "LANG": "C.UTF-8",
        }
        self._screen = pexpect.spawn(
            program,
            ["-l", "DEBUG", "-f", str(self._log)],
            env=environment,
            dimensions=(40, 140),
            encoding="utf-8",
            codec_errors="replace",
            timeout=WAIT_SECONDS,
        )

    def log_in(self, jid: str, password: str, port: int) -> None:
        """Connect by STARTTLS; profanity takes any certificate here."""
        self._screen.expect("Profanity")
        self.type(f"/connect {jid} server {LOOPBACK} port {port} tls trust")
        self._screen.expect("[Pp]assword:")
        self.type(password)
        self.wait_for(r"RECV: <presence[^>]*from=\"" + re.escape(jid))

    def type(self, line: str) -> None:
        """Type a line."""
        self._screen.send(line + "\r")

    def wait_for(self, pattern: str) -> None:
        """Wait until the log shows the pattern; drains the screen meanwhile, or profanity stops."""
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            try:
                self._screen.read_nonblocking(100_000, 0.02)
            except (pexpect.TIMEOUT, pexpect.EOF):
                time.sleep(0.02)
            if self._log.exists() and re.search(pattern, self._log.read_text(errors="replace")):
                return
        message = f"{pattern!r} is not in profanity's log:\n{self._log.read_text()[-3000:]}"
        raise TimeoutError(message)

    def close(self) -> None:
        """Leave."""
        self.type("/quit")
        try:
            self._screen.expect(pexpect.EOF, timeout=5)
        except pexpect.TIMEOUT:
            pass
        finally:
            self._screen.close(force=True)
