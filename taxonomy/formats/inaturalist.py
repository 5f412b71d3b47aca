"""iNaturalist's `categories.json`: species with their taxonomy, as the competitions of 2017 to 2021 gave them."""

from collections import Counter

from ..wording import few
from .categories import Entry, load_categories, numbers_of, text_of
from .draft import Draft
from .lineages import Lineages, Step
from .options import ReadOptions
from .source import Faults, Source, log

ROOT = "Life"
"""What iNaturalist calls the root of its taxonomy."""

RANKS = ("kingdom", "phylum", "class", "order", "family", "genus")


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read iNaturalist's categories, alone or in an annotation file (`train2019.json`).

    Where they have the keys `kingdom` to `genus`, these are the levels between the root "Life" and the species; a rank
    that an entry leaves empty is passed over. Where no entry has them, as in 2017, the only level is
    `supercategory`. Labels are the common names, class numbers the ids. A species keeps its name; inner nodes of a
    repeated name, such as a genus of plants and one of animals, are called by their path ("Animalia/.../Morus"), and
    so are species of a repeated name.

    Faults: those of `load_categories`; a rank that some entries lack; a species given twice.
    """
    entries = load_categories(source, faults)
    full = any(rank in entry for _, entry in entries for rank in RANKS)
    forest = Lineages()
    top = forest.add([("", ROOT)])
    labels: dict[int, str] = {}
    numbers: dict[int, int] = {}
    for place, entry in entries:
        above = _above(entry, place, faults) if full else _group(entry, place, faults)
        genus = forest.add(above, top)
        node = forest.add([(_rank(entry, above), entry["name"])], genus)
        if node in numbers:
            faults.add(None, f"entry {place}: {forest.path(node, top)!r} is given twice", "duplicate-name")
            continue
        numbers[node] = entry["id"]
        labels[node] = text_of(entry, "common_name", place, faults)
    parent, child = forest.edges()
    times = Counter(forest.names[node] for node in numbers)
    names = forest.distinct_names({node for node in numbers if times[forest.names[node]] == 1}, top)
    if not faults:
        _tell(source, forest, names)
    return Draft(
        names=names,
        parent=parent,
        child=child,
        class_numbers=numbers_of(numbers, len(names)),
        ranks=forest.ranks,
        labels=[labels.get(node) or name for node, name in enumerate(forest.names)],
    )


def _above(entry: Entry, place: int, faults: Faults) -> list[Step]:
    """Ranks and names above a species."""
    missing = [rank for rank in RANKS if rank not in entry]
    if missing:
        faults.add(None, f"entry {place} ({entry['name']!r}) has no {few(missing)}, as others have")
    given = ((rank, text_of(entry, rank, place, faults)) for rank in RANKS)
    return [(rank, name) for rank, name in given if name]


def _group(entry: Entry, place: int, faults: Faults) -> list[Step]:
    group = text_of(entry, "supercategory", place, faults)
    if not group:
        faults.add(None, f"entry {place} ({entry['name']!r}) has neither ranks nor a 'supercategory'")
    return [("", group)]


def _rank(entry: Entry, above: list[Step]) -> str:
    """Rank of a class: a species where its name is the genus and one word more."""
    words = entry["name"].split(" ")
    return "species" if above and len(words) == 2 and (above[-1] == ("genus", words[0])) else ""


def _tell(source: Source, forest: Lineages, names: list[str]) -> None:
    changed = [name for name, plain in zip(names, forest.names, strict=True) if name != plain]
    if changed:
        log.warning(
            "%s: %d nodes share a name and are called by their paths: %s", source.name, len(changed), few(changed)
        )
