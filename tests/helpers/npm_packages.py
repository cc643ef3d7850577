"""Packages of npm that the interop tests drive, installed once into pytest's cache."""

import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers.foreign_programs import require_program, skip_outside_ci

INSTALL_SECONDS = 180.0


def npm_folder(config: pytest.Config, name: str, packages: Sequence[str]) -> Path:
    """Return a folder in which these packages, each with its version, can be imported.

    Without Node or npm the test is skipped, or fails in CI.
    """
    require_program("node", "nodejs")
    npm = require_program("npm", "npm")
    assert config.cache is not None
    folder = config.cache.mkdir(name)
    modules = folder / "node_modules"
    if not modules.exists():
        with tempfile.TemporaryDirectory(dir=folder) as place:
            command = [npm, "install", "--no-audit", "--no-fund", "--prefix", place, *packages]
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                skip_outside_ci(f"npm cannot install {', '.join(packages)}: {error}")
            with suppress(OSError):  # another worker was faster
                (Path(place) / "node_modules").rename(modules)
    return folder
