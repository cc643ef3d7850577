"""What a server's processes have used, read from ``/proc``."""

import os
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    parents = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                parents[int(entry.name)] = int(fields[1])
    found = [pid]
    for known in found:  # grows on the way
        found += [child for child, parent in parents.items() if parent == known]
    return found


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its descendants have used."""
    ticks = 0
    for member in family(pid):
        fields = _stat(member)
        if fields:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS_PER_SECOND


def resident_kilobytes(pid: int) -> int:
    """Return the resident memory of a process and its descendants."""
    total = 0
    for member in family(pid):
        try:
            lines = (_PROC / str(member) / "status").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return total


def _stat(pid: int) -> list[str]:
    """Return the fields behind the name, from the state on; empty if the process is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def descriptors(pid: int) -> int:
    """Return how many files and connections a process and its descendants have open."""
    total = 0
    for member in family(pid):
        try:
            total += len(list((_PROC / str(member) / "fd").iterdir()))
        except OSError:
            continue
    return total
