"""Sizes, names and calls that no linter checks (docs/architecture.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("communicator", "embedded_server", "shared_protocol")

MAX_MODULE_LINES = 500
MAX_TEST_MODULE_LINES = 700
MAX_CLASS_LINES = 400
MAX_PUBLIC_METHODS = 25
MAX_FUNCTION_LINES = 50
MAX_MODULES_IN_FOLDER = 20
BANNED_MODULES = {"utils", "util", "helpers", "common", "misc", "logic", "manager", "base"}
BANNED_CALLS = {
    "exec": "open() the dialog and await its end",
    "exec_": "open() the dialog and await its end",
    "processEvents": "no nested event loop",
}
ALLOWED: dict[str, str] = {}  # place of the finding: reason; may only shrink

Finding = tuple[str, str]


def product_modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def findings() -> Iterator[Finding]:
    for path in product_modules():
        yield from _of_module(path, MAX_MODULE_LINES)
    for path in sorted((ROOT / "tests").rglob("*.py")):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > MAX_TEST_MODULE_LINES:
            yield _place(path), f"{lines} lines"
    for package in PACKAGES:
        for folder in {path.parent for path in (ROOT / package).rglob("*.py")}:
            count = sum(path.name != "__init__.py" for path in folder.glob("*.py"))
            if count > MAX_MODULES_IN_FOLDER:
                yield _place(folder), f"{count} modules"


def _of_module(path: Path, limit: int) -> Iterator[Finding]:
    text = path.read_text(encoding="utf-8")
    if text.count("\n") > limit:
        yield _place(path), f"{text.count(chr(10))} lines"
    if path.stem in BANNED_MODULES:
        yield _place(path), "says nothing: name it after what it holds"
    for node in ast.walk(ast.parse(text)):
        yield from _of_node(node, _place(path))


def _of_node(node: ast.AST, place: str) -> Iterator[Finding]:
    match node:
        case ast.ClassDef():
            public = sum(
                isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
                and not item.name.startswith("_")
                for item in node.body
            )
            if _lines(node) > MAX_CLASS_LINES:
                yield f"{place}:{node.name}", f"{_lines(node)} lines"
            if public > MAX_PUBLIC_METHODS:
                yield f"{place}:{node.name}", f"{public} public methods"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            if _lines(node) > MAX_FUNCTION_LINES:
                yield f"{place}:{node.name}", f"{_lines(node)} lines"
        case ast.Call(func=ast.Attribute(attr=name)) if name in BANNED_CALLS:
            yield f"{place}:{node.lineno}", f".{name}(): {BANNED_CALLS[name]}"
        case ast.Global():
            yield f"{place}:{node.lineno}", "global statement"


def _lines(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_size_name_and_call_keeps_the_house_rules() -> None:
    found = list(findings())

    unexpected = [f"{place}: {what}" for place, what in found if place not in ALLOWED]
    in_vain = [place for place in ALLOWED if place not in {place for place, _ in found}]

    assert unexpected == []
    assert in_vain == []


@pytest.mark.parametrize("path", product_modules(), ids=_place)
def test_package_init_holds_a_docstring_and_nothing_else(path: Path) -> None:
    if path.name != "__init__.py" or path.parent.name == "plugin_api":
        return

    statements = ast.parse(path.read_text(encoding="utf-8")).body

    assert len(statements) == 1
    assert isinstance(statements[0], ast.Expr)
