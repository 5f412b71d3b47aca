"""Arguments and options that several commands share."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taxo.taxonomy import Taxonomy

HierArgument = Annotated[
    str, typer.Argument(metavar="HIER", help="Built-in name, file, directory tree, or - for standard input.")
]
# For help texts. Written down, not asked of the table of formats: `taxo --help` would have to import numpy. A test
# compares the two.
READ_FORMATS = (
    "text, pairs, is-a, classes, wordnet-ids, directory, json, json-dict, json-links, csv, tsv, newick, coco, "
    "inaturalist, ncbi, obo, dwc, skos or pickle"
)
WRITE_FORMATS = "text, pairs, is-a, classes, json, json-dict, json-links, csv, tsv, newick, dot or mermaid"

FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="FORMAT", help=f"{READ_FORMATS}; by default found out from the content."),
]
IsAOption = Annotated[
    bool | None,
    typer.Option("--is-a/--no-is-a", help="Pairs read `child parent` (or not); by default inferred and said."),
]
NamesOption = Annotated[
    str | None,
    typer.Option("--names", metavar="FILE", help="Class list `id name`: labels for a hierarchy of ids."),
]
HeightsOption = Annotated[
    str,
    typer.Option(
        "--heights",
        metavar="KIND|FILE",
        help="What similarity goes by: levels (as published), ranks, information, branch-length, or a file of lines "
        "NODE, tab, height; docs/heights.md.",
    ),
]
PairsOption = Annotated[
    str | None,
    typer.Option(
        "--pairs",
        metavar="N|all",
        help="How many pairs of classes deviations are measured on; default: all where that takes seconds.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def hierarchy(text: str, from_: str | None, is_a: bool | None, names: str | None, *, tree: bool = False) -> "Taxonomy":
    """The hierarchy that the shared options describe."""
    from taxo.hierarchies import resolve

    return resolve(text, format=from_, is_a=is_a, tree=tree, labels=names)


def node_heights(text: str, taxonomy: "Taxonomy") -> "str | Mapping[str, float]":
    """What `--heights` says: the name of a kind, or the column in a file, whose names must be nodes."""
    from taxo.taxonomy.heights import HEIGHTS, read_heights

    if text in HEIGHTS or not (os.path.exists(text) or Path(text).suffix or os.sep in text):
        return text  # an unknown kind is refused with the known ones where it is used
    return read_heights(text, taxonomy)


def pair_count(text: str | None) -> int | str | None:
    """What `--pairs` says."""
    from taxo.taxonomy.errors import TaxoError

    if text is None or text == "all":
        return text
    if not (text.isdecimal() and text.isascii() and int(text)):
        raise TaxoError(f"--pairs {text}: give a whole number from 1, or all")
    return int(text)
