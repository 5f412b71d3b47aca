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


def in_bytes(count: float) -> str:
    """A number of bytes for a person.

    Example:
        >>> in_bytes(300), in_bytes(1_500_000), in_bytes(7.25 * 2**30), in_bytes(2**40)
        ('300 B', '1.4 MiB', '7.2 GiB', '1024 GiB')
    """
    if count < 999.5:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 999.5 or unit == "GiB":
            break
    return f"{count:.0f} {unit}" if count >= 99.5 else f"{count:.1f} {unit}"
