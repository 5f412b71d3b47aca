"""Data set `tiny-imagenet`: Tiny ImageNet as unpacked, and subsets of it in class folders.

Le & Yang, "Tiny ImageNet visual recognition challenge", CS 231N, Stanford University, 2015. The labels of its test
images were never published: everybody tests on the validation images, and so does this.

Two layouts are read. The official one: `wnids.txt`, `train/ID/images/*.JPEG`, `val/images/*.JPEG` with
`val/val_annotations.txt`. And a subset: `classes.txt` with a line `ID<TAB>names` per class, `train/ID/*.JPEG`,
`val/ID/*.JPEG`.
"""

import re
from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.formats.source import Faults, Source
from taxo.taxonomy.wording import few

from .config import DataConfig
from .folder import find_classes
from .listing import Listing, samples_of_files
from .official_folder import OfficialFolder
from .samples import Samples

LISTS = ("wnids.txt", "classes.txt")

FOLDER = OfficialFolder(
    title="Tiny ImageNet",
    names=("tiny-imagenet-200",),
    needs=("|".join(LISTS), "train", "val"),
    source="unpack tiny-imagenet-200.zip (the page of Stanford's course CS 231N)",
)

ANNOTATIONS = "val_annotations.txt"

_ID = re.compile(r"n\d{8}")


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images; the validation images are the test images, and the hierarchy does not matter.

    The classes are WordNet's ids, in the order of `wnids.txt` (`classes.txt`).

    Raises:
        TaxoError: The data set is not there, or folders of classes are missing; the message says where to put it.
        FormatError: Its lists are broken.
    """
    root = find(config.data)
    classes = _ids(next(root / name for name in LISTS if (root / name).is_file()))
    train, remarks = _in_folders(root / "train", classes, config)
    if (root / "val" / ANNOTATIONS).is_file():
        test = _annotated(root / "val", classes, config)
    else:
        test, more = _in_folders(root / "val", classes, config)
        remarks += more
    remarks.append("the validation images of Tiny ImageNet are the test images: those of its test have no labels")
    return Listing(train, test=test, remarks=tuple(remarks))


def find(data: str) -> Path:
    """The data set's folder; see `OfficialFolder.find`."""
    return FOLDER.find(data)


def _ids(path: Path) -> tuple[str, ...]:
    """The classes; what stands behind a tab is for persons."""
    source = Source(str(path))
    faults = Faults(source)
    ids: dict[str, None] = {}
    for number, line in source.lines():
        name = line.partition("\t")[0].strip()
        if not name:
            continue
        if not _ID.fullmatch(name):
            faults.add(number, f"{name[:50]!r} is no WordNet id such as n01443537; unpack the archive again")
        elif name in ids:
            faults.add(number, f"class {name} is given twice; every class may stand only once")
        ids[name] = None
    if not ids:
        faults.add(None, "no classes in it; unpack the archive again")
    faults.check()
    return tuple(ids)


def _in_folders(root: Path, classes: tuple[str, ...], config: DataConfig) -> tuple[Samples, list[str]]:
    """Images in the folders of their classes, or in a folder `images` therein; and what to tell about others."""
    # In the official layout a class's folder is ID/images, beside a file of boxes.
    paths: dict[str, list[Path]] = {}
    for name, path in find_classes(root).paths():
        paths.setdefault(name.removesuffix("/images"), []).append(path)
    missing = [name for name in classes if name not in paths]
    if missing:
        raise TaxoError(f"{root}: no images of {len(missing)} classes: {few(missing)}; unpack the archive again")
    others = sorted(set(paths) - set(classes))
    remarks = [f"{root}: {len(others)} folders are no classes and not used: {few(others)}"] if others else []
    targets = [c for c, name in enumerate(classes) for _ in paths[name]]
    return samples_of_files(classes, targets, [path for name in classes for path in paths[name]], config), remarks


def _annotated(root: Path, classes: tuple[str, ...], config: DataConfig) -> Samples:
    """Images in one folder `images`, with lines `file<TAB>ID<TAB>box`."""
    source = Source(str(root / ANNOTATIONS))
    faults = Faults(source)
    place = {name: c for c, name in enumerate(classes)}
    target_of: dict[str, int] = {}
    for number, line in source.lines():
        if not line.strip():
            continue
        file, name = (part.strip() for part in f"{line}\t".split("\t")[:2])
        if not file or Path(file).name != file:
            faults.add(number, f"{file[:50]!r} is no name of a file in {root / 'images'}; unpack the archive again")
        elif name not in place:
            faults.add(number, f"{name[:50]!r} is no class of this data set; unpack the archive again")
        elif file in target_of:
            faults.add(number, f"image {file} is given twice; every image may stand only once")
        else:
            target_of[file] = place[name]
    if not target_of:
        faults.add(None, "no images in it; unpack the archive again")
    faults.check()
    return samples_of_files(classes, list(target_of.values()), [root / "images" / file for file in target_of], config)
