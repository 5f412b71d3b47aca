"""Where the data sets lie that have a place of their own."""

import os
import sys
from pathlib import Path


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
