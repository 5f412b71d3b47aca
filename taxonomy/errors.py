"""Errors of the whole package: each names what was wrong, the value, and what would be right."""

import difflib
from collections.abc import Iterable, Sequence

_LONGEST = 800
"""Characters of one fault that are shown."""


class TaxoError(ValueError):
    """A mistake in the input, never in the program: the command line prints its message and exits with 2."""


class FormatError(TaxoError):
    """Faults in one file, reported together.

    Attributes:
        source: The file's name as the user gave it.
        faults: One `(line number or None, message)` per fault, in the order of the file.
        codes: The kind of each fault, such as "duplicate-name".
    """

    _SHOWN = 20

    def __init__(
        self, source: str, faults: Sequence[tuple[int | None, str]], codes: Sequence[str] | None = None
    ) -> None:
        self.source = source
        self.faults = tuple(faults)
        self.codes = tuple(codes) if codes is not None else ("syntax",) * len(self.faults)
        lines = [f"{source}{'' if line is None else f':{line}'}: {_shortened(text)}" for line, text in self.faults]
        if len(lines) > self._SHOWN:
            lines[self._SHOWN :] = [f"{source}: and {len(lines) - self._SHOWN} more faults"]
        super().__init__("\n".join(lines))


def _shortened(text: str) -> str:
    """A message that would flood the terminal, because a name in it is long, without its middle."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 4 :]}"


class CycleError(TaxoError):
    """Nodes that are their own ancestors.

    Attributes:
        cycle: The names along one cycle, parent before child, the first repeated at the end.
    """

    def __init__(self, cycle: Sequence[str], where: str = "") -> None:
        self.cycle = tuple(cycle)
        # A cycle of thousands of nodes would flood the terminal.
        shown = self.cycle if len(self.cycle) <= 12 else (*self.cycle[:6], "...", *self.cycle[-5:])
        prefix = f"{where}: " if where else ""
        super().__init__(
            f"{prefix}a cycle of {len(self.cycle) - 1} nodes, parent -> child: {' -> '.join(shown)}; "
            "remove one of these edges"
        )


class NotATree(TaxoError):
    """A node has several parents where a tree is required."""


class UnknownNode(TaxoError):
    """A name that is not in the hierarchy; close names are shown."""

    def __init__(self, name: str, known: Iterable[str], what: str = "node") -> None:
        self.name = name
        self.near = near_matches(name, known)
        super().__init__(f"unknown {what} {name!r}{did_you_mean(self.near)}")


class UnknownHierarchy(TaxoError):
    """Neither a built-in hierarchy nor a file."""


class NotEmbeddable(TaxoError):
    """The similarities of this hierarchy are no dot products of unit vectors, or the method cannot give them."""


class LossyWrite(TaxoError):
    """The format cannot hold something that the hierarchy has."""


def near_matches(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Names most like `name`, case aside, best first."""
    by_fold: dict[str, str] = {}
    for candidate in known:
        by_fold.setdefault(candidate.casefold(), candidate)
    # difflib compares with every candidate: on a million names that would take minutes.
    if len(by_fold) > 50_000:
        start = name.casefold()[:3]
        by_fold = {fold: original for fold, original in by_fold.items() if fold.startswith(start)}
    return [by_fold[m] for m in difflib.get_close_matches(name.casefold(), by_fold, n=count, cutoff=0.6)]


def unknown_choice(what: str, name: str, known: Iterable[str]) -> str:
    """`"unknown method 'exakt'; did you mean 'exact'?; known are exact, onehot"`, for messages."""
    known = list(known)
    return f"unknown {what} {name!r}{did_you_mean(near_matches(name, known))}; known are {', '.join(known)}"


def did_you_mean(near: Sequence[str]) -> str:
    """`"; did you mean 'a' or 'b'?"`, or nothing where there is no near match."""
    return f"; did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
