"""A new office's folder in no time: certificates and database are made once for each domain."""

import asyncio
import atexit
import shutil
import tempfile
from pathlib import Path

from embedded_server.administration.office_creation import create_office
from embedded_server.config import SETTINGS_FILE, Settings, settings_file_text

_TEMPLATES: dict[str, Path] = {}


async def copied_office(folder: Path, settings: Settings) -> None:
    """Make an office without accounts in a folder that is not there yet."""
    domain = settings.server.domain
    if domain not in _TEMPLATES:
        holder = Path(tempfile.mkdtemp(prefix="office-"))
        atexit.register(shutil.rmtree, holder, ignore_errors=True)
        await create_office(holder / "office", settings)
        _TEMPLATES[domain] = holder / "office"
    await asyncio.to_thread(shutil.copytree, _TEMPLATES[domain], folder, dirs_exist_ok=True)
    text = settings_file_text(settings)
    await asyncio.to_thread((folder / SETTINGS_FILE).write_text, text, encoding="utf-8")
