import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.chat_server import ChatServer, add_account, chat_server_of, running_office
from tests.helpers.npm_packages import npm_folder
from tests.helpers.prosody import MODULES, running_prosody

XMPP_JS = "@xmpp/client@0.14"


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


@pytest.fixture
def visitor(office: ChatServer) -> str:
    """An account of its own for each visit."""
    name = f"visitor-{uuid.uuid4().hex[:8]}"
    add_account(office.authority.parent, name)
    return name


@pytest.fixture(params=["prosody", "plain_prosody", "office"])
def server(request: pytest.FixtureRequest) -> ChatServer:
    """Each server in turn."""
    found: ChatServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def xmpp_js(request: pytest.FixtureRequest) -> Path:
    """A folder with xmpp.js and our scripts, installed once by npm."""
    folder = npm_folder(request.config, "xmpp-js", [XMPP_JS])
    for script in Path(__file__).parent.glob("xmpp_js_*.mjs"):
        shutil.copy(script, folder)
    return folder
