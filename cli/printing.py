"""How values are printed: JSON with stable keys, or columns that line up."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def print_json(value: Any) -> None:
    """One JSON document, text as it is and not as escapes."""
    print(as_json(value))


def as_json(value: Any) -> str:
    """What `print_json` prints."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def print_json_line(value: Any) -> None:
    """One JSON document on one line."""
    print(json.dumps(value, ensure_ascii=False))


def print_fields(fields: Mapping[str, object]) -> None:
    """One `key  value` line per entry."""
    width = max(map(len, fields))
    for key, value in fields.items():
        print(f"{key:<{width}}  {value}")


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns that line up: numbers to the right, text to the left."""
    cells = [list(row) for row in rows]
    texts = [list(header), *([str(c) for c in row] for row in cells)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(header))]
    right = [all(isinstance(row[i], int | float) for row in cells) and bool(cells) for i in range(len(header))]
    for row in texts:
        line = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True))
        print("  ".join(line).rstrip())
