"""The process that libFuzzer leads: ``python -m tests.fuzz.guided TARGET CORPUS OPTIONS...``."""

import sys

import atheris

with atheris.instrument_imports(include=["shared_protocol", "tests.fuzz.element_changes"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Fuzz without end, or as long as an option says."""
    program, target, *others = sys.argv
    atheris.Setup([program, *others], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
