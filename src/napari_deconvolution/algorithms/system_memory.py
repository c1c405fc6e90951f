"""How much memory the system has free."""

import os
from pathlib import Path

CONTAINER = Path("/sys/fs/cgroup")


LIMITS = ("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")
"""Files that say what a container may take and what it has taken: of version 2 and of version 1."""


def available() -> int | None:
    """Bytes that are free for a run, as the system and the limits of the container say; None where neither tells.

    >>> (available() or 1) > 0
    True
    """
    free = [_meminfo() or _by_psutil(), *(_left(*files) for files in LIMITS)]
    known = [value for value in free if value is not None]
    if known:
        return min(known)
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), None)


def _by_psutil() -> int | None:
    """What psutil says, where it is installed (napari brings it along): for systems that have no /proc."""
    try:
        import psutil
    except ImportError:
        return None
    return int(psutil.virtual_memory().available)


def _left(limit: str, used: str) -> int | None:
    """What a container may still take, with the files in its cache, which give way; None where there is no limit."""
    try:
        most, taken = (int((CONTAINER / name).read_text()) for name in (limit, used))
        stat = dict(line.split() for line in (CONTAINER / used).with_name("memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    return max(most - taken + int(stat.get("total_inactive_file", stat.get("inactive_file", 0))), 0)


def size_in_words(count: int) -> str:
    """Bytes for a person.

    >>> size_in_words(1_234_000_000), size_in_words(50_000_000)
    ('1.2 GB', '50 MB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"
