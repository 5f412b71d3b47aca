"""Which class of a hierarchy each class of a data set is."""

import re
from collections.abc import Callable, Sequence

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError, near_matches
from taxo.taxonomy.folding import fold
from taxo.taxonomy.wording import few

_NUMBERED = re.compile(r"(\d+)\.(.*)")


class ClassMismatch(TaxoError):
    """The classes of the data are not those of the hierarchy.

    Attributes:
        only_data: Classes of the data that are no class of the hierarchy, or several.
        only_hierarchy: Classes of the hierarchy without data.
    """

    def __init__(self, only_data: Sequence[str], only_hierarchy: Sequence[str], hierarchy: str) -> None:
        self.only_data = tuple(only_data)
        self.only_hierarchy = tuple(only_hierarchy)
        lines = [f"the classes of the data and of the hierarchy {hierarchy!r} differ"]
        if only_data:
            lines.append(f"  {len(only_data)} only in the data: {few(only_data)}")
        if only_hierarchy:
            lines.append(f"  {len(only_hierarchy)} only in the hierarchy: {few(only_hierarchy)}")
        for name in only_data[:10]:
            near = near_matches(fold(name), [fold(other) for other in only_hierarchy])
            originals = [other for other in only_hierarchy if fold(other) in near]
            if originals:
                lines.append(f"  {name!r} may be {' or '.join(repr(other) for other in originals)}")
        super().__init__("\n".join(lines))


def match_classes(names: Sequence[str], taxonomy: Taxonomy, numbers: Sequence[int] = ()) -> list[int]:
    """For every class of the data its place among `taxonomy.classes`.

    Where the data set numbers its classes and the hierarchy has the same numbers, these decide alone, unless they are
    0, 1, 2 ...: those of a hierarchy that gives none are the same. Else these rules are tried one after another on
    what is left, and a rule decides only where exactly one class on either side fits:

    1. the same name;
    2. the same name or label but for case, "_", "-" and spaces;
    3. likewise the last part of the path ("Balinese/character01"), without a leading number as in
       "001.Black_footed_Albatross";
    4. the data set's number, or that number in front of the name, as class number, if all classes of the data have
       one and none contradicts the rules before.

    Args:
        names: `(n_classes,)` names in the data.
        taxonomy: The hierarchy.
        numbers: `(n_classes,)` class numbers that the data set itself gives; empty where it gives none.

    Returns:
        `(n_classes,)` a permutation.

    Raises:
        ClassMismatch: Classes are left over on either side.
    """
    classes, class_numbers = taxonomy.classes, taxonomy.class_numbers.tolist()
    place: dict[int, int] = {}
    if set(numbers) == set(class_numbers) != set(range(len(classes))):
        _join(place, numbers, class_numbers)
    else:
        place = _by_name(names, taxonomy)
        leading = [int(found[1]) if (found := _NUMBERED.match(_last(name))) else None for name in names]
        given = numbers or leading
        if None not in given and all(given[i] == class_numbers[c] for i, c in place.items()):
            _join(place, given, class_numbers)
    if len(place) < max(len(names), len(classes)):
        left = [name for i, name in enumerate(names) if i not in place]
        without = [name for c, name in enumerate(classes) if c not in place.values()]
        raise ClassMismatch(left, without, taxonomy.name)
    return [place[i] for i in range(len(names))]


def _by_name(names: Sequence[str], taxonomy: Taxonomy) -> dict[int, int]:
    place: dict[int, int] = {}
    _join(place, names, taxonomy.classes)
    for key in (fold, _base):
        for known in (taxonomy.classes, taxonomy.class_labels):
            _join(place, _keys(key, names), _keys(key, known))
    return place


def _last(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]


def _base(name: str) -> str:
    """Last part of a path, folded, without a leading number."""
    numbered = _NUMBERED.match(_last(name))
    return fold(numbered[2] if numbered else _last(name))


def _keys(key: Callable[[str], str], names: Sequence[str]) -> list[str]:
    return [key(name) for name in names]


def _join(place: dict[int, int], ours: Sequence[object], theirs: Sequence[object]) -> None:
    """Add to `place` every pair that has the same key, where no other that is left has it."""
    left, right = _unique(ours, set(place)), _unique(theirs, set(place.values()))
    place.update({i: right[key] for key, i in left.items() if key in right})


def _unique(keys: Sequence[object], taken: set[int]) -> dict[object, int]:
    """Position of every key that exactly one position that is not taken has."""
    first: dict[object, int] = {}
    repeated = set()
    for i, key in enumerate(keys):
        if i not in taken:
            repeated |= {key} & first.keys()
            first.setdefault(key, i)
    return {key: i for key, i in first.items() if key not in repeated}
