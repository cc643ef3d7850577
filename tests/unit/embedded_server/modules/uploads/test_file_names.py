"""Names of uploaded files (RFC 6266, RFC 8187)."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded_server.modules.uploads.file_names import disposition, harmless_name

MOST = 200


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("très cool.jpg", "très cool.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a/b/", "b"),
        ("..", "file"),
        ("", "file"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("a:b", "a_b"),
        ("a\nb\x7f", "a_b_"),
        ("exe.\u202egpj", "exe._gpj"),
        ("name. .", "name"),
        ("%2e%2e%2f", "%2e%2e%2f"),
        ("x" * 300 + ".tar", "x" * 196 + ".tar"),
        ("\N{ROSE}" * 100 + ".png", "\N{ROSE}" * 49 + ".png"),
    ],
)
def test_a_name_leads_nowhere(name: str, shown: str) -> None:
    assert harmless_name(name, MOST) == shown


@given(st.text(max_size=400))
def test_every_name_is_one_harmless_part_of_a_path(name: str) -> None:
    shown = harmless_name(name, MOST)

    assert 0 < len(shown.encode(errors="surrogatepass")) <= MOST
    assert not set(shown) & set('/\\:\0\n"')
    assert shown not in {".", ".."}


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_a_header_carries_the_name_whole_and_nothing_else(name: str) -> None:
    shown = harmless_name(name, MOST)

    field = disposition(shown, is_inline=False)

    field.encode("ascii")
    assert "\r" not in field
    assert "\n" not in field
    assert unquote(field.rpartition("UTF-8''")[2]) == shown
    assert field.startswith('attachment; filename="')
