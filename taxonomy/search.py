"""Finds nodes by name, label or synonym: exactly, by the beginning, by a word, or nearly."""

import difflib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import Ints
from .errors import TaxoError, unknown_choice
from .folding import fold, fold_lines, join
from .taxonomy import Taxonomy

WAYS = ("exact", "folded", "prefix", "word", "substring", "fuzzy")
"""How a text may match, best first."""

KINDS = {
    "exact": ("exact", "folded"),
    "prefix": ("exact", "folded", "prefix", "word"),
    "fuzzy": ("exact", "folded", "fuzzy"),
    "all": WAYS,
}
"""What each kind of search takes as a match."""

FIELDS = ("name", "label", "synonym")

# Score of a match: the first number, and the second times how much of the text is matched (fuzzy: how alike).
_SCORES = {
    "exact": (1.0, 0.0),
    "folded": (0.95, 0.0),
    "prefix": (0.8, 0.1),
    "word": (0.7, 0.1),
    "substring": (0.6, 0.1),
    "fuzzy": (0.0, 0.6),
}
_ALIKE = 0.6  # below this likeness a near match is none; that of difflib.get_close_matches
_CANDIDATES = 200  # how many texts are compared letter by letter, of those that share most pairs of letters
_BREAK, _SPACE = 10, 32


@dataclass(frozen=True)
class Match:
    """One node found.

    Attributes:
        node: The node.
        name: Its name.
        text: What matched: the name, a label or a synonym.
        field: Which of these it is.
        how: One of `WAYS`.
        score: In (0, 1]; orders the matches, 1 for exact ones only.
    """

    node: int
    name: str
    text: str
    field: str
    how: str
    score: float


def find(taxonomy: Taxonomy, text: str, *, kind: str = "all", limit: int = 10) -> list[Match]:
    """Nodes whose name, label or synonym is like a text, best first.

    An exact match comes first; then one that differs in case, spacing, underscores, dashes or accents only; one that
    begins so; one in which a word begins so; one that holds the text; then near matches. Within these, what is
    matched to the larger part, then names before labels before synonyms, shorter texts, and the order of the nodes.
    Each node is listed once.

    Args:
        taxonomy: Where to look. `Index` answers many questions about the same hierarchy faster.
        text: What to look for.
        kind: "exact", "prefix", "fuzzy" or "all": which of these count, see `KINDS`.
        limit: How many nodes to give at most.

    Raises:
        TaxoError: Nothing to look for, an unknown kind, a limit below 1.

    Example:
        >>> from taxo.hierarchies import load
        >>> for match in find(load("cub-deep"), "albatros", limit=2):
        ...     print(match.name, "|", match.text, "|", match.field, match.how, round(match.score, 2))
        Diomedeidae | Albatrosses | label prefix 0.87
        Phoebetria fusca | Sooty Albatross | label word 0.75
    """
    return Index(taxonomy).find(text, kind=kind, limit=limit)


class Index:
    """All texts of a hierarchy, laid out so that array operations search them."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        labelled = [v for v, (n, x) in enumerate(zip(taxonomy.names, taxonomy.labels, strict=True)) if n != x]
        synonymous = [v for v, texts in enumerate(taxonomy.synonyms) for _ in texts]
        self._texts = [*taxonomy.names, *(taxonomy.labels[v] for v in labelled)]
        self._texts += [text for texts in taxonomy.synonyms for text in texts]
        self._node = np.array([*range(taxonomy.n_nodes), *labelled, *synonymous], dtype=np.intp)
        self._field = np.repeat(np.arange(3), [taxonomy.n_nodes, len(labelled), len(synonymous)])
        # A line for each text, with a break before the first and after the last: words begin and end everywhere.
        lines = f"\n{fold_lines(join(self._texts), accents=False)}\n".encode("utf-8", "surrogatepass")
        self._bytes = np.frombuffer(lines, dtype=np.uint8)
        breaks = np.flatnonzero(self._bytes == _BREAK)
        self._start, self._length = breaks[:-1] + 1, np.diff(breaks) - 1

    def find(self, text: str, *, kind: str = "all", limit: int = 10) -> list[Match]:
        """As the function `find`."""
        if kind not in KINDS:
            raise TaxoError(unknown_choice("kind of search", kind, KINDS))
        if limit < 1:
            raise TaxoError(f"a limit of {limit} leaves nothing to show; it is 1 at least")
        wanted = fold(text, accents=False)
        if not wanted:
            raise TaxoError(f"there is nothing to look for in {text!r}; give at least one letter or digit")
        way = np.full(len(self._texts), len(WAYS), dtype=np.intp)
        score = np.zeros(len(self._texts))
        self._hold(text, wanted.encode("utf-8", "surrogatepass"), KINDS[kind], way, score)
        hits = np.flatnonzero(way < len(WAYS))
        # Near matches come last: they are worth the effort only where there is still room.
        if "fuzzy" in KINDS[kind] and len(np.unique(self._node[hits])) < limit:
            self._resemble(wanted, way, score)
            hits = np.flatnonzero(way < len(WAYS))
        return self._best(hits, way, score, limit)

    def _hold(self, text: str, wanted: bytes, ways: tuple[str, ...], way: Ints, score: NDArray[np.float64]) -> None:
        """Note the texts that hold what is wanted."""
        at = _positions(self._bytes, wanted)
        row = np.searchsorted(self._start, at, side="right") - 1
        first = at == self._start[row]
        whole = first & (self._length[row] == len(wanted))
        word = ~_is_letter(self._bytes[at - 1])
        found = np.select([whole, first, word], [1, 2, 3], 4)
        starts = np.flatnonzero(np.diff(row, prepend=-1))  # the best hit within each text
        if starts.size:
            way[row[starts]] = np.minimum.reduceat(found, starts)
        for i in np.flatnonzero(way == 1).tolist():
            way[i] = 0 if self._texts[i] == text else 1
        for number, (name, (base, share)) in enumerate(_SCORES.items()):
            rows = np.flatnonzero(way == number)
            score[rows] = base + share * len(wanted) / np.maximum(self._length[rows], 1)
            if name not in ways:
                way[rows] = len(WAYS)

    def _resemble(self, wanted: str, way: Ints, score: NDArray[np.float64]) -> None:
        """Note the texts that are nearly what is wanted."""
        base, share = _SCORES["fuzzy"]
        matcher = difflib.SequenceMatcher(autojunk=False)
        for row in self._candidates(wanted):
            if way[row] < len(WAYS):
                continue
            start = self._start[row]
            other = self._bytes[start : start + self._length[row]].tobytes().decode("utf-8", "surrogatepass")
            alike = likeness(wanted, other, matcher)
            if alike >= _ALIKE:
                way[row], score[row] = WAYS.index("fuzzy"), base + share * alike

    def _candidates(self, wanted: str) -> list[int]:
        """Texts that share most pairs of neighbouring letters with what is wanted."""
        if not self._texts:
            return []
        query = np.frombuffer(f" {wanted} ".encode("utf-8", "surrogatepass"), dtype=np.uint8)
        code = query[:-1].astype(np.uint16) << 8 | query[1:]
        is_wanted = np.zeros(1 << 16, dtype=bool)
        is_wanted[code] = True
        letters = np.where(self._bytes == _BREAK, np.uint8(_SPACE), self._bytes)
        hit = is_wanted[letters[:-1].astype(np.uint16) << 8 | letters[1:]]
        shared = np.minimum(np.add.reduceat(hit, self._start - 1, dtype=np.intp), len(code))
        # Once against the whole of both texts, once against what is wanted: one word of many may be meant.
        chosen: dict[int, None] = {}
        for rating in (2 * shared / (len(code) + self._length + 1), shared / len(code)):
            worth = np.flatnonzero(rating >= 0.3)
            best = worth[np.argsort(-rating[worth], kind="stable")][:_CANDIDATES]
            chosen.update(dict.fromkeys(best.tolist()))
        return list(chosen)

    def _best(self, hits: Ints, way: Ints, score: NDArray[np.float64], limit: int) -> list[Match]:
        """The best hit of each node, best first."""
        node, field = self._node[hits], self._field[hits]
        ranked = hits[np.lexsort((node, self._length[hits], field, -score[hits]))]
        matches: dict[int, Match] = {}
        for row in ranked.tolist():
            v = int(self._node[row])
            if v not in matches:
                how, name = WAYS[way[row]], self._taxonomy.names[v]
                matches[v] = Match(v, name, self._texts[row], FIELDS[self._field[row]], how, float(score[row]))
                if len(matches) == limit:
                    break
        return list(matches.values())


def likeness(a: str, b: str, matcher: "difflib.SequenceMatcher[str] | None" = None) -> float:
    """How alike two folded texts are, in [0, 1].

    The largest of: the ratio of matching letters (`difflib`); 0.95 times that of the words in alphabetical order; 0.9
    times that of a and the run of words in b, as many as a has, that is most like a.

    Example:
        >>> likeness("sea lion", "sea lino"), likeness("gull herring", "herring gull")
        (0.875, 0.95)
    """
    matcher = difflib.SequenceMatcher(autojunk=False) if matcher is None else matcher
    matcher.set_seq2(a)
    words, count = b.split(), a.count(" ") + 1
    runs = [" ".join(words[i : i + count]) for i in range(len(words) - count + 1)] if len(words) > count else []
    best = 0.0
    for weight, others in ((1.0, [b]), (0.9, runs)):
        for other in others:
            matcher.set_seq1(other)
            if weight * matcher.real_quick_ratio() > best and weight * matcher.quick_ratio() > best:
                best = max(best, weight * matcher.ratio())
    if count > 1 and best < 0.95:
        ordered = difflib.SequenceMatcher(None, " ".join(sorted(words)), " ".join(sorted(a.split())), autojunk=False)
        best = max(best, 0.95 * ordered.ratio())
    return best


def _positions(text: NDArray[np.uint8], wanted: bytes) -> Ints:
    """Where a run of bytes begins in a text, `(k,)`."""
    at = np.flatnonzero(text[: len(text) - len(wanted) + 1] == wanted[0])
    for i, byte in enumerate(wanted[1:], 1):
        at = at[text[at + i] == byte]
    return at


def _is_letter(byte: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether a byte is part of a letter or digit; bytes beyond ASCII are."""
    lower = byte | 0x20
    return (byte >= 0x80) | ((byte >= 0x30) & (byte <= 0x39)) | ((lower >= 0x61) & (lower <= 0x7A))
