"""A file's text together with the hierarchy in it: so that an edited text differs only where the hierarchy does."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..class_numbers import inferred_classes
from ..errors import TaxoError
from ..files import format_lines
from ..formats.detect import detect
from ..formats.draft import Draft, finish
from ..formats.losses import lost, reading_order
from ..formats.numbering import all_unnumbered
from ..formats.options import ReadOptions
from ..formats.outline import dialect
from ..formats.registry import FORMATS, Format, readable
from ..formats.source import Faults, Source, log
from ..taxonomy import Taxonomy
from .pair_lines import is_child_parent, pair_lines
from .text_lines import line_break, text_lines


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a file says, and how.

    Attributes:
        source: Its text.
        format: Its format; of pairs, the one with the direction that they were read in.
        draft: What the reader made of it.
        taxonomy: The hierarchy.
        as_named: The format that was asked for, None where it was found out.
        is_a: The direction of pairs that was asked for.
    """

    source: Source
    format: Format
    draft: Draft
    taxonomy: Taxonomy
    as_named: str | None
    is_a: bool | None


def read_document(source: Source, *, format: str | None = None, is_a: bool | None = None) -> Document:
    """Read a hierarchy as `taxo.taxonomy.read` does, and keep what an edit of its file needs; raises as that does."""
    kind = readable(format) if format is not None else detect(source)
    faults = Faults(source)
    draft = kind.read(source, faults, ReadOptions(is_a=is_a))
    taxonomy = finish(draft, source, faults)
    if kind.name == "pairs" and (is_child_parent(source, draft) if is_a is None else is_a):
        kind = FORMATS["is-a"]
    return Document(source=source, format=kind, draft=draft, taxonomy=taxonomy, as_named=format, is_a=is_a)


def fit_classes(taxonomy: Taxonomy, format: Format) -> Taxonomy:
    """The hierarchy with the classes in the order in which a reader of this format would find them.

    Only for formats without class numbers, and only where the classes are the leaves: the order of the file is
    then all that numbers them.

    Args:
        taxonomy: The edited hierarchy.
        format: What it is written in.
    """
    if "classes" in (format.holds or ()) or not np.array_equal(np.sort(taxonomy.class_nodes), taxonomy.leaves):
        return taxonomy
    return renumbered(taxonomy, format)


def tell_numbers(before: Taxonomy, written: Taxonomy, format: Format) -> None:
    """Say which classes have another number in a file than they had, where the format holds none."""
    if "classes" in (format.holds or ()):
        return
    old = dict(zip(before.classes, before.class_numbers.tolist(), strict=True))
    new = zip(written.classes, written.class_numbers.tolist(), strict=True)
    moved = [f"{v!r}, {old[v]} before and {number} now" for v, number in new if old.get(v, number) != number]
    if moved:
        count = "1 class has" if len(moved) == 1 else f"{len(moved)} classes have"
        log.warning("%s holds no class numbers: %s another number, such as %s", format.name, count, moved[0])


def render(document: Document, after: Taxonomy, renamed: Mapping[str, str], *, lossy: bool = False) -> str:
    """The text of the file for the edited hierarchy, in the file's own format.

    What is returned has been read back and gave the edited hierarchy. In text files and pairs, comments and
    lines that the edit does not concern stay as they are; other formats are written anew, and it is said where that
    changes more than the edit. Where a format holds no class numbers, classes may have others then, which is said.

    Args:
        document: The file as it is.
        after: The edited hierarchy.
        renamed: New names of nodes that are called otherwise, by their old names.
        lossy: Whether to leave out what the format cannot hold.

    Raises:
        LossyWrite: The format cannot hold something, and `lossy` is not set.
    """
    fitted = fit_classes(after, document.format)
    text = _joined(document, format_lines(fitted, document.format.name, lossy=lossy))
    if lost(fitted, document.format):  # and may be, with `lossy`
        after = fitted = _read_again(document, text, document.format.name == "is-a")
    found: _Written | None = None
    kept = _kept_lines(document, fitted, renamed)
    for candidate in (text,) if kept is None else (_joined(document, kept), text):
        written = _read_back(document, candidate, fitted, anew=candidate is text)
        # Lines that keep the class numbers are worth more than comments.
        if written is not None and (found is None or written.taxonomy == after):
            found = written
        if found is not None and found.taxonomy == after:
            break
    if found is None:
        raise TaxoError(
            f"{document.source.name}: the edited hierarchy, written as {document.format.name}, would not be read back "
            "as it is; write another format with -o FILE or --to"
        )
    _tell(document, found)
    return found.text


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A text that was read back.

    Attributes:
        text: The text.
        taxonomy: What it is read as: the edited hierarchy, but for class numbers that the format does not hold.
        anew: Whether no lines of the old file were taken over.
        direction: Whether the direction of pairs must be told in future.
    """

    text: str
    taxonomy: Taxonomy
    anew: bool
    direction: bool


def _read_back(document: Document, text: str, expected: Taxonomy, *, anew: bool) -> _Written | None:
    """The text as it will be read, if that is as expected."""
    ways = [document.is_a]
    if document.is_a is None and document.format.name in ("pairs", "is-a"):
        ways.append(document.format.name == "is-a")
    for is_a in ways:
        try:
            read = _read_again(document, text, is_a)
        except TaxoError:
            continue
        if fit_classes(read, document.format) == expected:
            return _Written(text=text, taxonomy=read, anew=anew, direction=is_a != document.is_a)
    return None


def _read_again(document: Document, text: str, is_a: bool | None) -> Taxonomy:
    """What a text is read as in the way in which the old one was, without saying again what was said of that."""
    with _silence():
        return read_document(Source(document.source.name, text), format=document.as_named, is_a=is_a).taxonomy


def _kept_lines(document: Document, after: Taxonomy, renamed: Mapping[str, str]) -> Iterator[str] | None:
    """The lines with as many old ones as can be; None for formats that are written anew."""
    source, draft = document.source, document.draft
    if document.format.name == "text":
        if dialect(source) in ("dashes", "box"):
            log.warning("%s: written in taxo's own text format; comments stay", source.name)
        _tell_numbers(document, after)
        return text_lines(source, draft, document.taxonomy, after, renamed)
    if document.format.name in ("pairs", "is-a"):
        return pair_lines(source, draft, after, renamed, is_a=document.format.name == "is-a")
    return None


def _joined(document: Document, lines: Iterator[str]) -> str:
    end = line_break(document.source.text)
    return "".join(f"{line}{end}" for line in lines)


def _tell(document: Document, written: _Written) -> None:
    """Say what the file's readers should know."""
    tell_numbers(document.taxonomy, written.taxonomy, document.format)
    if written.direction:
        log.warning(
            "%s: from now on the direction of these pairs cannot be inferred rightly; read them with %s",
            document.source.name,
            "--is-a" if document.format.name == "is-a" else "--no-is-a",
        )
    if written.anew:
        _tell_rewriting(document)


def _tell_rewriting(document: Document) -> None:
    """Say what a file loses by being written anew."""
    name, kind = document.source.name, document.format.name
    if kind in ("pairs", "is-a"):
        comments = sum(line.startswith("#") for _, line in document.source.lines())
        if comments:
            log.warning("%s: the lines stand in another order now, without the comments (%d lines)", name, comments)
    elif kind != "text" and not lost(document.taxonomy, document.format):
        before = _joined(document, format_lines(document.taxonomy, kind))
        if before != document.source.text:
            log.warning(
                "%s: written anew as taxo writes %s; layout, and what a hierarchy does not hold, may differ", name, kind
            )


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Without remarks: those on a file that is read a second time would be said twice."""

    def nothing(record: logging.LogRecord) -> bool:
        return False

    log.addFilter(nothing)
    try:
        yield
    finally:
        log.removeFilter(nothing)


def renumbered(taxonomy: Taxonomy, format: Format) -> Taxonomy:
    """The hierarchy with its classes counted anew from 0: in the order of the file where they are the leaves."""
    if not np.array_equal(np.sort(taxonomy.class_nodes), taxonomy.leaves):
        return taxonomy.with_classes(taxonomy.classes)
    nodes, numbers = inferred_classes(taxonomy, reading_order(taxonomy, format))
    return replace(taxonomy, class_nodes=nodes, class_numbers=numbers)


def _tell_numbers(document: Document, after: Taxonomy) -> None:
    """Say where the lines of a text file must carry class numbers from now on."""
    given = document.draft.class_numbers
    plain = given is None or all_unnumbered(given.tolist())
    if plain and not _numbered_by_lines(after, document.format):
        log.warning(
            "%s: the classes keep their numbers, so the lines carry them from now on; --renumber counts anew instead",
            document.source.name,
        )


def _numbered_by_lines(taxonomy: Taxonomy, format: Format) -> bool:
    """Whether the classes are those that a reader finds in a file without class numbers."""
    nodes, numbers = inferred_classes(taxonomy, reading_order(taxonomy, format))
    return np.array_equal(nodes, taxonomy.class_nodes) and np.array_equal(numbers, taxonomy.class_numbers)
