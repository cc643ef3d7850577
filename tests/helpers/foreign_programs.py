"""Programs that others wrote: skipped with the reason where they are missing, but not in CI."""

import os
import shutil
import socket

import pytest

LOOPBACK = "127.0.0.1"


def require_program(name: str, package: str) -> str:
    """Return the path of a program; without it skip the test, or fail it in CI."""
    found = shutil.which(name)
    if found is None:
        skip_outside_ci(f"{name} is not installed (package {package})")
    return found or ""


def skip_outside_ci(reason: str) -> None:
    """Skip the test with a reason; in CI nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port
