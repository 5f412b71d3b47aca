"""Checks of names and labels: near duplicates, white space, invisible and garbled characters, repeated labels."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from .findings import Finding
from .folding import fold_all, is_invisible, join
from .subject import Subject

# What is looked at more closely: white space at the ends or other than the plain one, and anything beyond plain
# letters; most files hold nothing of the kind.
_ODD = re.compile(r"^\s|\s$|[^\S ]|[^\x20-\x7e]")
_NEAR = 50  # how far up a label is looked for again: enough for any chain of ranks, and no deep chain takes long
_SPACE = re.compile(r"^\s|\s$|[^\S ]")


def near_duplicates(subject: Subject) -> Iterator[Finding]:
    """Names that differ in what people do not see or do not mind."""
    folded = fold_all(subject.draft.names)
    if len(set(folded)) == len(folded):
        return
    first: dict[str, int] = {}
    for node, text in enumerate(folded):
        earlier = first.setdefault(text, node)
        if earlier != node and text:
            one, other = subject.draft.names[earlier], subject.draft.names[node]
            if one == other:
                continue
            message = f"{other!r} is nearly {subject.at(earlier)}: they differ in {difference(one, other)} only"
            yield subject.finding("near-duplicate", subject.line(node), message)


def difference(one: str, other: str) -> str:
    """In what two texts differ that fold to the same.

    Example:
        >>> difference("Larus", "larus"), difference("sea lion", "sea_lion"), difference("e", "e\\u200b")
        ('case', 'spacing, underscores or dashes', 'invisible characters')
    """

    def visible(text: str) -> str:
        return "".join(c for c in text if not is_invisible(c))

    def normal(text: str) -> str:
        return unicodedata.normalize("NFKC", text)

    if visible(one) == visible(other):
        return "invisible characters"
    if normal(one) == normal(other):
        return "Unicode form"
    if normal(one).casefold() == normal(other).casefold():
        return "case"
    return "spacing, underscores or dashes" if _spaced(one) == _spaced(other) else "case and spacing"


def _spaced(text: str) -> str:
    return " ".join(re.split(r"[\s_\-\u2010-\u2015]+", text)).strip()


def odd_characters(subject: Subject) -> Iterator[Finding]:
    """Names and labels with white space where it is not seen, invisible characters, or wrongly decoded ones."""
    names, labels = subject.draft.names, subject.draft.labels
    for what, texts in (("name", names), ("label", labels or ())):
        lines = f"\n{join(texts)}\n"  # other white space than the plain one is looked for in the texts as they are
        if "\n " not in lines and " \n" not in lines and not _ODD.search("".join(texts)):
            continue
        for node, text in enumerate(texts):
            if not _ODD.search(text) or (what == "label" and text == names[node]):
                continue
            for code, words in _oddities(text):
                yield subject.finding(code, subject.line(node), f"{what} {text!r} {words}")


def _oddities(text: str) -> Iterator[tuple[str, str]]:
    """Codes of what is odd about a text, and words for it."""
    if text != text.strip():
        yield "name-space", "begins or ends with white space"
    elif space := _SPACE.search(text):
        yield "name-space", f"holds the white space character U+{ord(space[0]):04X}"
    hidden = sorted({c for c in text if is_invisible(c) and not c.isspace()})
    if hidden:
        codes = ", ".join(f"U+{ord(c):04X}" for c in hidden)
        yield "name-invisible", f"holds {'characters' if hidden[1:] else 'a character'} that cannot be seen: {codes}"
    if (repaired := ungarbled(text)) is not None:
        yield "name-garbled", f"was decoded wrongly; it may have been {repaired!r}"
    elif "\ufffd" in text:
        yield "name-garbled", "holds U+FFFD, which stands for a letter that was lost"


def comments(subject: Subject) -> Iterator[Finding]:
    """Names that were probably meant as comments: one that is indented is read as a node."""
    for node, name in enumerate(subject.draft.names):
        if name.startswith("# "):
            yield subject.finding("name-comment", subject.line(node), f"{name!r} is read as a node, not as a comment")


def ungarbled(text: str) -> str | None:
    """What a text was before its UTF-8 bytes were read as single characters; None where it was not.

    Example:
        >>> ungarbled("KÃ¶hler"), ungarbled("Köhler")
        ('Köhler', None)
    """
    if text.isascii():
        return None
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return None


def repeated_labels(subject: Subject) -> Iterator[Finding]:
    """Labels that several nodes have, unless these stand one below the other, as an order with one family does."""
    labels = subject.draft.labels
    if labels is None or len(set(labels)) == len(labels):
        return
    nodes: dict[str, list[int]] = {}
    for node, label in enumerate(labels):
        nodes.setdefault(label, []).append(node)
    for label, having in nodes.items():
        if len(having) < 2:
            continue
        found = [v for v in having if not _below_its_like(subject, labels, v)]
        if len(found) > 1:
            message = f"label {label!r} is that of {len(found)} nodes: {subject.names(found)}"
            yield subject.finding("repeated-label", subject.line(found[1]), message)


def _below_its_like(subject: Subject, labels: Sequence[str], node: int) -> bool:
    """Whether a near ancestor, by way of first parents, has the same label."""
    above = node
    for _ in range(_NEAR):
        parents = subject.parents.of(above)
        if not parents.size:
            return False
        above = int(parents[0])
        if labels[above] == labels[node]:
            return True
    return False
