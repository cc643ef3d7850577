import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers.chat_server import ChatServer, chat_server_of, running_office
from tests.helpers.foreign_programs import require_program, skip_outside_ci
from tests.helpers.prosody import MODULES, running_prosody

XMPP_JS = "@xmpp/client@0.14"
INSTALL_SECONDS = 120.0


@pytest.fixture(scope="module")
def prosody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """Debian's Prosody."""
    with running_prosody(tmp_path_factory.mktemp("prosody")) as server:
        yield chat_server_of(server)


@pytest.fixture(scope="module")
def plain_prosody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """Prosody without stream management and with TLS 1.2 only."""
    folder = tmp_path_factory.mktemp("plain-prosody")
    with running_prosody(folder, modules=MODULES, tls_protocol="tlsv1_2") as server:
        yield chat_server_of(server)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """Our own server."""
    with running_office(tmp_path_factory.mktemp("home") / "office") as server:
        yield server


@pytest.fixture(params=["prosody", "plain_prosody", "office"])
def server(request: pytest.FixtureRequest) -> ChatServer:
    """Each server in turn."""
    found: ChatServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def xmpp_js(request: pytest.FixtureRequest) -> Path:
    """A folder with xmpp.js and our scripts, installed once by npm."""
    require_program("node", "nodejs")
    npm = require_program("npm", "npm")
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("xmpp-js")
    modules = folder / "node_modules"
    if not modules.exists():
        with tempfile.TemporaryDirectory(dir=folder) as place:
            command = [npm, "install", "--no-audit", "--no-fund", "--prefix", place, XMPP_JS]
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                skip_outside_ci(f"npm cannot install {XMPP_JS}: {error}")
            with suppress(OSError):  # another worker was faster
                (Path(place) / "node_modules").rename(modules)
    for script in Path(__file__).parent.glob("xmpp_js_*.mjs"):
        shutil.copy(script, folder)
    return folder
