"""The categories of COCO annotation files: classes below their supercategories."""

import numpy as np

from ..wording import few
from .categories import Entry, load_categories, numbers_of, text_of
from .distinct import distinct
from .draft import Draft
from .options import ReadOptions
from .source import Faults, Source, log
from .tidy import tidy

ROOT = "categories"


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read a COCO annotation file, or its list of categories alone: root, supercategories, categories.

    Class numbers are the ids. A category keeps its name; a supercategory of the same name is called
    `person (supercategory)`, and the root `categories (root)` where something else is called "categories". What was
    renamed is logged. Where no category has a supercategory, all stand below the root.

    Faults: those of `load_categories`, a name that stands twice, a supercategory that only some entries have.
    """
    entries = load_categories(source, faults)
    above = [text_of(entry, "supercategory", place, faults) for place, entry in entries]
    _check(entries, above, faults)
    groups = list(dict.fromkeys(filter(None, above)))
    size = 1 + len(groups) + len(entries)
    classes = range(1 + len(groups), size)
    plain = [ROOT, *groups, *(entry["name"] for _, entry in entries)]
    if faults:  # names may repeat
        return Draft(names=[])
    names = distinct(plain, lambda i: f"{plain[i]} ({'supercategory' if i else 'root'})", kept=classes)
    _tell(source, plain, names)
    number = {group: i for i, group in enumerate(groups, 1)}
    return Draft(
        names=names,
        parent=np.array([0] * len(groups) + [number.get(group, 0) for group in above], dtype=np.intp),
        child=np.arange(1, size),
        class_numbers=numbers_of({node: entry["id"] for node, (_, entry) in zip(classes, entries, strict=True)}, size),
        labels=plain,
        synonyms=[()] * (1 + len(groups)) + [_synonyms(entry) for _, entry in entries],
    )


def _check(entries: list[tuple[int, Entry]], above: list[str], faults: Faults) -> None:
    first: dict[str, int] = {}
    for (place, entry), group in zip(entries, above, strict=True):
        name = entry["name"]
        if first.setdefault(name, place) != place:
            faults.add(
                None, f"entry {place}: the name {name!r} is given twice, first in entry {first[name]}", "duplicate-name"
            )
        if not group and any(above):
            faults.add(None, f"entry {place} ({name!r}) has no 'supercategory', as others have")


def _tell(source: Source, plain: list[str], names: list[str]) -> None:
    changed = [new for old, new in zip(plain, names, strict=True) if old != new]
    if changed:
        log.warning(
            "%s: %d nodes have the name of a category and are called otherwise: %s",
            source.name,
            len(changed),
            few(changed),
        )


def _synonyms(entry: Entry) -> tuple[str, ...]:
    """Other names, as LVIS gives them."""
    given = entry.get("synonyms")
    words = [tidy(word) for word in given if isinstance(word, str)] if isinstance(given, list) else []
    return tuple(dict.fromkeys(word for word in words if word and word != entry["name"]))
