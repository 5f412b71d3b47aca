"""Heights by rank: worked out on a drawn tree, and properties on random hierarchies with random ranks."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dags, trees

from taxo.embeddings import embed
from taxo.hierarchies import load
from taxo.taxonomy import NotEmbeddable, Taxonomy, class_similarity, from_edges
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source
from taxo.taxonomy.heights import node_heights
from taxo.taxonomy.ranks import ORDER, UNORDERED

PLACED = list({place: rank for rank, place in ORDER.items()}.values())
"""One rank for each place in the order, from the highest to the lowest."""


def by_name(t: Taxonomy) -> dict[str, float]:
    return dict(zip(t.names, node_heights(t, "ranks").tolist(), strict=True))


BIRDS = """# taxo 1
Aves	rank=class
  Neoaves	rank=clade
    Telluraves
      Piciformes	rank=Order
        z
          Picus	rank=genus
            viridis
            canus
      y
        Picidae	rank=family
  Rheidae	rank=family
    Rhea	rank=genus
  Galloanserae	rank=no rank
    Galliformes	rank=order
    x
      Galli	rank=family
"""
"""Ranks that occur are class, order, family and genus; there are runs of nodes without one."""


def test_by_hand() -> None:
    expected = {
        # Nodes of the lowest rank, genus, have something below them: it has height 1, and leaves without a rank 0.
        "Picus": 1, "Rhea": 1, "Rheidae": 2, "Picidae": 2, "Galli": 2, "Piciformes": 3, "Galliformes": 3, "Aves": 4,
        "viridis": 0, "canus": 0,
        # Neoaves, Telluraves, y are a run of three from 4 down to an order on one side, to a family on the other.
        "Neoaves": 3 + (4 - 3) * 3 / 4,
        "Telluraves": 3 + (3.75 - 3) * 2 / 3,
        "y": 2 + (3.5 - 2) / 2,
        "z": 1 + (3 - 1) / 2,
        # Galloanserae has an order below, x a family.
        "Galloanserae": 3 + (4 - 3) * 2 / 3,
        "x": 2 + (3 + 2 / 3 - 2) / 2,
    }  # fmt: skip
    birds = parse(Source("birds", BIRDS))
    assert by_name(birds) == pytest.approx(expected, abs=1e-15)


def test_the_lowest_rank_is_0_where_nothing_is_below() -> None:
    t = from_edges([("a", "b"), ("b", "c")], ranks={"a": "family", "b": "genus", "c": "species"})
    assert by_name(t) == {"a": 2, "b": 1, "c": 0}


def test_roots_without_a_rank_lie_above_all() -> None:
    ranks = {"genus 1": "genus", "s": "species", "genus 2": "genus"}
    t = from_edges(
        [("life", "x"), ("x", "genus 1"), ("genus 1", "s"), ("loose", "leaf")], nodes=["genus 2"], ranks=ranks
    )
    assert by_name(t) == {"life": 3, "x": 2, "genus 1": 1, "s": 0, "genus 2": 1, "loose": 1, "leaf": 0}


def test_equal_ranks_and_ways_of_writing_them() -> None:
    t = from_edges(
        [("a", "b"), ("a", "c"), ("b", "d"), ("c", "e")],
        ranks={"a": "SUPERKINGDOM", "b": "Species_group", "c": "complex", "d": "species", "e": "hybrid"},
    )
    assert by_name(t) == {"a": 2, "b": 1, "c": 1, "d": 0, "e": 0}


def test_in_a_dag_the_lowest_parent_counts() -> None:
    r"""Heights in brackets.

    order [3]    family [2]
         \        /      \
         clade [1]       genus [1]
             |
        species [0]
    """
    edges = [("order", "clade"), ("family", "clade"), ("clade", "species"), ("family", "genus")]
    ranks = {"order": "order", "family": "family", "genus": "genus", "species": "species"}
    t = from_edges(edges, ranks=ranks)
    assert by_name(t) == {"order": 3, "family": 2, "clade": 1, "genus": 1, "species": 0}


@pytest.mark.parametrize(
    ("ranks", "message"),
    [
        ({}, "heights 'ranks': 'zoo' has no ranks; give nodes ranks such as genus and family, or take other heights"),
        (
            {"owl": "clade", "bird": "no rank"},
            "heights 'ranks': 'zoo' has no rank with a place in the order (only clade, no rank); give nodes ranks such as "
            "genus and family, or take other heights",
        ),
        (
            {"bird": "species", "owl": "genus"},
            "heights 'ranks': 'owl' (genus) stands below 'bird' (species), a rank that is not higher; correct one of "
            "the two ranks or leave it out (taxo validate lists them all), or take other heights",
        ),
        (
            {"animal": "family", "barn": "Family"},
            "heights 'ranks': 'barn' (Family) stands below 'animal' (family), a rank that is not higher; correct one of "
            "the two ranks or leave it out (taxo validate lists them all), or take other heights",
        ),
        (
            {"animal": "genus", "bird": "family", "owl": "order"},
            "heights 'ranks': 'bird' (family) stands below 'animal' (genus), a rank that is not higher (the first of "
            "2 nodes with such ranks below them); correct one of the two ranks or leave it out (taxo validate lists them "
            "all), or take other heights",
        ),
    ],
)
def test_ranks_that_give_no_heights(zoo: Taxonomy, ranks: dict[str, str], message: str) -> None:
    t = replace(zoo, ranks=tuple(ranks.get(name, "") for name in zoo.names))
    with pytest.raises(NotEmbeddable, match=f"^{re.escape(message)}$"):
        node_heights(t, "ranks")


@st.composite
def ranked(draw: st.DrawFn, hierarchies: st.SearchStrategy[Taxonomy]) -> Taxonomy:
    """Ranks that descend along all edges, for some of the nodes."""
    t = draw(hierarchies)
    place = np.zeros(t.n_nodes, dtype=int)
    for v in range(t.n_nodes):  # parents first
        above = place[t.parents_of(v)].max(initial=-1)
        place[v] = above + draw(st.integers(1, 3))
    names = st.sampled_from(["", "clade", "no rank", *sorted(UNORDERED)[:3]])
    ranks = [draw(names) if draw(st.integers(0, 2)) == 0 else PLACED[min(p, len(PLACED) - 1)] for p in place]
    if place.max() >= len(PLACED) or not any(rank in ORDER for rank in ranks):
        ranks = ["genus" if v in t.leaves else "" for v in range(t.n_nodes)]
    return replace(t, ranks=tuple(ranks))


RANKED = ranked(trees(max_nodes=25)) | ranked(dags())


@given(RANKED)
def test_the_same_rank_is_everywhere_as_high(t: Taxonomy) -> None:
    heights = node_heights(t, "ranks")
    found = sorted({(ORDER[rank], h) for rank, h in zip(t.ranks, heights.tolist(), strict=True) if rank in ORDER})
    places = [place for place, _ in found]
    assert places == sorted(set(places)), "one height for each rank"
    steps = [h for _, h in found][::-1]
    assert steps == list(range(int(steps[0]), int(steps[0]) + len(steps))), "the next rank is 1 higher"
    assert steps[0] in (0, 1)


@given(RANKED)
def test_every_parent_is_higher_than_its_children(t: Taxonomy) -> None:
    heights = node_heights(t, "ranks")
    for v in range(t.n_nodes):
        assert all(heights[p] > heights[v] for p in t.parents_of(v))


@given(RANKED, st.data())
def test_oracle_node_by_node(t: Taxonomy, data: st.DataObject) -> None:
    """The definition as it is written down, one node after another."""
    heights = node_heights(t, "ranks")
    v = data.draw(st.integers(0, t.n_nodes - 1))
    if t.ranks[v] in ORDER or not t.children_of(v).size:
        return

    def low(u: int) -> float:
        return max((heights[c] if t.ranks[c] in ORDER else low(c) for c in t.children_of(u)), default=0)

    def up(u: int) -> int:
        if t.ranks[u] in ORDER or not t.children_of(u).size:
            return 0
        return 1 + max(up(c) for c in t.children_of(u))

    parents = [heights[p] for p in t.parents_of(v)]
    wanted = low(v) + (min(parents) - low(v)) * up(v) / (up(v) + 1) if parents else low(v) + up(v)
    assert heights[v] == pytest.approx(wanted)


def test_a_long_run_without_ranks() -> None:
    n = 5000
    chain = [(f"n{i}", f"n{i + 1}") for i in range(n)]
    t = from_edges(chain, ranks={"n0": "family", f"n{n}": "genus"})
    np.testing.assert_allclose(node_heights(t, "ranks"), np.arange(n, -1, -1) / n, atol=1e-9)


@pytest.mark.parametrize("name", ["cub-deep", "cub-flat", "cub-wikispecies", "nab"])
def test_built_in_hierarchies(name: str) -> None:
    t = load(name)
    e = embed(t, heights="ranks")
    np.testing.assert_allclose(
        e.vectors @ e.vectors.T, class_similarity(t, heights=node_heights(t, "ranks")), atol=1e-12
    )
