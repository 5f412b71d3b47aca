"""Texts made alike: case, spacing, accents and other forms of the same letters aside."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_GAP = re.compile(r" {2,}")
_EDGE = re.compile(r"^ +| +$", re.MULTILINE)
_ASCII: dict[int, str | None] = {c: None for c in (*range(32), 127) if c != ord("\n")}
_ASCII |= {ord(c): " " for c in "\t\r\v\f\x1c\x1d\x1e\x1f_-"}


def fold(text: str, *, accents: bool = True) -> str:
    """The text as it is compared.

    Unicode compatibility forms and case are evened out, white space, underscores and dashes become one space,
    invisible characters go.

    Args:
        text: Any text.
        accents: Whether accents stay.

    Example:
        >>> fold("Black_footed  ALBATROSS "), fold("Ménétriés", accents=False)
        ('black footed albatross', 'menetries')
    """
    return fold_lines(text.replace("\n", " "), accents=accents)


def fold_all(texts: Sequence[str], *, accents: bool = True) -> list[str]:
    """`fold` of every text, without a Python step for each."""
    return fold_lines(join(texts), accents=accents).split("\n") if texts else []


def join(texts: Sequence[str]) -> str:
    """The texts as lines; a line break in a text becomes a space."""
    joined = "\n".join(texts)
    if joined.count("\n") > len(texts) - 1:
        joined = "\n".join(text.replace("\n", " ") for text in texts)
    return joined


def fold_lines(lines: str, *, accents: bool = True) -> str:
    """`fold` of every line of a text; the number of lines stays."""
    if lines.isascii():
        folded = lines.lower()
    else:
        # Normalised once more: folding of case may leave characters that are no longer in normal form.
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", lines).casefold())
        folded = unicodedata.normalize("NFC" if accents else "NFD", folded)
    folded = folded.translate(_ASCII if folded.isascii() else _table(set(folded), accents))
    if not accents and not folded.isascii():
        folded = unicodedata.normalize("NFC", folded)
    if "  " in folded:
        folded = _GAP.sub(" ", folded)
    if folded[:1] == " " or folded[-1:] == " " or " \n" in folded or "\n " in folded:
        folded = _EDGE.sub("", folded)
    return folded


def _table(characters: Iterable[str], accents: bool) -> dict[int, str | None]:
    """What becomes of those characters that do not stay."""
    table: dict[int, str | None] = {}
    for c in characters:
        if c == "\n":
            continue
        if c == "_" or c.isspace() or unicodedata.category(c) == "Pd":
            table[ord(c)] = " "
        elif is_invisible(c) or (not accents and "\u0300" <= c <= "\u036f"):
            table[ord(c)] = None
    return table


def is_invisible(character: str) -> bool:
    """Whether a character shows nothing and takes no room: format and control characters, variation selectors."""
    return unicodedata.category(character) in ("Cf", "Cc") or "\ufe00" <= character <= "\ufe0f"
