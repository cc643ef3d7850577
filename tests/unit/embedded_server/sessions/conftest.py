"""One certificate for all tests of streams."""

import pytest

from tests.helpers.certificates import TlsPair, make_tls_pair


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsPair:
    return make_tls_pair(tmp_path_factory.mktemp("tls"), "montague.lit", "localhost", "127.0.0.1")
