"""A scanner of Newick that does not recurse and knows its line.

The `newick` package on PyPI (1.11) was tried first: a chain of a thousand nodes ends in RecursionError, its time is
quadratic in the depth (33 s for a chain of 100,000 before it fails), it takes a file whose end is missing for a whole
one, and its errors name no line.
"""

import math
import re
from typing import ClassVar

from .branch_lengths import number as branch_length
from .source import Faults

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+)
      | (?P<sign>[(),;:])
      | '(?P<quoted>[^']*(?:''[^']*)*)'
      | (?P<comment>\[)
      | (?P<word>[^ \t\r\n()\[\]':;,]+(?:[ ]+[^ \t\r\n()\[\]':;,]+)*)""",
    re.VERBOSE,
)
_BRACKET = re.compile(r"[\[\]]")


class Scanner:
    """Collects the nodes of a text, in the order in which they begin: an inner one at its bracket.

    Args:
        faults: Takes what is wrong.

    Attributes:
        names: `(n,)`, "" where there is none.
        parents: `(n,)`, -1 for a root.
        lines: `(n,)` line of the name, or of the bracket where there is none.
        inner: `(n,)` whether a node has children.
        lengths: `(n,)` length of the branch above each node, NaN where there is none.
        comments: How many comments there were.
    """

    def __init__(self, faults: Faults) -> None:
        self.names: list[str] = []
        self.parents: list[int] = []
        self.lines: list[int] = []
        self.inner: list[bool] = []
        self.lengths: list[float] = []
        self.comments = 0
        self._faults = faults
        self._line = 1
        self._open: list[int] = []  # the inner nodes that have not ended
        self._node = -1  # the node that was read last and may still get a name and a length; -1: none yet
        self._named = False
        self._length = ""  # ":" where a length is due, "1" where it was there

    def scan(self, text: str) -> None:
        """Read the whole text."""
        at = last_line = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                what = "a quote that does not end" if text[at] == "'" else f"{text[at]!r} is not expected here"
                self._fault(f"{what}; names that hold ()[]':;, stand in single quotes")
                return
            kind, at = token.lastgroup, token.end()
            if kind == "blank":
                self._line += token[0].count("\n")
                continue
            last_line = self._line
            if kind == "sign":
                self._signs[token[0]](self)
            elif kind == "comment":
                end = self._comment_end(text, at)
                if end is None:
                    return
                at = end
            else:
                self._text(token["quoted"].replace("''", "'") if kind == "quoted" else token[0])
                self._line += token[0].count("\n")
        self._line = last_line
        self._finish()

    def _fault(self, message: str) -> None:
        self._faults.add(self._line, message, "syntax")

    def _comment_end(self, text: str, at: int) -> int | None:
        """The place behind a comment, which may hold others."""
        depth, begin = 1, at
        for bracket in _BRACKET.finditer(text, at):
            depth += 1 if bracket[0] == "[" else -1
            if not depth:
                self.comments += 1
                self._line += text.count("\n", begin, bracket.end())
                return bracket.end()
        self._fault("a comment that does not end; close it with ]")
        return None

    def _begin(self, name: str = "", *, inner: bool = False) -> None:
        self._node = len(self.names)
        self.names.append(name)
        self.parents.append(self._open[-1] if self._open else -1)
        self.lines.append(self._line)
        self.inner.append(inner)
        self.lengths.append(math.nan)
        self._named, self._length = bool(name), ""

    def _text(self, text: str) -> None:
        """A name, or a branch length."""
        if self._length == ":":
            length = math.nan if text.casefold() == "nan" else branch_length(text)  # programs write nan for none
            if length is None:
                self._fault(f"{text!r} is no branch length; a number stands behind a colon")
            else:
                self.lengths[self._node] = length
            self._length = "1"
        elif self._node < 0:
            self._begin(text)
        elif self._named or self._length:
            self._fault(f"a second name {text!r} for one node; is a comma missing?")
        else:
            self.names[self._node], self.lines[self._node], self._named = text, self._line, True

    def _opening(self) -> None:
        if self._node >= 0:
            self._fault("a bracket opens behind a node; is a comma missing?")
        self._begin(inner=True)
        self._open.append(self._node)
        self._node = -1

    def _comma(self) -> None:
        self._end_node()
        if not self._open:
            self._fault("a comma outside of all brackets; trees are separated by semicolons")
        self._node = -1

    def _closing(self) -> None:
        self._end_node()
        if not self._open:
            self._fault("a bracket closes that was never opened")
            return
        self._node, self._named, self._length = self._open.pop(), False, ""

    def _colon(self) -> None:
        if self._node < 0:
            self._begin()
        if self._length:
            self._fault("a second branch length for one node")
        self._length = ":"

    def _semicolon(self) -> None:
        if self._open:
            first = self.lines[self._open[0]]
            self._fault(f"the tree ends within {len(self._open)} open brackets, the first in line {first}")
            self._open = []
        self._end_node()
        self._node = -1

    def _end_node(self) -> None:
        """Behind a node stands a comma, a bracket or a semicolon; one that was not begun is a leaf without a name."""
        if self._node < 0:
            self._begin()
        if self._length == ":":
            self._fault("a colon without a branch length behind it")

    def _finish(self) -> None:
        if self._open:
            first = self.lines[self._open[0]]
            self._fault(
                f"the file ends within {len(self._open)} open brackets, the first in line {first}; is it cut off?"
            )
        elif self._node >= 0:
            self._fault("the last tree has no semicolon behind it; is the file cut off?")

    _signs: ClassVar = {"(": _opening, ")": _closing, ",": _comma, ":": _colon, ";": _semicolon}
