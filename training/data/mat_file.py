"""The lists of a data set in a MATLAB file."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from taxo.taxonomy.errors import FormatError, TaxoError
from taxo.taxonomy.wording import few

from .mat_format import MAX_BYTES, BrokenMat, Value, variables


@dataclass(frozen=True)
class MatFile:
    """Some variables of a file.

    Attributes:
        path: The file.
        variables: Their values.
    """

    path: Path
    variables: dict[str, Value]

    def numbers(self, name: str) -> list[int]:
        """A variable that is a row or column of whole numbers.

        Raises:
            FormatError: It is anything else.
        """
        found = _whole_numbers(self.variables[name])
        if found is None:
            raise self.fault(f"variable {name!r} is no row of whole numbers; download the file again")
        return found

    def texts(self, name: str) -> list[str]:
        """A variable that is a cell array of texts.

        Raises:
            FormatError: It is anything else.
        """
        value = self.variables[name]
        texts = [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
        if not isinstance(value, list) or len(texts) < len(value):
            raise self.fault(f"variable {name!r} is no list of texts; download the file again")
        return texts

    def field_numbers(self, name: str, field: str) -> list[int]:
        """A field of a struct array that is one whole number in every record.

        Raises:
            FormatError: It is anything else; the message names the first such record.
        """
        rows = [_whole_numbers(value) or [] for value in self._field(name, field)]
        wrong = [record for record, row in enumerate(rows, start=1) if len(row) != 1]
        if wrong:
            raise self.fault(
                f"field {field!r} of {name!r} is no whole number in {len(wrong)} records (first: {wrong[0]}); "
                "download the file again"
            )
        return [row[0] for row in rows]

    def field_texts(self, name: str, field: str) -> list[str]:
        """A field of a struct array that is a text in every record.

        Raises:
            FormatError: It is anything else; the message names the first such record.
        """
        values = self._field(name, field)
        wrong = [record for record, value in enumerate(values, start=1) if not isinstance(value, str)]
        if wrong:
            raise self.fault(
                f"field {field!r} of {name!r} is no text in {len(wrong)} records (first: {wrong[0]}); "
                "download the file again"
            )
        return [value for value in values if isinstance(value, str)]

    def fault(self, text: str) -> FormatError:
        """The error that says what is wrong with the file."""
        return FormatError(str(self.path), [(None, text)])

    def _field(self, name: str, field: str) -> list[Value]:
        records = self.variables[name]
        if not isinstance(records, dict):
            raise self.fault(f"variable {name!r} is no struct array; download the file again")
        if field not in records:
            raise self.fault(f"variable {name!r} has no field {field!r}; download the official file again")
        return records[field]


def read_mat(path: Path, *names: str, fields: Collection[str] = ()) -> MatFile:
    """Read variables of a MATLAB 5 file.

    Args:
        path: The file.
        names: The variables that are needed.
        fields: The fields that are needed of those that are struct arrays.

    Raises:
        FormatError: The file is damaged, of another kind, or lacks one of them.
        TaxoError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TaxoError(f"{path}: cannot be read: {error.strerror}; download the file again") from None
    try:
        if len(data) > MAX_BYTES:
            raise BrokenMat(f"it has more than {MAX_BYTES >> 20} MiB, far more than the official file")
        found, there = variables(data, names, fields)
    except BrokenMat as error:
        raise FormatError(str(path), [(None, f"unreadable MATLAB file: {error}; download it again")]) from None
    missing = [name for name in names if name not in found]
    if missing:
        text = f"no variable {missing[0]!r} in it, only {few(there) or 'none'}; download the official file again"
        raise FormatError(str(path), [(None, text)])
    return MatFile(path, found)


def _whole_numbers(value: Value) -> list[int] | None:
    """Whole numbers as such, whatever type the file has them in; None for anything else."""
    if not isinstance(value, tuple) or not all(float(number).is_integer() for number in value):
        return None
    return [int(number) for number in value]
