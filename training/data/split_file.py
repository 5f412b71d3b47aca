"""The file that says which split every image of a folder belongs to."""

from collections.abc import Iterable
from pathlib import Path

from taxo.taxonomy.errors import FormatError, TaxoError

SPLITS = ("train", "val", "test")


def read_split_file(path: Path, known: Iterable[str]) -> dict[str, str]:
    """Split of every image in a file of lines `path<TAB>train|val|test`.

    Args:
        path: The file, UTF-8; empty lines are skipped.
        known: Paths that may stand there, relative to the data folder, with "/".

    Raises:
        FormatError: Unknown paths, unknown words, paths given twice: all of them with their lines.
    """
    known = set(known)
    split_of: dict[str, str] = {}
    faults: list[tuple[int | None, str]] = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        image, tab, split = line.partition("\t")
        image, split = image.strip(), split.strip()
        if not tab:
            faults.append((number, f"no tab in {line!r}; a line is path<TAB>train|val|test"))
        elif split not in SPLITS:
            faults.append((number, f"unknown split {split!r}; it must be train, val or test"))
        elif image not in known:
            faults.append((number, f"no image {image!r} in the data folder; write paths relative to it"))
        elif image in split_of:
            faults.append((number, f"image {image!r} is given twice; every image may stand only once"))
        else:
            split_of[image] = split
    if faults:
        raise FormatError(str(path), faults)
    return split_of


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise TaxoError(f"split file {path}: {error.strerror}; name a file of lines path<TAB>train|val|test") from None
    except UnicodeDecodeError as error:
        raise TaxoError(f"split file {path}: byte {error.start} is not UTF-8; save it as UTF-8") from None
