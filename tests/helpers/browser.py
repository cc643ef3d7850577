"""A headless Chromium that opens one page, and the server of that page, which hears from it."""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.helpers.foreign_programs import LOOPBACK, skip_outside_ci

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_SECONDS = 60.0


def require_browser() -> str:
    """Return the path of Chromium; without it skip the test, or fail it in CI."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), "")
    if not found:
        skip_outside_ci("chromium is not installed (package chromium)")
    return found


class PageServer:
    """Serves the files of some folders, over HTTP on the loopback interface."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._server: asyncio.Server | None = None

    @property
    def origin(self) -> str:
        """That of its pages."""
        assert self._server is not None
        return f"http://localhost:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._on_request, LOOPBACK, 0)

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def next_said(self) -> dict[str, Any]:
        """Return what the page says next."""
        async with asyncio.timeout(_SECONDS):
            said = await self._said.get()
        assert "error" not in said, said
        return said

    async def _on_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split(" ", 2)
            length = next(
                (
                    int(line.partition(":")[2])
                    for line in head.splitlines()
                    if line.lower().startswith("content-length:")
                ),
                0,
            )
            body = await reader.readexactly(length)
            if method == "POST":
                self._said.put_nowait(json.loads(body))
            writer.write(self._answer(target.partition("?")[0]))
            await writer.drain()
        writer.close()

    def _answer(self, path: str) -> bytes:
        name = Path(path).name or "index.html"
        for folder in self._folders:
            if (file := folder / name).is_file():
                content, kind = file.read_bytes(), _TYPES.get(file.suffix, "text/plain")
                break
        else:
            content, kind = b"", "text/plain"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        return f"{head}Connection: close\r\n\r\n".encode() + content


@asynccontextmanager
async def open_page(url: str, chain: Path, profile: Path, **query: str) -> AsyncIterator[None]:
    """Open a page in a browser that takes the first certificate of a chain for good."""
    command = [
        require_browser(),
        "--headless=new",
        "--no-sandbox",  # of no use to root, who runs the tests in CI
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        f"--user-data-dir={profile}",
        f"--ignore-certificate-errors-spki-list={_pin(chain)}",
        f"{url}?{urlencode(query)}",
    ]
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, stdout=nowhere, stderr=nowhere, start_new_session=True
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _pin(chain: Path) -> str:
    certificate = x509.load_pem_x509_certificates(chain.read_bytes())[0]
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
