"""What we claim to speak stands in docs/parlour.doap, in the form that the XMPP community reads."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
DOAP = "{http://usefulinc.com/ns/doap#}"
XMPP = "{https://linkmauve.fr/ns/xmpp-doap#}"
LINK = re.compile(r"https://xmpp.org/extensions/xep-(\d{4})\.html")
RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"


@pytest.fixture(scope="module")
def claimed() -> dict[str, ElementTree.Element]:
    """The extensions of the file, by number."""
    tree = ElementTree.parse(ROOT / "docs/parlour.doap")  # noqa: S314 - our own file
    found = {}
    for one in tree.iterfind(f".//{XMPP}SupportedXep"):
        link = one.find(f"{XMPP}xep")
        assert link is not None
        number = re.fullmatch(
            r"https://xmpp.org/extensions/xep-(\d{4})\.html", link.get(RESOURCE, "")
        )
        assert number is not None
        found[number[1]] = one
    return found


def documented() -> set[str]:
    """The extensions in the table of docs/protocol.md."""
    text = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
    table = text.split("## 2. Standards")[1].split("\n## 3.")[0]
    heads = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    return {number for head in heads if "XEP" in head for number in re.findall(r"\b\d{4}\b", head)}


def test_claimed_extensions_are_those_of_the_document(
    claimed: dict[str, ElementTree.Element],
) -> None:
    assert set(claimed) == documented()


def test_each_claim_says_version_extent_and_since_when(
    claimed: dict[str, ElementTree.Element],
) -> None:
    for number, claim in claimed.items():
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?", claim.findtext(f"{XMPP}version", "")), number
        assert claim.findtext(f"{XMPP}status") in {"complete", "partial"}, number
        assert claim.findtext(f"{XMPP}since"), number
        assert claim.findtext(f"{XMPP}note"), number
