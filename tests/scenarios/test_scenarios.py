"""Plays every scenario of this folder against a real office over TLS on the loopback interface."""

from pathlib import Path

import pytest

from tests.helpers.office import Carrier
from tests.helpers.scenario_runner import ScenarioError, play_scenario, read_scenario

_FOLDER = Path(__file__).parent
SCENARIOS = sorted(_FOLDER.glob("*.scenario"))


def _fits_bosh(path: Path) -> bool:
    """Whether it is about streams and stanzas; a session of BOSH cannot be cut off."""
    text = path.read_text(encoding="utf-8")
    return "RFC 612" in text and "is cut off" not in text


@pytest.mark.asyncio
@pytest.mark.network
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_scenario_goes_as_it_says(path: Path, tmp_path: Path) -> None:
    await play_scenario(path, tmp_path)


@pytest.mark.asyncio
@pytest.mark.network
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_scenario_goes_the_same_way_over_websocket(path: Path, tmp_path: Path) -> None:
    """RFC 7395: another framing, the same XMPP."""
    await play_scenario(path, tmp_path, Carrier.WEBSOCKET)


@pytest.mark.asyncio
@pytest.mark.network
@pytest.mark.parametrize("path", list(filter(_fits_bosh, SCENARIOS)), ids=lambda path: path.stem)
async def test_scenario_goes_the_same_way_over_bosh(path: Path, tmp_path: Path) -> None:
    """XEP-0206: held requests, the same XMPP."""
    await play_scenario(path, tmp_path, Carrier.BOSH)


@pytest.mark.asyncio
@pytest.mark.network
async def test_scenario_that_expects_something_else_fails_with_its_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.scenario"
    wrong.write_text(
        "# Wrong\nRomeo: romeo/orchard\n---\nRomeo connects\nRomeo sends:\n    <presence/>\n"
        "Romeo receives:\n    <presence from='somebody else' to='*'/>\n",
        encoding="utf-8",
    )

    with pytest.raises(ScenarioError, match="line 7: Romeo receives"):
        await play_scenario(wrong, tmp_path)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_says_what_it_shows_and_quotes_its_paragraph(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert read_scenario(path).title
    assert "RFC" in text or "XEP" in text
