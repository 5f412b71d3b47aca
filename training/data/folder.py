"""Data set `folder`: a class is a folder that holds images.

Two layouts. `DIR/train/CLASS/...` with `DIR/val` or `DIR/test` or both; or `DIR/CLASS/...` with a file that
says the split of every image. Classes may be nested (`Balinese/character01`).
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.wording import few

from .by_split import listing_by_split
from .config import DataConfig
from .files import IMAGE_SUFFIXES
from .listing import Listing
from .split_file import SPLITS, read_split_file


@dataclass(frozen=True)
class ClassFolders:
    """The class folders below one folder.

    Attributes:
        root: The folder.
        images: Names of the image files of every class, both in sorted order.
        others: Files that are not images, relative to `root`.
    """

    root: Path
    images: dict[str, list[str]]
    others: list[str]

    def paths(self) -> Iterable[tuple[str, Path]]:
        """Class and path of every image."""
        for name, files in self.images.items():
            for file in files:
                yield name, self.root / name / file


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images of a data set in class folders; the hierarchy does not matter.

    Raises:
        TaxoError: Missing or empty folders, images outside class folders, classes that only one split has.
        FormatError: Faults in the split file, all of them.
    """
    if not config.data:
        raise TaxoError("data set 'folder' needs a folder: --data DIR with DIR/train/CLASS/IMAGE files")
    root = Path(config.data).expanduser()
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise TaxoError(f"{root}: {what}; --data must name a folder with train/CLASS/IMAGE files")
    if config.split:
        return _by_file(root, Path(config.split).expanduser(), config)
    return _by_folders(root, config)


def find_classes(root: Path) -> ClassFolders:
    """Class folders below `root`, whatever the order of the file system; hidden files and folders left out.

    Raises:
        TaxoError: Samples beside class folders, an empty class folder, or no images at all.
    """
    images: dict[str, list[str]] = {}
    others: list[str] = []
    parents: list[str] = []
    empty: list[str] = []
    for folder, below, files in os.walk(root, followlinks=True, onerror=_refuse):
        below[:] = sorted(name for name in below if not name.startswith("."))
        shown = sorted(name for name in files if not name.startswith("."))
        found = [name for name in shown if os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES]
        name = "" if Path(folder) == root else Path(folder).relative_to(root).as_posix()
        others += [str(PurePosixPath(name, file)) for file in shown if file not in found]
        if found:
            images[name] = found
            parents += [name] if below else []
        elif not below:
            empty.append(name or ".")
    if not images:
        raise TaxoError(f"{root}: no images in it; it must hold CLASS/IMAGE files ({_suffixes()})")
    _check(root, images, parents, empty)
    return ClassFolders(root, dict(sorted(images.items())), others)


def _check(root: Path, images: dict[str, list[str]], parents: list[str], empty: list[str]) -> None:
    if "" in images:
        raise TaxoError(
            f"{root}: {len(images[''])} images outside class folders (first {images[''][0]!r}); "
            "move each into the folder of its class"
        )
    if parents:
        raise TaxoError(f"{root}: {few(parents)} hold(s) both images and folders; a class folder holds images only")
    if empty:
        raise TaxoError(f"{root}: no images in {few(empty)}; fill or remove every empty class folder")


def _by_folders(root: Path, config: DataConfig) -> Listing:
    """`DIR/train` with `DIR/val`, `DIR/test` or both; `val` alone is the test split."""
    if not (root / "train").is_dir():
        raise TaxoError(
            f"{root}: no folder 'train' in it; arrange the images as train/CLASS/IMAGE and test/CLASS/IMAGE, "
            "or say the split of every image in a file (--split)"
        )
    found = {split: find_classes(root / split) for split in SPLITS if (root / split).is_dir()}
    remarks = []
    if "val" in found and "test" not in found:
        found["test"] = found.pop("val")
        remarks.append(f"{root} has no folder 'test': 'val' is taken as the test images")
    if "test" not in found:
        remarks.append(f"{root} has no folder 'test' or 'val': nothing is tested")
    others = [f"{folders.root.name}/{other}" for folders in found.values() for other in folders.others]
    items = {split: list(folders.paths()) for split, folders in found.items()}
    return listing_by_split(root, items, config, remarks + _ignored(root, others))


def _by_file(root: Path, split_file: Path, config: DataConfig) -> Listing:
    """`DIR/CLASS/...` with a split file."""
    folders = find_classes(root)
    known = {path.relative_to(root).as_posix(): (name, path) for name, path in folders.paths()}
    split_of = read_split_file(split_file, known)
    items: dict[str, list[tuple[str, Path]]] = {split: [] for split in SPLITS}
    for relative, item in known.items():
        if relative in split_of:
            items[split_of[relative]].append(item)
    others = [other for other in folders.others if (root / other).resolve() != split_file.resolve()]
    remarks = _ignored(root, others)
    if len(split_of) < len(known):
        remarks.append(f"{root}: {len(known) - len(split_of)} images are not in {split_file} and not used")
    return listing_by_split(root, {s: found for s, found in items.items() if found}, config, remarks)


def _ignored(root: Path, others: Sequence[str]) -> list[str]:
    if not others:
        return []
    return [f"{root}: {len(others)} files are not images and not used: {few(others)}"]


def _suffixes() -> str:
    return " ".join(sorted(suffix[1:] for suffix in IMAGE_SUFFIXES))


def _refuse(error: OSError) -> None:
    raise TaxoError(f"{error.filename}: {error.strerror}; make the folder readable or take it out")
