"""The rows of a table of ranks, collected into nodes: the same path is the same node."""

import numpy as np

from ..build import NO_NUMBER
from ..wording import few
from .draft import Draft
from .numbering import class_number
from .quoting import unquote
from .ranktable_header import Columns
from .ranktable_names import unique_names
from .repeats import merged
from .source import Faults, Source, log
from .texts import wrong_with_name, wrong_with_text


class Rows:
    """Nodes and their attributes, row by row.

    A node is known by its path, so that two genera of the same name in two families are two nodes. Where a cell's
    text belongs to several nodes, each of them is called `Text (Parent)`, or with its whole path in brackets where
    that is not enough, and has the text as its label.

    Args:
        found: What the columns are.
    """

    def __init__(self, found: Columns) -> None:
        self._levels = found.levels
        self._attributes = found.attributes
        self._number: dict[tuple[int, int, str], int] = {}
        self._cells: list[str] = [""] * len(found.levels)  # of the last row
        self._nodes: list[int] = [-1] * len(found.levels)
        self._texts: list[str] = []
        self._parent: list[int] = []
        self._level: list[int] = []
        self._line: list[int] = []
        # Text and line of what a node was given, by kind.
        self._given: dict[str, dict[int, tuple[str, int]]] = {kind: {} for kind in ("label", "class_number", "id")}
        self._synonyms: dict[int, list[str]] = {}
        self._numbered: dict[str, int] = {}
        self._ended: set[int] = set()
        self.repeated = 0

    def add(self, line: int, cells: list[str], faults: Faults) -> None:
        """Take one row."""
        node, same = -1, True
        for k, (column, _) in enumerate(self._levels):
            cell = cells[column]
            # Rows that follow one another mostly share the beginning of their paths.
            if same and cell == self._cells[k]:
                node = self._nodes[k]
                continue
            same = False
            self._cells[k] = cell
            if text := unquote(cell):
                node = self._find(node, k, text, line, faults)
            self._nodes[k] = node
        values = [(kind, text) for column, kind in self._attributes if (text := unquote(cells[column]))]
        if node >= 0:
            self._note(node, values, line, faults)
        elif values:
            faults.add(line, "a row without a name; fill one of its cells", "no-name")

    def _find(self, parent: int, level: int, text: str, line: int, faults: Faults) -> int:
        key = (parent, level, text)
        node = self._number.setdefault(key, len(self._texts))
        if node == len(self._texts):
            if wrong := wrong_with_name(text):
                faults.add(line, f"the name {text!r} {wrong}", "name")
            self._texts.append(text)
            self._parent.append(parent)
            self._level.append(level)
            self._line.append(line)
        return node

    def _note(self, node: int, values: list[tuple[str, str]], line: int, faults: Faults) -> None:
        """Keep the attributes of the node that a row ends with."""
        again = node in self._ended
        self._ended.add(node)
        self.repeated += again
        synonyms = [text for kind, text in values if kind == "synonym"]
        if synonyms:
            known = self._synonyms.setdefault(node, [])
            known += [text for text in synonyms if text not in known] if again else synonyms
        for kind, text in values:
            if wrong := wrong_with_text(text):
                faults.add(line, f"the {kind} {text!r} {wrong}", "attribute")
            if kind == "synonym":
                continue
            earlier, where = self._given[kind].setdefault(node, (text, line))
            if earlier != text:
                message = f"{kind} {text!r} of {self._texts[node]!r}, whose {kind} is {earlier!r} in line {where}"
                faults.add(line, message, "attribute")
            elif kind == "class_number" and where == line:
                self._check_number(text, line, faults)

    def _check_number(self, text: str, line: int, faults: Faults) -> None:
        if class_number(text) is None:
            message = f"class number {text!r} is none; give a whole number from 0, or - for no class"
            faults.add(line, message, "class-number")
        elif text != "-" and self._numbered.setdefault(text, line) != line:
            message = f"class number {text} is given twice, first in line {self._numbered[text]}"
            faults.add(line, message, "class-number")

    def draft(self, source: Source, faults: Faults) -> Draft:
        """All nodes, in the order in which they first stand in the table."""
        names = self._names(source, faults)
        lines = np.array(self._line, dtype=np.intp)
        parent = np.array(self._parent, dtype=np.intp)
        child = np.flatnonzero(parent >= 0)
        numbers = np.full(len(names), NO_NUMBER)
        for node, (text, _) in self._given["class_number"].items():
            number = class_number(text)
            numbers[node] = NO_NUMBER if number is None else number
        labels = self._given["label"]
        draft = Draft(
            names=names,
            parent=parent[child],
            child=child,
            ranks=[self._levels[level][1] for level in self._level],
            labels=[labels[i][0] if i in labels else text for i, text in enumerate(self._texts)],
            synonyms=[self._synonyms.get(i, ()) for i in range(len(names))],
            class_numbers=numbers,
            node_lines=lines,
            edge_lines=lines[child],
        )
        return merged(draft)

    def _names(self, source: Source, faults: Faults) -> list[str]:
        """A unique name for every node; those that are not just the text of a cell are logged."""
        ids = self._given["id"]
        self._check_ids(faults)
        titles = [rank or f"level {k}" for k, (_, rank) in enumerate(self._levels)]
        level = [titles[k] for k in self._level]
        names, homonyms = unique_names(self._texts, self._parent, level, {i: text for i, (text, _) in ids.items()})
        if homonyms and not faults:
            several = {self._texts[i] for i in homonyms}
            shown = [names[i] for i in homonyms if self._texts[i] == self._texts[homonyms[0]]]
            log.warning(
                "%s: %d names stand in several places and are told apart by what they lie below, as %s",
                source.name,
                len(several),
                few(shown, 3),
            )
        return names

    def _check_ids(self, faults: Faults) -> None:
        first: dict[str, int] = {}
        for text, line in self._given["id"].values():
            if first.setdefault(text, line) != line:
                faults.add(line, f"id {text!r} is given to two nodes, first in line {first[text]}", "duplicate-name")
            elif wrong := wrong_with_name(text):
                faults.add(line, f"the id {text!r} {wrong}", "name")
