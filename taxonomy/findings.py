"""What `validate` may find in a hierarchy: a table of all codes, and the value for one finding."""

from dataclasses import dataclass

SEVERITIES = ("error", "warn", "info")
"""From worst to mildest."""


@dataclass(frozen=True)
class Finding:
    """One thing worth saying about a hierarchy.

    Attributes:
        file: The file's name as the user gave it, or what the hierarchy is called.
        line: Line in the file; None where it cannot be told.
        severity: "error": the file is no hierarchy as it stands; "warn": probably a mistake; "info": good to know.
        code: Which kind of finding it is, a key of `CODES`, or a code of a reader's own.
        message: What was found, with the names.
        hint: What to do about it.
    """

    file: str
    line: int | None
    severity: str
    code: str
    message: str
    hint: str


@dataclass(frozen=True)
class Code:
    """One kind of finding.

    Attributes:
        severity: One of `SEVERITIES`.
        meaning: What it means.
        hint: What to do about it.
    """

    severity: str
    meaning: str
    hint: str


_READERS: dict[str, Code] = {
    "syntax": Code(
        "error",
        "text, a line or an entry that the format does not allow, or that is not UTF-8",
        "correct it; docs/formats.md shows each format",
    ),
    "empty": Code("error", "there are no nodes in the file", "check that it is the right file and format (--from)"),
    "version": Code("error", "a text file of a version that is not known", "use a newer taxo, or write `# taxo 1`"),
    "indentation": Code(
        "error",
        "the depth of a line does not follow from the lines above",
        "indent every level by the same number of spaces",
    ),
    "attribute": Code(
        "error",
        "an attribute that is unknown, empty, or given twice",
        "after a tab stand rank=, class=, label=, length= or synonym=",
    ),
    "duplicate-name": Code(
        "error",
        "a name stands for two nodes",
        "make the names differ (the same in a label= does no harm), or remove one",
    ),
    "duplicate-edge": Code("error", "an edge is given twice", "remove one of the lines"),
    "self-loop": Code("error", "a node is its own parent", "remove the line"),
    "class-number": Code(
        "error", "a class number that is none, or that two nodes have", "give every class a number of its own, from 0"
    ),
    "no-name": Code("error", "a node without a name", "give it one"),
    "name": Code(
        "error", "a name that no file could hold, with a tab or a line break in it, say", "take these characters out"
    ),
    "unknown": Code("error", "an id that is not in WordNet", "check the id, and the version of WordNet it is from"),
    "unknown-node": Code("error", "an edge to a node that is not listed", "add the node, or correct its id"),
    "unknown-parent": Code("error", "a parent that is not in the file", "add it, or correct its id"),
    "unknown-name": Code("error", "a taxid without a scientific name", "check that names.dmp belongs to nodes.dmp"),
    "json": Code("error", "JSON that is not valid, or of another layout", "docs/formats.md shows the layouts"),
    "duplicate-key": Code("error", "a key stands twice in one JSON object", "keep one of the two"),
    "header": Code("error", "a table whose first row names no level", "name the columns, by ranks for instance"),
    "columns": Code(
        "error", "a row with more or fewer cells than the first", "give every row the same number of cells"
    ),
    "quotes": Code("error", "a table with a quote that is not closed", "double every quote within a cell"),
}
"""What the readers of the formats find: always an error, also where the same code is a warning below."""

_OWN: dict[str, Code] = {
    "cycle": Code("error", "nodes that are their own ancestors", "remove one of the edges of the cycle"),
    "class-missing": Code(
        "error",
        "a leaf without a class number, while other nodes have one",
        "give it a number, or mark it as no class (class=- in the text format)",
    ),
    "no-class": Code("error", "every leaf is marked as no class", "give at least one node a class number"),
    "invalid": Code("error", "another reason why this is no hierarchy", "correct what the message names"),
    "unreachable": Code(
        "warn", "no root lies above the node, only a cycle", "break the cycle; the node then has its place again"
    ),
    "several-roots": Code(
        "warn",
        "a root beside that of the largest tree; its nodes have nothing in common with the others",
        "give it a parent if the name of one is misspelt or missing; leave it if these are separate trees",
    ),
    "lone-node": Code(
        "warn",
        "a node with neither parents nor children, beside a tree",
        "often a misspelt name: correct it, or give it a parent",
    ),
    "several-parents": Code(
        "warn",
        "a node with more than one parent: the hierarchy is a DAG",
        "nothing, if it is meant; where a tree is needed, `taxo reduce` makes one",
    ),
    "redundant-edge": Code(
        "warn",
        "an edge from an ancestor that lies above another parent anyway",
        "remove the edge; as it stands it shortens paths and counts as a second parent",
    ),
    "near-duplicate": Code(
        "warn",
        "two names that differ in case, spacing, dashes, Unicode form or invisible characters only",
        "give both the same name if they are the same, else names that people can tell apart",
    ),
    "inner-class": Code(
        "warn",
        "a class that is an inner node",
        "nothing, if the data set has such a class; else number the leaves below it",
    ),
    "rank-order": Code(
        "warn", "a rank that is not below that of the nearest ranked ancestor", "correct the rank or the place"
    ),
    "name-space": Code(
        "warn",
        "white space at an end of a name or label, or another white space than the plain one",
        "write plain single spaces",
    ),
    "name-invisible": Code("warn", "a character in a name or label that shows nothing", "take it out"),
    "name-garbled": Code(
        "warn",
        "a name or label that was once decoded wrongly, such as `Ã©` for `é`",
        "repair it, and read the original file as UTF-8",
    ),
    "name-comment": Code(
        "warn",
        "a name that begins with `# `, as a comment does",
        "let the comment begin in the first column; a name that is meant stands in double quotes",
    ),
    "single-child": Code(
        "info",
        "a node with one child only, or a chain of them",
        "nothing, if the levels are meant; `taxo edit collapse` removes them, which changes heights and similarities",
    ),
    "class-gap": Code(
        "info", "class numbers that leave some out", "nothing, if the data set numbers so; else number without gaps"
    ),
    "repeated-label": Code(
        "info", "a label that several nodes have", "nothing, unless people must tell the nodes apart by it"
    ),
    "unknown-rank": Code("info", "a rank that is in no common list", "check the spelling"),
    "flat": Code(
        "info", "no node has a parent: no class has anything in common with another", "check the format (--from)"
    ),
}
"""What is wrong with the hierarchy as a whole."""

CODES = _READERS | _OWN
"""All kinds of findings, worst first."""

OWN = frozenset(_OWN)
"""Those that the checks find, not the readers."""


def severity_of(code: str) -> str:
    """Severity of a code."""
    return CODES[code].severity


def hint_of(code: str) -> str:
    """What to do about a finding of this code."""
    return CODES[code].hint


def hint_of_fault(code: str) -> str:
    """What to do about what a reader found; nothing where the message alone says it."""
    return CODES[code].hint if code in CODES and CODES[code].severity == "error" else ""


def at_least(findings: list[Finding], severity: str) -> list[Finding]:
    """The findings of a severity or a worse one."""
    return [f for f in findings if SEVERITIES.index(f.severity) <= SEVERITIES.index(severity)]
