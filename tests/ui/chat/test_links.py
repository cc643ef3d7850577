"""Links in texts from strangers: what is found, and what never opens (docs/security.md, row 68)."""

import time

import pytest

from communicator.ui.chat.links import is_safe_to_open, links_in, shown_host


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("see https://office.example/a?b=c#d.", ["https://office.example/a?b=c#d"]),
        ("(https://office.example/a_(b))", ["https://office.example/a_(b)"]),
        ("www.office.example, please", ["https://www.office.example"]),
        ("xmpp:juliet@capulet.lit and mailto:a@b.example", None),
        ("geo:47.3,8.5", ["geo:47.3,8.5"]),
        ("no link at all", []),
        ("http://", []),
        ("https://one.example https://two.example", ["https://one.example", "https://two.example"]),
    ],
)
def test_addresses_are_found_without_the_marks_of_the_sentence(
    text: str, targets: list[str] | None
) -> None:
    expected = ["xmpp:juliet@capulet.lit", "mailto:a@b.example"] if targets is None else targets

    assert [link.target for link in links_in(text)] == expected


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "\\\\server\\share",
        "//server/share",
        "smb://server/share",
        "javascript:alert(1)",
        "data:text/html,<b>x</b>",
        "ms-settings:privacy",
        "vbscript:x",
        "ftp://server/x",
        "https:///nothing",
        "https://user:secret@evil.example/",
        "https://bank.example@evil.example/",
        "about:blank",
        "",
    ],
)
def test_r68_an_address_that_could_do_harm_never_opens(address: str) -> None:
    assert not is_safe_to_open(address)
    assert address not in [link.target for link in links_in(f"look: {address}")]


def test_letters_that_look_alike_are_shown_in_punycode() -> None:
    assert shown_host("https://\N{CYRILLIC SMALL LETTER A}pple.example/") == "xn--pple-43d.example"


def test_a_long_hostile_line_is_scanned_in_time() -> None:
    text = "www." + "a.a." * 50_000 + "https://" + ")" * 100_000

    before = time.process_time()
    links_in(text)

    assert time.process_time() - before < 0.5
