"""Darwin Core: tables of taxa, as GBIF, the Catalogue of Life and WoRMS offer them."""

from dataclasses import dataclass, field

import numpy as np

from ..errors import FormatError
from ..wording import few
from .distinct import distinct
from .draft import Draft, check_edges
from .dwc_table import Table, Tables, load
from .lineages import Lineages, Step
from .options import ReadOptions
from .source import Faults, Source, log
from .tidy import tidy

RANKS = (
    "kingdom",
    "phylum",
    "class",
    "order",
    "superfamily",
    "family",
    "subfamily",
    "tribe",
    "subtribe",
    "genus",
    "subgenus",
)
"""Columns that hold a taxon's ancestors, from the top down."""

_ENGLISH = frozenset(["", "en", "eng", "english"])


@dataclass(slots=True)
class _Taxon:
    line: int
    id: str
    name: str
    rank: str
    parent: str
    accepted: str
    is_synonym: bool
    above: list[Step]
    common: list[str]
    synonyms: list[str] = field(default_factory=list)


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read a Darwin Core table of taxa, tabs or commas between, or an archive (`.zip`) with one.

    Accepted taxa are nodes, called by their canonical or scientific name, with the id where several have it ("Morus
    <2874515>"). Parents are those of `parentNameUsageID`; where no row has one, of the columns `kingdom` to `subgenus`,
    and nodes of a repeated name are called by their path. Rows with another `acceptedNameUsageID` become synonyms of
    that taxon. Labels are the vernacular names: of the column, else the first English one of the archive's own table.

    Faults: a row with too few fields, without a name or an id, an id that stands twice, a parent or an accepted taxon
    that is not there, synonyms of each other.

    Raises:
        FormatError: No such table, a damaged archive.
    """
    tables = load(source)
    taxa = _taxa(tables.taxa, faults)
    _add_vernacular(tables, taxa, faults)
    by_parent = any(taxon.parent for taxon in taxa)
    if not by_parent and not any(taxon.above for taxon in taxa) and taxa and not faults:
        message = (
            "no row has a parentNameUsageID, nor a kingdom, class, order, family or genus: there is no hierarchy in it"
        )
        raise FormatError(source.name, [(None, message)])
    place = _places(tables.taxa, taxa, by_parent, faults)
    target = _targets(source, tables.taxa, taxa, place, faults)
    if by_parent:
        return _by_parents(source, tables.taxa, taxa, place, target, faults)
    return _by_ranks(tables.taxa, taxa, faults)


def _taxa(table: Table, faults: Faults) -> list[_Taxon]:
    found: list[_Taxon] = []
    names = [column for column in ("canonicalname", "scientificname") if column in table.columns]
    ranks = [rank for rank in RANKS if rank in table.columns]
    for line, row in table.rows(faults):
        name = next((text for column in names if (text := tidy(row[column]))), "")
        if not name:
            table.fault(faults, line, "a row without scientificName", "no-name")
            continue
        status = row.get("taxonomicstatus", "").lower()
        id = row.get("taxonid") or row.get("id", "")
        accepted = row.get("acceptednameusageid", "")
        found.append(
            _Taxon(
                line=line,
                id=id,
                name=name,
                rank=row.get("taxonrank", "").lower(),
                parent=row.get("parentnameusageid", ""),
                accepted=accepted if accepted != id else "",
                is_synonym=accepted not in ("", id) or "synonym" in status or "misapplied" in status,
                above=[(rank, text) for rank in ranks if (text := tidy(row[rank]))],
                common=[text] if (text := tidy(row.get("vernacularname", ""))) else [],
            )
        )
    return found


def _add_vernacular(tables: Tables, taxa: list[_Taxon], faults: Faults) -> None:
    """English names of an archive's own table, where a taxon has none yet."""
    table = tables.vernacular
    if table is None or not {"id", "vernacularname"} <= set(table.columns):
        return
    by_id = {taxon.id: taxon for taxon in taxa if not taxon.common}
    for _, row in table.rows(faults):
        taxon = by_id.get(row["id"])
        if taxon and row.get("language", "").lower() in _ENGLISH and (name := tidy(row["vernacularname"])):
            taxon.common.append(name)


def _places(table: Table, taxa: list[_Taxon], needed: bool, faults: Faults) -> dict[str, int]:
    """Where each id stands among the taxa."""
    place: dict[str, int] = {}
    for i, taxon in enumerate(taxa):
        if not taxon.id:
            if needed:
                table.fault(faults, taxon.line, f"{taxon.name!r} has no taxonID", "no-name")
        elif (first := place.setdefault(taxon.id, i)) != i:
            message = f"taxonID {taxon.id!r} is given twice, first in line {taxa[first].line}"
            table.fault(faults, taxon.line, message, "duplicate-name")
    return place


def _targets(source: Source, table: Table, taxa: list[_Taxon], place: dict[str, int], faults: Faults) -> list[int]:
    """The accepted taxon of each taxon, -1 for a synonym of none; synonyms' names are put there."""
    target = list(range(len(taxa)))
    for i, taxon in enumerate(taxa):
        if taxon.is_synonym:
            target[i] = place.get(taxon.accepted, -1)
            if taxon.accepted and target[i] < 0:
                message = f"acceptedNameUsageID {taxon.accepted!r} of {taxon.name!r} is no taxonID"
                table.fault(faults, taxon.line, message, "unknown-parent")
    for i, taxon in enumerate(taxa):
        path = {i: None}
        end = target[i]
        while end >= 0 and target[end] != end and end not in path:
            path[end] = None
            end = target[end]
        if end in path and target[end] != end:
            table.fault(faults, taxon.line, f"the accepted taxon of {taxon.name!r} is its own synonym", "cycle")
            end = -1
        for step in path:
            target[step] = end
        if end not in (i, -1):
            taxa[end].synonyms.append(taxon.name)
    lost = sum(end < 0 for end in target)
    if lost and not faults:
        log.warning("%s: %d synonyms without an accepted taxon are left out", source.name, lost)
    return target


def _by_parents(
    source: Source, table: Table, taxa: list[_Taxon], place: dict[str, int], target: list[int], faults: Faults
) -> Draft:
    nodes = [i for i, taxon in enumerate(taxa) if not taxon.is_synonym]
    number = {i: node for node, i in enumerate(nodes)}
    edges: list[tuple[int, int, int]] = []
    moved: list[str] = []
    for child, i in enumerate(nodes):
        taxon = taxa[i]
        if not taxon.parent:
            continue
        at = place.get(taxon.parent, -1)
        above = target[at] if at >= 0 else -1
        if above < 0:
            why = "is no taxonID" if at < 0 else "is a synonym without an accepted taxon"
            message = f"parentNameUsageID {taxon.parent!r} of {taxon.name!r} {why}"
            table.fault(faults, taxon.line, message, "unknown-parent")
            continue
        if above != at:
            moved.append(taxon.name)
        edges.append((number[above], child, taxon.line))
    if moved and not faults:
        log.warning(
            "%s: %d taxa below a synonym stand below its accepted taxon: %s", source.name, len(moved), few(moved)
        )
    parent, below, lines = np.array(edges, dtype=np.intp).reshape(-1, 3).T
    plain = [taxa[i].name for i in nodes]
    draft = Draft(
        names=distinct(plain, lambda node: f"{plain[node]} <{taxa[nodes[node]].id}>"),
        parent=parent,
        child=below,
        ranks=[taxa[i].rank for i in nodes],
        labels=[taxa[i].common[0] if taxa[i].common else taxa[i].name for i in nodes],
        synonyms=[_other_names(taxa[i]) for i in nodes],
        node_lines=np.array([taxa[i].line for i in nodes], dtype=np.intp),
        edge_lines=lines,
    )
    check_edges(draft, faults)
    return draft


def _by_ranks(table: Table, taxa: list[_Taxon], faults: Faults) -> Draft:
    forest = Lineages()
    lines: list[int] = []
    at: dict[int, _Taxon] = {}
    for taxon in taxa:
        if taxon.is_synonym:
            continue
        node = forest.add(_lineage(taxon))
        lines += [taxon.line] * (len(forest.names) - len(lines))
        if node in at:
            message = f"{forest.path(node)!r} is given twice, first in line {at[node].line}"
            table.fault(faults, taxon.line, message, "duplicate-name")
        at.setdefault(node, taxon)
    parent, child = forest.edges()
    return Draft(
        names=forest.distinct_names(),
        parent=parent,
        child=child,
        ranks=forest.ranks,
        labels=[at[i].common[0] if i in at and at[i].common else name for i, name in enumerate(forest.names)],
        synonyms=[_other_names(at[i]) if i in at else () for i in range(len(forest.names))],
        node_lines=np.array(lines, dtype=np.intp),
        edge_lines=np.array(lines, dtype=np.intp)[child],
    )


def _lineage(taxon: _Taxon) -> list[Step]:
    """A taxon's ancestors and itself. The column of its own rank says its name without authors."""
    if taxon.rank in RANKS:
        level = RANKS.index(taxon.rank)
        own = next((name for rank, name in taxon.above if rank == taxon.rank), taxon.name)
        return [*((rank, name) for rank, name in taxon.above if RANKS.index(rank) < level), (taxon.rank, own)]
    above = taxon.above
    return above if above and above[-1][1] == taxon.name else [*above, (taxon.rank, taxon.name)]


def _other_names(taxon: _Taxon) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*taxon.synonyms, *taxon.common[1:]]))
