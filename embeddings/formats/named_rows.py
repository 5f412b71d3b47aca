"""Lines of a text file that each hold a class and its vector."""

from taxo.taxonomy.formats.texts import wrong_with_name

from .numerals import Rows
from .reading import Faults


class NamedRows:
    """Collects them, and notes what is wrong with one.

    Args:
        numbers: Takes the numbers.
        faults: Takes what is wrong: a name that no class can have or that stood earlier, cells that are no numbers.
    """

    def __init__(self, numbers: Rows, faults: Faults) -> None:
        self._lines: dict[str, int] = {}
        self._numbers = numbers
        self._faults = faults

    @property
    def classes(self) -> list[str]:
        """The names, in the order of the file."""
        return list(self._lines)

    def add(self, line: int, cells: list[str]) -> None:
        """Take a line over.

        Args:
            line: Its number.
            cells: The name and the numbers.
        """
        name = cells[0]
        if wrong := wrong_with_name(name):
            self._faults.add(line, f"the name of the class {wrong}")
        elif name in self._lines:
            self._faults.add(line, f"class {name!r} is given twice, first in line {self._lines[name]}")
        self._lines.setdefault(name, line)
        if problem := self._numbers.add(cells[1:]):
            self._faults.add(line, problem)
