"""Data set `omniglot`: handwritten characters, 20 drawings of each, in folders ALPHABET/CHARACTER.

Lake, Salakhutdinov & Tenenbaum, "Human-level concept learning through probabilistic program induction", Science 350,
2015. The archives are images_background.zip (30 alphabets), images_evaluation.zip (20 others), and
images_background_small1.zip and images_background_small2.zip (5 of the 30 each).

Every drawing of a character is by another person, whose number ends the file's name: `0108_01.png`. The drawings of a
character have no official split: the official sets have different alphabets. Here drawers 1 to
`DataConfig.train_drawers` of every character train and the others test, so no character is tested on a hand that it
was trained on.
"""

import re
from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError, TaxoError
from taxo.taxonomy.wording import few

from .config import DataConfig
from .folder import find_classes
from .listing import Listing, samples_of_files
from .official_folder import OfficialFolder

SETS = ("images_background", "images_evaluation")
SMALL_SETS = ("images_background_small1", "images_background_small2")

FOLDER = OfficialFolder(
    title="Omniglot",
    names=("omniglot",),
    # Folders of alphabets, or an alphabet: the folder of one set.
    needs=("|".join((*SETS, *SMALL_SETS, "*/character*")),),
    source="unpack images_background.zip or another of its archives (the data set's page: omniglot, Brenden Lake)",
)

_DRAWING = re.compile(r".*_(\d{1,3})")
_NAMED_FAULTS = 100


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the drawings; the hierarchy does not matter.

    The classes are the folders, "Balinese/character01", sorted. `taxo.taxonomy.read` makes a hierarchy of the same
    names from a folder of alphabets.

    Raises:
        TaxoError: The data set is not there, several sets have one character, a character lacks drawings to train or
            to test.
        FormatError: Names of files that do not say the drawer.
    """
    drawings: dict[str, list[tuple[int, Path]]] = {}
    for root in _sets(find(config.data)):
        found = _drawings(root)
        twice = sorted(found.keys() & drawings.keys())
        if twice:
            raise TaxoError(f"{root}: {few(twice)} also stand(s) in another set; name one of the sets with --data")
        drawings |= found
    classes = tuple(sorted(drawings))
    _check_drawers(drawings, config.train_drawers)
    items = [(c, *drawing) for c, name in enumerate(classes) for drawing in drawings[name]]
    train = [(c, path) for c, drawer, path in items if drawer <= config.train_drawers]
    test = [(c, path) for c, drawer, path in items if drawer > config.train_drawers]
    parts = [
        samples_of_files(classes, [c for c, _ in part], [path for _, path in part], config) for part in (train, test)
    ]
    remark = f"Omniglot has no split of its own: drawers 1 to {config.train_drawers} train, the others test"
    return Listing(parts[0], test=parts[1], remarks=(remark,))


def find(data: str) -> Path:
    """Folder of one set or of several; see `OfficialFolder.find`."""
    return FOLDER.find(data)


def _sets(root: Path) -> list[Path]:
    """The folders of alphabets: those of the large sets, else of the small ones, else `root` itself."""
    large, small = ([root / name for name in names if (root / name).is_dir()] for names in (SETS, SMALL_SETS))
    return large or small or [root]


def _drawings(root: Path) -> dict[str, list[tuple[int, Path]]]:
    """Drawer and path of every drawing, by character."""
    drawings: dict[str, list[tuple[int, Path]]] = {}
    faults: list[tuple[int | None, str]] = []
    for name, path in find_classes(root).paths():
        number = _DRAWING.fullmatch(path.stem)
        relative = path.relative_to(root).as_posix()
        if name.count("/") != 1:
            faults.append((None, f"{relative!r} does not stand in a folder ALPHABET/CHARACTER; move it there"))
        elif number is None:
            faults.append((None, f"{relative!r} does not say its drawer as 0108_01.png does; unpack the archive again"))
        elif (drawer := int(number[1])) in dict(drawings.get(name, [])):
            faults.append((None, f"{relative!r}: drawer {drawer} drew this character twice; unpack the archive again"))
        else:
            drawings.setdefault(name, []).append((drawer, path))
    if faults:
        raise FormatError(str(root), faults[:_NAMED_FAULTS])
    return drawings


def _check_drawers(drawings: dict[str, list[tuple[int, Path]]], last: int) -> None:
    """That every character has drawings to train and to test."""
    for what in ("train", "test"):
        lacking = sorted(
            name
            for name, found in drawings.items()
            if not any((drawer <= last) == (what == "train") for drawer, _ in found)
        )
        if lacking:
            raise TaxoError(
                f"Omniglot: with drawers 1 to {last} to train, {len(lacking)} characters have no drawing to {what}: "
                f"{few(lacking)}; set train_drawers so that there are some, or unpack the archive again"
            )
