"""Every row that docs/security.md lists has a test named after it, and every such test a row."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests/security"  # where every test belongs to a row
OTHER_TESTS = (ROOT / "tests/unit/communicator", ROOT / "tests/ui")
PAGE = ROOT / "docs/security.md"


def listed_rows() -> list[int]:
    return [int(one) for one in re.findall(r"^\| (\d+) \|", PAGE.read_text(), re.MULTILINE)]


def named_tests(folder: Path) -> list[tuple[str, re.Match[str] | None]]:
    """The names of all tests, each with the match of its row if it has one."""
    return [
        (node.name, re.match(r"test_r(\d\d)_\w+", node.name))
        for path in sorted(folder.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    ]


def rows_with_tests() -> set[int]:
    assert [name for name, match in named_tests(TESTS) if match is None] == []
    numbered = [one for folder in (TESTS, *OTHER_TESTS) for one in named_tests(folder)]
    return {int(match[1]) for _name, match in numbered if match is not None}


def test_the_rows_of_the_security_page_are_those_that_have_tests() -> None:
    rows = listed_rows()

    assert rows == sorted(set(rows))
    assert set(rows) == rows_with_tests()
