"""Fuzzes one target for some time: ``python -m tests.fuzz.run framer 60 FOLDER``.

With atheris, guided by coverage, and a corpus that is kept in the folder; without it, by
Hypothesis. What fails is written to the folder and ends the run with an error.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds_of

LONGEST_INPUT_BYTES = 4_096
EXAMPLES_AT_ONCE = 2_000
GUIDED = "tests.fuzz.guided"


def main(target: str, seconds: float, folder: Path) -> int:
    """Fuzz; returns the exit status."""
    corpus = folder / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds_of(target)):
        (corpus / f"seed{number}").write_bytes(seed)
    for kept in sorted(corpus.iterdir()):  # what has failed once is tried first
        TARGETS[target](kept.read_bytes())
    if has_atheris():
        return guided(target, seconds, corpus)
    by_chance(TARGETS[target], seconds)
    return 0


def has_atheris() -> bool:
    """Whether this Python has it; looked at in a process, as it changes the interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", "import atheris"], check=False, capture_output=True
    )
    return done.returncode == 0


def guided(target: str, seconds: float, corpus: Path) -> int:
    """Let libFuzzer lead."""
    command = [
        *(sys.executable, "-m", GUIDED, target, str(corpus)),
        f"-max_total_time={max(1, round(seconds))}",
        f"-max_len={LONGEST_INPUT_BYTES}",
        f"-artifact_prefix={corpus.parent}/{target}-failed-",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    return subprocess.run(command, check=False).returncode


def by_chance(fuzz: Callable[[bytes], None], seconds: float) -> None:
    """Let Hypothesis draw, until the time is over."""
    ends = time.monotonic() + seconds
    tried = 0

    @settings(
        max_examples=EXAMPLES_AT_ONCE,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.binary(max_size=400))
    def draw(data: bytes) -> None:
        nonlocal tried
        tried += 1
        fuzz(data)

    while time.monotonic() < ends:
        draw()
    print(f"{tried} inputs by chance; with atheris they would be guided")  # noqa: T201 - figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
