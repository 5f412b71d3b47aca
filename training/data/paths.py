"""Where the data sets lie that have a place of their own."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from taxo.taxonomy.errors import TaxoError


def data_root(data_dir: str = "") -> Path:
    """Folder that holds the data sets: `data_dir`, else the variable TAXO_DATA, else the user's cache folder.

    The cache folder is `$XDG_CACHE_HOME/taxo` (`~/.cache/taxo`) on Linux, `~/Library/Caches/taxo` on macOS
    and `%LOCALAPPDATA%/taxo/Cache` on Windows. It need not exist.
    """
    named = data_dir or os.environ.get("TAXO_DATA", "")
    return Path(named).expanduser() if named else _cache_folder()


def _cache_folder() -> Path:
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "taxo"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "taxo" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "taxo"


def find_folder(
    data: str, folder: str, holds: Callable[[Path], bool], *, title: str, remedy: str, example: str
) -> Path:
    """Folder of a data set: `data` itself or `folder` in it; without `data`, in `data_root()`.

    Args:
        data: `DataConfig.data`.
        folder: Its official name.
        holds: Whether a folder is the data set's.
        title: What a person calls the data set.
        remedy: What to do where it is not there: "unpack X.zip (from whose page)".
        example: A path in the folder that is there when all is right.

    Raises:
        TaxoError: It is not there.
    """
    base = Path(data).expanduser() if data else data_root()
    for root in (base, base / folder):
        if holds(root):
            return root
    raise TaxoError(
        f"{title} is not in {base}: {remedy} so that {base / folder / example} is there, or name its folder with "
        "--data or TAXO_DATA; without it, type `--dataset synthetic`"
    )
