"""Every text of the interface can be translated, and is into German; English has its plurals."""

import ast
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "resources/translations"
SCRIPT = ROOT / "installers/development/translations.sh"
TOOLS = Path(sys.executable).parent
LANGUAGES = ("de", "en")
LOOKS_LIKE_A_TEXT = re.compile(r"[A-Za-z]+ [A-Za-z]+|^[A-Z][a-z]+$|[a-z]\.$")
WORDS_OF_THE_PROTOCOL = re.compile(r"\b(JID|stanza|MUC|roster|SASL|node|TLS|IQ)\b", re.IGNORECASE)
PLACEHOLDERS = re.compile(r"\{\w*\}|%n")

# Calls whose texts nobody reads on the screen: logs, names of tasks, names in the code.
NOT_FOR_THE_SCREEN = {
    *("debug", "info", "warning", "error", "exception", "getLogger"),
    *("spawn", "_ask", "_begin"),
    *("setObjectName", "setProperty", "setStyleSheet", "Template", "create"),
}
NOT_TEXTS = {"Parlour", "www.", "Cc", "Cs"}


def texts_outside_tr(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if isinstance(parents.get(node), ast.Expr) or not LOOKS_LIKE_A_TEXT.search(node.value):
            continue  # a docstring, or no text
        calls = set(_calls_around(node, parents))
        if calls & {"tr", "translate", "sentence"}:
            continue
        if node.value not in NOT_TEXTS and not calls & NOT_FOR_THE_SCREEN:
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}"


def _calls_around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[str]:
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.Call):
            function = node.func
            yield (
                function.attr
                if isinstance(function, ast.Attribute)
                else getattr(function, "id", "")
            )
        if isinstance(node, ast.Raise):
            yield "error"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return


def test_no_text_of_the_interface_is_outside_tr() -> None:
    modules = sorted((ROOT / "communicator/ui").rglob("*.py"))

    found = [text for path in modules for text in texts_outside_tr(path)]

    assert found == []


def test_catalogues_hold_what_is_in_the_code_and_nothing_else(tmp_path: Path) -> None:
    """As ``installers/development/translations.sh`` leaves them; run it after each new text."""
    for name in ("communicator", "installers", "resources"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/bin").symlink_to(TOOLS)

    subprocess.run(["sh", str(tmp_path / SCRIPT.relative_to(ROOT))], check=True)

    for language in LANGUAGES:
        for suffix in ("ts", "qm"):
            name = f"parlour_{language}.{suffix}"
            made, kept = tmp_path / "resources/translations" / name, CATALOGUES / name
            assert made.read_bytes() == kept.read_bytes(), f"{name}: run {SCRIPT.name}"


def messages(language: str) -> list[ET.Element]:
    tree = ET.parse(CATALOGUES / f"parlour_{language}.ts")  # noqa: S314 - a file of ours
    return list(tree.getroot().iter("message"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_unfinished_and_no_place_for_a_value_is_lost(language: str) -> None:
    wrong = []
    for message in messages(language):
        source = message.findtext("source", "")
        translation = message.find("translation")
        forms = [form.text or "" for form in translation.iter("numerusform")]
        texts = forms or [translation.text or ""]
        if translation.get("type") or not all(texts):
            wrong.append(f"unfinished: {source}")
        wanted = set(PLACEHOLDERS.findall(source))
        wrong += [text for text in texts if set(PLACEHOLDERS.findall(text)) != wanted]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_the_protocol_are_on_no_screen(language: str) -> None:
    """People, conversation, room, office server: the words of the office."""
    texts = [
        text
        for message in messages(language)
        for element in (message.find("source"), message.find("translation"))
        for text in element.itertext()
    ]

    assert [text for text in texts if WORDS_OF_THE_PROTOCOL.search(text)] == []
