"""How much memory and disk space there is."""

import os
import shutil
from pathlib import Path

import psutil  # type: ignore[import-untyped]

#: Limit of the memory of a container, in bytes, or "max": control groups, version 2 and 1.
CONTAINER_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def free_memory() -> int:
    """Bytes that this process can take without swapping; where torchrun has started several here, its share of them."""
    limits = [int(psutil.virtual_memory().available)]
    for file in CONTAINER_LIMITS:
        try:
            text = file.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal():
            limits.append(int(text))
    processes = os.environ.get("LOCAL_WORLD_SIZE", "")
    return min(limits) // max(int(processes) if processes.isdecimal() else 1, 1)


def free_disk(folder: Path) -> int:
    """Free bytes where a folder lies or would lie; 0 where that cannot be found out."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def in_words(size: int) -> str:
    """A number of bytes as people write it.

    Example:
        >>> in_words(999), in_words(1500), in_words(4_120_000_000)
        ('999 bytes', '1.5 kB', '4.1 GB')
    """
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
