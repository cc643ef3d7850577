import pytest

from tests.helpers.private_authority import IssuedCertificate, PrivateAuthority
from tests.helpers.scripted_server import DOMAIN


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> PrivateAuthority:
    return PrivateAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: PrivateAuthority) -> IssuedCertificate:
    return authority.issue(DOMAIN)
