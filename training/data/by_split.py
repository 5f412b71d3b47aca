"""From images listed by split to the splits of a data set, whose classes must be the same."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.wording import few

from .config import DataConfig
from .listing import Listing, samples_of_files
from .samples import Samples


def listing_by_split(
    root: Path, items: Mapping[str, Sequence[tuple[str, Path]]], config: DataConfig, remarks: Sequence[str]
) -> Listing:
    """The splits of a data set; its classes are those of the training images, sorted.

    Args:
        root: The folder or file that lists the images, for messages.
        items: Class and path of every image, by split: "train", "val", "test"; those without images left out.
        config: Says the size and the channels of the decoded images.
        remarks: What the user should be told.

    Raises:
        TaxoError: No training images, or classes that only one split has; a few validation images need not show
            every class.
    """
    if "train" not in items:
        raise TaxoError(f"{root}: no training images; at least one image of every class must be in 'train'")
    classes = tuple(sorted({name for name, _ in items["train"]}))
    place = {name: c for c, name in enumerate(classes)}
    images: dict[str, Samples] = {}
    for split, pairs in items.items():
        _check_same_classes(root, split, {name for name, _ in pairs}, place)
        images[split] = samples_of_files(classes, [place[n] for n, _ in pairs], [p for _, p in pairs], config)
    return Listing(images["train"], images.get("val"), images.get("test"), remarks=tuple(remarks))


def _check_same_classes(root: Path, split: str, found: set[str], train: Iterable[str]) -> None:
    extra, missing = sorted(found.difference(train)), sorted(set(train) - found)
    if split == "val":
        missing = []
    clauses = [f"{len(extra)} only in {split}: {few(extra)}"] * bool(extra)
    clauses += [f"{len(missing)} only in train: {few(missing)}"] * bool(missing)
    if clauses:
        raise TaxoError(
            f"{root}: train and {split} must have the same classes, but {'; '.join(clauses)}; add or remove these"
        )
