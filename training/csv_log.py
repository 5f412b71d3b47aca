"""The metrics of a run as a table for spreadsheets: one line per epoch, one column per number."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from taxo.taxonomy.errors import FormatError, TaxoError
from taxo.taxonomy.files import replacing

EPOCH = "epoch"
"""The first column."""


class CsvLog:
    """Writes one file, whole after every epoch; a number that an epoch does not have is an empty field.

    Args:
        path: The file.
        resume_step: Last epoch that counts of an older file; 0 for none. The lines behind it are dropped.

    Raises:
        FormatError: The older file is no such table.
        TaxoError: It cannot be read.
    """

    def __init__(self, path: Path, resume_step: int = 0) -> None:
        self.path = path
        self.rows = read_rows(path, resume_step) if resume_step and path.exists() else []

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Add an epoch.

        Args:
            values: The numbers by name.
            step: Number of the epoch.

        Raises:
            TaxoError: The file cannot be written.
        """
        self.rows.append({EPOCH: str(step), **{name: str(value) for name, value in values.items()}})
        columns = dict.fromkeys(name for row in self.rows for name in row)
        out = io.StringIO()
        writer = csv.DictWriter(out, list(columns), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        with replacing(self.path) as temporary:
            temporary.write_text(out.getvalue(), encoding="utf-8", newline="")

    def finish(self) -> None:
        """Nothing is left to do: the file is complete after every epoch."""


def read_rows(path: Path, last: int) -> list[dict[str, str]]:
    """The lines of a table up to an epoch, as they stand there.

    Args:
        path: The file.
        last: The last epoch that is wanted.

    Raises:
        FormatError: With every faulty line.
        TaxoError: The file cannot be read.
    """
    remedy = "mend it, or remove the file: a new one begins with the next epoch"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            columns = next(reader, [])
            lines = [(reader.line_num, fields) for fields in reader]
    except OSError as error:
        raise TaxoError(f"{path}: cannot be read: {error.strerror}; make it readable, or remove it") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TaxoError(f"{path}: is no table of metrics ({error}); {remedy}") from error
    if columns[:1] != [EPOCH] or len(set(columns)) < len(columns):
        raise FormatError(str(path), [(1, f"the first line must name the columns, {EPOCH!r} first; {remedy}")])
    rows, faults = [], []
    for number, fields in lines:
        if len(fields) != len(columns):
            faults.append((number, f"{len(fields)} fields under {len(columns)} columns; {remedy}"))
        elif not fields[0].isdecimal():
            faults.append((number, f"{fields[0]!r} is no number of an epoch; {remedy}"))
        elif int(fields[0]) <= last:
            rows.append({name: field for name, field in zip(columns, fields, strict=True) if field})
    if faults:
        raise FormatError(str(path), faults)
    return rows
