"""The documents speak of Parlour as it is, and of nothing else."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from shared_protocol.version import VERSION

ROOT = Path(__file__).parents[2]
PACKAGES = ("communicator", "embedded_server", "shared_protocol")
WORDS_NEVER_RIGHT = re.compile(r"\b(buddy|buddies|conv|idx)\b", re.IGNORECASE)
PATHS_OF_ONE_MACHINE = re.compile(r"(?<![\w.])/(work|root)/|\.pyenv/versions/\d")


def tracked_files() -> list[Path]:
    """Every text file that is, or is about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def test_the_architecture_page_quotes_every_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    page = " ".join((ROOT / "docs/architecture.md").read_text().split())

    missing = [one["name"] for one in contracts["contracts"] if one["name"] not in page]

    assert missing == []


def test_no_word_is_used_that_the_glossary_calls_never_right() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if WORDS_NEVER_RIGHT.search(line)
    ]

    assert found == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix in {".md", ".py", ".toml", ".sh", ".txt", ".svg", ""}
        and path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if PATHS_OF_ONE_MACHINE.search(line)
    ]

    assert found == []


def links() -> list[tuple[str, str]]:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    return [
        (page.relative_to(ROOT).as_posix(), target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if not target.startswith(("http:", "https:", "mailto:"))
    ]


@pytest.mark.parametrize(("page", "target"), links())
def test_every_link_of_a_document_leads_to_a_file(page: str, target: str) -> None:
    assert (ROOT / page).parent.joinpath(target).exists()


def test_the_version_stands_once_in_the_code_and_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == VERSION


def cited_pages() -> list[tuple[str, str]]:
    return [
        (path.relative_to(ROOT).as_posix(), page)
        for package in (
            *PACKAGES,
            "tests/ui",
            "tests/unit/communicator",
            "tests/unit/shared_protocol",
        )
        for path in sorted((ROOT / package).rglob("*.py"))
        for page in re.findall(r"[\w/.-]+\.md\b|docs/decisions/\d{4}", path.read_text())
    ]


@pytest.mark.parametrize(("module", "page"), cited_pages())
def test_every_page_that_a_module_cites_is_in_the_repository(module: str, page: str) -> None:
    found = list(ROOT.glob(page if page.endswith(".md") else f"{page}-*.md"))

    assert found, f"{module} cites {page}"
