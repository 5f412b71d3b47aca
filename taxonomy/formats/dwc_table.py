"""Tables of Darwin Core: a text by itself, or the core file of an archive as its `meta.xml` describes it."""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..errors import FormatError
from .archive import is_zip, zip_member, zip_members
from .source import Faults, Source, decode

Row = tuple[int, dict[str, str]]

_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r\\n": "\r\n", "\\r": "\r"}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table and how it is written.

    Attributes:
        text: All of it.
        columns: Place of each term, without what stands before it in its URI, in lower case.
        delimiter: Between fields.
        quote: Around fields, "" for none.
        skipped: Lines of heading.
        file: Its name in an archive, "" otherwise.
    """

    text: str
    columns: dict[str, int]
    delimiter: str
    quote: str
    skipped: int
    file: str = ""

    def rows(self, faults: Faults) -> Iterator[Row]:
        """Line and values by column of each row that is not empty.

        Faults: too few or too many fields, a field that does not end.
        """
        reader = _reader(self.text, self.delimiter, self.quote)
        size = max(self.columns.values(), default=0) + 1
        line = 1
        try:
            for place, fields in enumerate(reader):
                if place >= self.skipped and any(fields):
                    if len(fields) < size:
                        self.fault(faults, line, f"{len(fields)} fields where {size} are expected")
                    else:
                        yield line, {term: fields[at].strip() for term, at in self.columns.items()}
                line = reader.line_num + 1
        except csv.Error as error:
            self.fault(faults, line, f"no row of a table: {error}")

    def fault(self, faults: Faults, line: int, message: str, code: str = "syntax") -> None:
        """Note a fault; the file is named where it is one of an archive."""
        faults.add(line, f"{self.file}: {message}" if self.file else message, code)


@dataclass(frozen=True)
class Tables:
    """The taxa, and the vernacular names where an archive has these by themselves."""

    taxa: Table
    vernacular: Table | None = None


def load(source: Source) -> Tables:
    """The tables of a file.

    Raises:
        FormatError: A damaged archive, one without a table of taxa, a heading without names of columns.
        TaxoError: The file cannot be read.
    """
    raw = source.raw()
    if not is_zip(raw):
        return Tables(_headed(source, source.text, ""))
    names = zip_members(source, raw)
    if meta := next((name for name in names if PurePosixPath(name).name == "meta.xml"), None):
        return _described(source, raw, meta)
    found = [name for name in names if PurePosixPath(name).stem.lower() in ("taxon", "taxa")]
    if not found:
        raise _fault(source, None, "neither meta.xml nor a table called taxon in the archive; is it Darwin Core?")
    return Tables(_headed(source, _text(source, raw, found[0], "UTF-8"), found[0]))


def _headed(source: Source, text: str, file: str) -> Table:
    """A table whose first line names the columns."""
    first = text.partition("\n")[0]
    delimiter = "\t" if "\t" in first else ";" if ";" in first and "," not in first else ","
    # Tables with tabs are written without quotes: a quote in them is one of a name.
    quote = "" if delimiter == "\t" else '"'
    try:
        header: list[str] = next(_reader(text, delimiter, quote), [])
    except csv.Error as error:
        raise _fault(source, 1, f"no heading of a table: {error}") from None
    columns: dict[str, int] = {}
    for place, field in enumerate(header):
        columns.setdefault(_term(field), place)
    if not {"scientificname", "canonicalname"} & set(columns):
        raise _fault(source, 1, "no column 'scientificName' in the first line; is it a Darwin Core table?")
    return Table(text=text, columns=columns, delimiter=delimiter, quote=quote, skipped=1, file=file)


def _described(source: Source, raw: bytes, meta: str) -> Tables:
    root = _parse(source, decode(source.name, zip_member(source, raw, meta)))
    core = next((part for part in root if _local(part) == "core"), None)
    row_type = _term(core.get("rowType", "")) if core is not None else ""
    if core is None or row_type != "taxon":
        raise _fault(source, None, f"the core of the archive is {row_type or 'missing'}, not taxon")
    folder = PurePosixPath(meta).parent
    extension = (part for part in root if _local(part) == "extension" and _term(part.get("rowType", "")) == _VERNACULAR)
    names = next(extension, None)
    taxa = _table(source, raw, core, folder)
    return Tables(taxa, None if names is None else _table(source, raw, names, folder))


_VERNACULAR = "vernacularname"


def _parse(source: Source, text: str) -> ET.Element:
    # Entities come from a DOCTYPE only: without one a few lines cannot unfold to gigabytes.
    if "<!doctype" in text.lower():
        raise _fault(source, None, "meta.xml has a DOCTYPE, which is refused; take it out")
    try:
        return ET.fromstring(text)
    except (ET.ParseError, ValueError) as error:
        raise _fault(source, None, f"meta.xml is no valid XML: {error}") from None


def _table(source: Source, raw: bytes, part: ET.Element, folder: PurePosixPath) -> Table:
    """A table as an element of `meta.xml` describes it."""
    location = next((e.text.strip() for e in part.iter() if _local(e) == "location" and e.text), "")
    file = str(folder / location)
    if not location or file not in zip_members(source, raw):
        raise _fault(source, None, f"meta.xml names the file {location!r}, which is not in the archive")
    columns: dict[str, int] = {}
    for field in part:
        index = field.get("index", "")
        if _local(field) in ("id", "coreid", "field") and index.isascii() and index.isdigit() and len(index) < 6:
            columns.setdefault("id" if _local(field) != "field" else _term(field.get("term", "")), int(index))
    delimiter = _plain(part.get("fieldsTerminatedBy", ","))
    quote = _plain(part.get("fieldsEnclosedBy", '"'))
    skipped = part.get("ignoreHeaderLines", "0")
    if len(delimiter) != 1 or len(quote) > 1 or delimiter in "\r\n" + quote or quote in ("\r", "\n", " "):
        raise _fault(source, None, f"meta.xml: fields of {file!r} end with {delimiter!r} and stand in {quote!r}")
    return Table(
        text=_text(source, raw, file, part.get("encoding") or "UTF-8"),
        columns=columns,
        delimiter=delimiter,
        quote=quote,
        skipped=int(skipped) if skipped.isascii() and skipped.isdigit() and len(skipped) < 6 else 0,
        file=file,
    )


def _text(source: Source, raw: bytes, file: str, encoding: str) -> str:
    data = zip_member(source, raw, file)
    if encoding.upper().replace("-", "") == "UTF8":
        return decode(f"{source.name}: {file}", data)
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError) as error:
        raise _fault(source, None, f"{file} is not in the encoding {encoding[:20]!r} of meta.xml: {error}") from None


def _reader(text: str, delimiter: str, quote: str) -> "csv._reader":  # type: ignore[name-defined]
    lines = io.StringIO(text, newline="")
    if not quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)


def _term(name: str) -> str:
    """The word of a term, in lower case: `taxonid` of `http://rs.tdwg.org/dwc/terms/taxonID` and of `dwc:taxonID`."""
    return name.strip().strip('"').replace(":", "/").replace("#", "/").rpartition("/")[2].lower()


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _plain(text: str) -> str:
    return _ESCAPES.get(text, text)


def _fault(source: Source, line: int | None, message: str) -> FormatError:
    return FormatError(source.name, [(line, message)])
