"""Every requirement that the documents name has a test, and the test exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs/requirements.md"
FOLDERS = {
    "E": TESTS / "unit/embedded_server",
    "P": TESTS / "unit/shared_protocol",
    "W": TESTS / "scenarios",
    "S": TESTS / "security",
    "I": TESTS / "integration",
}
PROOF = re.compile(r"`([A-Z])/([\w/.-]+?)(?:::(\w+))?`")


def rows() -> list[str]:
    """The rows of the tables, without their heads."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and not (line + following).count("|---")
    ]


def proofs() -> list[tuple[str, str, str]]:
    return sorted({match for row in rows() for match in PROOF.findall(row)})


@pytest.mark.parametrize("row", rows())
def test_every_requirement_names_its_proof(row: str) -> None:
    assert PROOF.search(row), row


@pytest.mark.parametrize(("folder", "name", "test"), proofs())
def test_every_proof_that_is_named_exists(folder: str, name: str, test: str) -> None:
    path = FOLDERS[folder] / name

    assert path.is_file()
    assert path.suffix == ".scenario" or f"def {test}(" in path.read_text(encoding="utf-8")
