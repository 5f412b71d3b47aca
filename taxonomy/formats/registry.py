"""The file formats: a table of what each is called, how it is recognised, and what it holds.

The module behind a format is imported when it is first used, so that the program starts fast. It has a
function `read(source, faults, options) -> Draft`, or `write(taxonomy) -> lines`, or both.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from ..errors import TaxoError, unknown_choice
from ..taxonomy import Taxonomy
from .draft import Draft
from .options import ReadOptions
from .source import Faults, Source

Reader = Callable[[Source, Faults, ReadOptions], Draft]
Writer = Callable[[Taxonomy], Iterator[str]]

ALL = frozenset(
    {"levels", "several parents", "several roots", "ranks", "labels", "synonyms", "branch lengths", "classes"}
)
"""What a hierarchy may have that not every format holds; "classes": which nodes are classes, in which order and with
which numbers."""

TREES = ALL - {"several parents"}
GRAPHS = frozenset({"levels", "several parents", "several roots"})
_TABLES = TREES - {"branch lengths"}


@dataclass(frozen=True, kw_only=True)
class Format:
    """One file format.

    Attributes:
        name: What `--from` and `--to` call it.
        title: What it is, in a few words.
        module: Module beside this one; "pairs:_is_a" takes the functions `read_is_a` and `write_is_a` of it.
        suffixes: File names that end so are taken to be of this format, `.gz` aside.
        reads: Whether there is a reader.
        holds: What of `ALL` its files hold; None where there is no writer.
        limited: Whether its files cannot hold all of that for every hierarchy: the module then has a function
            `limits(taxonomy)`, what it cannot hold of this one mapped to words for messages.
        depth_first: Whether its files list nodes depth first, else level by level: this decides the order of
            the classes where a file holds no class numbers.
    """

    name: str
    title: str
    module: str
    suffixes: tuple[str, ...] = ()
    reads: bool = True
    holds: frozenset[str] | None = None
    limited: bool = False
    depth_first: bool = False

    @property
    def read(self) -> Reader:
        """The reader."""
        return self._function("read")  # type: ignore[no-any-return]

    @property
    def write(self) -> Writer:
        """The writer: lines without line breaks."""
        return self._function("write")  # type: ignore[no-any-return]

    def limits(self, taxonomy: Taxonomy) -> dict[str, str]:
        """What of `holds` a file could not hold of this hierarchy, and how messages say it."""
        return self._function("limits")(taxonomy) if self.limited else {}

    def _function(self, verb: str):  # type: ignore[no-untyped-def]
        module, _, variant = self.module.partition(":")
        return getattr(import_module(f"{__package__}.{module}"), verb + variant)


_FORMATS = (
    Format(name="text", title="indented text", module="outline", holds=TREES, depth_first=True),
    Format(name="pairs", title="lines `parent child`", module="pairs", holds=GRAPHS),
    Format(name="is-a", title="lines `child parent`", module="pairs:_is_a", holds=GRAPHS),
    Format(
        name="classes",
        title="lines `id name`, or names",
        module="classlist",
        holds=frozenset({"several roots", "classes"}),
    ),
    Format(name="wordnet-ids", title="lines of WordNet ids, or `id names`", module="wordnet_ids"),
    Format(name="directory", title="folders of folders", module="directory"),
    Format(
        name="json",
        title="JSON: objects with name and children; reads the other two as well",
        module="json_tree",
        suffixes=(".json",),
        holds=TREES,
        depth_first=True,
    ),
    Format(
        name="json-dict",
        title="JSON: objects in objects",
        module="json_dict",
        holds=frozenset({"levels", "several roots"}),
        depth_first=True,
    ),
    Format(name="json-links", title="JSON: nodes and links", module="json_links", holds=ALL),
    Format(
        name="csv",
        title="a column per rank, comma or semicolon between",
        module="ranktable",
        suffixes=(".csv",),
        holds=_TABLES,
        limited=True,
        depth_first=True,
    ),
    Format(
        name="tsv",
        title="a column per rank, tabs between",
        module="ranktable:_tsv",
        suffixes=(".tsv",),
        holds=_TABLES,
        limited=True,
        depth_first=True,
    ),
    Format(
        name="newick",
        title="brackets in brackets: (a,b)c;",
        module="newick",
        suffixes=(".nwk", ".newick", ".tree", ".tre"),
        holds=frozenset({"levels", "several roots", "branch lengths"}),
        depth_first=True,
    ),
    Format(
        name="dot", title="Graphviz", module="dot", suffixes=(".dot", ".gv"), reads=False, holds=GRAPHS | {"labels"}
    ),
    Format(
        name="mermaid",
        title="a Mermaid flowchart",
        module="mermaid",
        suffixes=(".mmd", ".mermaid"),
        reads=False,
        holds=GRAPHS | {"labels"},
    ),
    Format(name="coco", title="COCO annotations or their categories", module="coco"),
    Format(name="inaturalist", title="iNaturalist's categories.json", module="inaturalist"),
    Format(
        name="ncbi",
        title="NCBI's nodes.dmp and names.dmp, a folder or an archive with both",
        module="ncbi",
        suffixes=("nodes.dmp", "names.dmp", "taxdump.tar", "taxdmp.zip"),
    ),
    Format(name="obo", title="ontologies in OBO", module="obo", suffixes=(".obo",)),
    Format(name="dwc", title="Darwin Core tables of taxa, or an archive with one", module="dwc"),
    Format(
        name="skos",
        title="SKOS, RDFS and OWL in Turtle, N-Triples, RDF/XML or JSON-LD",
        module="skos",
        suffixes=(".ttl", ".skos", ".rdf", ".owl", ".nt", ".jsonld"),
    ),
    Format(name="pickle", title="a pickled nltk.Tree", module="pickles", suffixes=(".pkl", ".pickle")),
)

FORMATS = {format.name: format for format in _FORMATS}
READ_FORMATS = tuple(name for name, format in FORMATS.items() if format.reads)
WRITE_FORMATS = tuple(name for name, format in FORMATS.items() if format.holds is not None)


def readable(name: str) -> Format:
    """A format that is read.

    Raises:
        TaxoError: No such format, or one that is only written.
    """
    return _get(name, READ_FORMATS, "written, not read")


def writable(name: str) -> Format:
    """A format that is written.

    Raises:
        TaxoError: No such format, or one that is only read.
    """
    return _get(name, WRITE_FORMATS, "read, not written")


def _get(name: str, known: tuple[str, ...], otherwise: str) -> Format:
    if name in known:
        return FORMATS[name]
    if name in FORMATS:
        raise TaxoError(f"format {name!r} is {otherwise}; there are {', '.join(known)}")
    raise TaxoError(unknown_choice("format", name, known))


def by_suffix(path: str) -> Format | None:
    """The format that a file's name tells, or None."""
    name = path.lower().removesuffix(".gz")
    for format in _FORMATS:
        if name.endswith(format.suffixes):
            return format
    return None
