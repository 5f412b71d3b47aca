"""Everything that can be said against a hierarchy, each finding with file, line, severity and a hint."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from .check_classes import class_numbers, rank_order
from .check_edges import cycles, redundant_edges, roots, several_parents, single_children
from .check_names import comments, near_duplicates, odd_characters, repeated_labels
from .class_numbers import NOT_A_CLASS, inferred_classes
from .errors import FormatError, TaxoError
from .findings import SEVERITIES, Finding, hint_of_fault
from .formats.detect import detect
from .formats.draft import Draft, check_edges, finish
from .formats.options import ReadOptions
from .formats.registry import readable
from .formats.source import Faults, Source
from .subject import Subject
from .taxonomy import Taxonomy

CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    cycles,
    roots,
    several_parents,
    near_duplicates,
    class_numbers,
    rank_order,
    odd_characters,
    comments,
    single_children,
    repeated_labels,
)
"""The checks of what a file says, in the order in which they run."""


_CONSEQUENCES = ("lone-node", "several-roots", "single-child", "class-missing", "inner-class", "rank-order")
"""What a wrong place of a line brings about: not told of a line whose fault is told."""


class _AllFaults(Faults):
    """All faults of a file, however many: here they are the answer, not an error message."""

    _KEPT = 1_000_000


def validate(source: str | Path | Source, *, format: str | None = None, is_a: bool | None = None) -> list[Finding]:
    """All findings about a file, a folder or standard input (`-`).

    Args:
        source: File, `.gz` or not, folder, `-`, or a text at hand as a `Source`.
        format: As in `read`: one of `READ_FORMATS`, by default found out.
        is_a: For pairs: True for `child parent`, False for `parent child`, None to infer it.

    Returns:
        Errors, then warnings, then remarks, each in the order of the lines. Without an error among them the file
        can be read.

    Raises:
        TaxoError: The file cannot be opened, or an unknown format.

    Example:
        >>> for f in validate(Source("birds.txt", "birds\\n  owls\\n    barn owl\\n  Barn_Owl\\n")):
        ...     print(f"line {f.line}: {f.severity}: {f.message} [{f.code}]")
        line 4: warn: 'Barn_Owl' is nearly 'barn owl' (line 3): they differ in case and spacing only [near-duplicate]
        line 2: info: 'owls' has one child only, 'barn owl' [single-child]
    """
    source = source if isinstance(source, Source) else Source(str(source))
    faults = _AllFaults(source)
    draft = Draft(names=())
    try:
        kind = readable(format) if format is not None else detect(source)
        draft = kind.read(source, faults, ReadOptions(is_a=is_a))
        _add_edge_faults(draft, source, faults)
        if not draft.names and not faults:
            faults.add(None, "the file holds no nodes", "empty")
    except FormatError as error:
        _add(error, faults)
    found = [_from_fault(source.name, *fault) for fault in dict.fromkeys(faults.found)]
    if draft.names:
        found += _unreported(_findings(draft, source, not found), found)
    return _sorted(found)


def validate_taxonomy(taxonomy: Taxonomy) -> list[Finding]:
    """All findings about a hierarchy that is in memory; they have no lines.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> [f.message for f in validate_taxonomy(from_edges([("birds", "owls"), ("owls", "barn owl")]))]
        ["a chain of 2 single children: 'birds' -> 'owls' -> 'barn owl'"]
    """
    numbers = np.full(taxonomy.n_nodes, NOT_A_CLASS, dtype=np.intp)
    numbers[taxonomy.class_nodes] = taxonomy.class_numbers
    nodes, inferred = inferred_classes(taxonomy, np.arange(taxonomy.n_nodes))
    plain = np.array_equal(np.sort(nodes), np.sort(taxonomy.class_nodes)) and np.array_equal(
        np.sort(inferred), np.sort(taxonomy.class_numbers)
    )
    draft = Draft(
        names=taxonomy.names,
        parent=taxonomy.parents.index,
        child=np.repeat(np.arange(taxonomy.n_nodes), taxonomy.parents.counts()),
        class_numbers=None if plain else numbers,
        ranks=taxonomy.ranks,
        labels=taxonomy.labels,
        synonyms=taxonomy.synonyms,
        lengths=taxonomy.lengths,
    )
    subject = Subject(draft, taxonomy.name or "hierarchy")
    found = [finding for check in CHECKS for finding in check(subject)]
    return _sorted([*found, *redundant_edges(subject, taxonomy)])


def _add_edge_faults(draft: Draft, source: Source, faults: Faults) -> None:
    """Self-loops and repeated edges, where the reader did not look for them."""
    codes = {code for _, _, code in faults.found}
    lines = {line for line, _, _ in faults.found if line is not None}
    own = _AllFaults(source)
    check_edges(draft, own)
    for line, message, code in own.found:
        if code not in codes and line not in lines:  # a name given twice may make an edge twice, too
            faults.add(line, message, code)


def _add(error: FormatError, faults: Faults) -> None:
    """What made a reader stop."""
    for (line, message), code in zip(error.faults, error.codes, strict=True):
        faults.add(line, message, code)


def _findings(draft: Draft, source: Source, readable_so_far: bool) -> Iterator[Finding]:
    """What the checks find; and whether a hierarchy can be made of it after all."""
    subject = Subject(draft, source.name)
    errors = not readable_so_far
    for check in CHECKS:
        for finding in check(subject):
            errors |= finding.severity == "error"
            yield finding
    if errors:
        return
    try:
        yield from redundant_edges(subject, finish(draft, source, Faults(source)))
    except TaxoError as error:
        message = error.faults[0][1] if isinstance(error, FormatError) else str(error)
        yield subject.finding("invalid", None, message)


def _unreported(findings: Iterator[Finding], known: list[Finding]) -> list[Finding]:
    """Those that the reader has not named at the same line already, and that do not follow from what it named."""
    places = {(f.line, f.code) for f in known}
    places |= {(f.line, code) for f in known if f.line is not None for code in _CONSEQUENCES}
    return [f for f in findings if (f.line, f.code) not in places]


def _from_fault(file: str, line: int | None, message: str, code: str) -> Finding:
    return Finding(file, line, "error", code, message, hint_of_fault(code))


def _sorted(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.line or 0))
