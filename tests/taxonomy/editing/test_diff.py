"""`diff`: what counts as renamed, moved, merged and split, and how it is said."""

import itertools
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.hierarchies import load
from taxo.taxonomy import Taxonomy, from_edges
from taxo.taxonomy.editing.changes import Added, Changed, Merged, Moved, Removed, Reordered, Split
from taxo.taxonomy.editing.class_sets import descendants, set_hashes
from taxo.taxonomy.editing.diff import diff
from taxo.taxonomy.editing.diff_text import diff_lines
from taxo.taxonomy.editing.ordering import longest_run

ANY = st.one_of(trees(max_nodes=12), trees(max_nodes=12, plain=True), dags(max_nodes=9), attributed(dags(max_nodes=8)))


def tree(edges: str, **attributes: object) -> Taxonomy:
    """`"bird: owl gull, owl: barn"`."""
    pairs = [(p, c) for p, _, cs in (part.strip().partition(":") for part in edges.split(",")) for c in cs.split()]
    return from_edges(pairs, **attributes)  # type: ignore[arg-type]


ZOO = "animal: cat bird, bird: owl gull duck, owl: barn snowy, gull: herring little, duck: teal"


def renamed(a: Taxonomy, b: Taxonomy) -> dict[str, tuple[str, str]]:
    return {entry.old: (entry.new, entry.because) for entry in diff(a, b).renamed}


@given(ANY, ANY)
def test_same_means_equal(a: Taxonomy, b: Taxonomy) -> None:
    assert diff(a, b).same == (a == b)
    assert diff(a, a).same
    assert diff(a, b) == diff(a, b)


@given(ANY, ANY)
def test_every_node_is_in_one_entry(a: Taxonomy, b: Taxonomy) -> None:
    d = diff(a, b)
    later = {entry.old: entry.new for entry in d.renamed}
    assert len(set(later.values())) == len(later)
    gone, new = {e.name for e in d.removed}, {e.name for e in d.added}
    assert gone | set(later) == set(a.names) - set(b.names)
    assert new | set(later.values()) == set(b.names) - set(a.names)
    assert not gone & set(later)
    assert not new & set(later.values())
    # A node is moved exactly if its parents differ, renamed parents being the same.
    parents = [
        {n: {t.names[p] for p in t.parents_of(v).tolist()} for v, n in enumerate(t.names)}
        for t in (replace(a, names=tuple(later.get(n, n) for n in a.names)), b)
    ]
    assert {e.name for e in d.moved} == {n for n in parents[0] if n in parents[1] and parents[0][n] != parents[1][n]}


def test_added_removed_moved() -> None:
    a = tree(ZOO, ranks={"duck": "family"}, synonyms={"teal": ["Anas crecca"]})
    b = tree("animal: cat bird, bird: owl gull kite, owl: barn, gull: herring little snowy, kite: red")
    d = diff(a, b)
    assert d.added == (
        Added(name="kite", parents=("bird",)),
        Added(name="red", parents=("kite",), number=5),
    )
    assert d.removed == (
        Removed(name="duck", parents=("bird",), rank="family"),
        Removed(name="teal", parents=("duck",), synonyms=("Anas crecca",), number=5),
    )
    assert d.moved == (Moved(name="snowy", old=("owl",), new=("gull",), before=None),)
    assert (d.renamed, d.merged, d.split, d.order) == ((), (), (), ())
    # red is told with snowy: it comes behind it, also where both are there already.
    assert (d.class_order, d.changed, d.shifted) == ((Reordered(name="snowy"), Reordered(name="red")), (), 2)


def test_renamed_inner_node_has_the_same_classes_below() -> None:
    b = tree(ZOO.replace("owl", "Strigidae").replace("teal", "teal pintail"))
    assert renamed(tree(ZOO), b) == {"owl": ("Strigidae", "classes")}
    # Classes that are new or gone do not count: duck has one more.
    assert [e.name for e in diff(tree(ZOO), b).added] == ["pintail"]
    assert not diff(tree(ZOO), b).moved


def test_chain_of_single_children() -> None:
    """All nodes of a chain have the same classes below: the common node that they stand above decides."""
    a = tree("top: order other, order: family, family: genus, genus: species")
    b = tree("top: family other, family: tribe, tribe: genus, genus: species")
    assert renamed(a, b) == {}
    b = tree("top: ordo other, ordo: family, family: tribe, tribe: genus, genus: species")
    assert renamed(a, b) == {"order": ("ordo", "classes")}
    # Equally many between two common nodes: in order, from the top.
    a, b = tree("top: a1 other, a1: a2, a2: leaf"), tree("top: b1 other, b1: b2, b2: leaf")
    assert renamed(a, b) == {"a1": ("b1", "classes"), "a2": ("b2", "classes")}


def test_ranks_decide_in_a_chain() -> None:
    a = tree("top: f other, f: s1 s2", ranks={"f": "family"})
    b = tree("top: p other, p: q, q: s1 s2", ranks={"p": "order", "q": "family"})
    assert renamed(a, b) == {"f": ("q", "classes")}
    b = tree("top: p other, p: q, q: s1 s2", ranks={"p": "order", "q": "tribe"})
    assert renamed(a, b) == {}
    # A single one may have got another rank.
    b = tree("top: p other, p: s1 s2", ranks={"p": "order"})
    assert renamed(a, b) == {"f": ("p", "classes")}
    assert [(e.attribute, e.old, e.new) for e in diff(a, b).changed] == [("rank", "family", "order")]


def test_near_names_and_depths_decide_last_in_a_chain() -> None:
    a = tree("top: x Laridae, Laridae: s1 s2")
    b = tree("top: x gulls, gulls: Larridae, Larridae: s1 s2")
    assert renamed(a, b) == {"Laridae": ("Larridae", "classes")}
    assert renamed(a, tree("top: x p, p: q, q: s1 s2")) == {"Laridae": ("p", "classes")}


def test_leaf_known_by_the_other_name() -> None:
    a = tree("bird: crecca barn")
    b = tree("bird: barn duck, duck: Teal", synonyms={"Teal": ["crecca"]})
    assert renamed(a, b) == {"crecca": ("Teal", "name")}
    assert renamed(tree("bird: Snowy_Owl x"), tree("bird: x, x: snowy-owl")) == {"Snowy_Owl": ("snowy-owl", "name")}
    # Two that may be meant: none is.
    b = tree("bird: barn Teal Duck", synonyms={"Teal": ["crecca"], "Duck": ["crecca"]})
    assert renamed(a, b) == {}


def test_class_numbers_tell_renamed_classes_where_they_mean_the_same() -> None:
    numbers = {"barn": 3, "snowy": 5, "teal": 9}
    a = tree("bird: owl duck, owl: barn snowy, duck: teal", class_numbers=numbers)
    b = tree("bird: owl duck, owl: barn, duck: teal nyctea", class_numbers={"barn": 3, "nyctea": 5, "teal": 9})
    assert renamed(a, b) == {"snowy": ("nyctea", "number")}
    assert [e.name for e in diff(a, b).moved] == ["nyctea"]
    # Two lists that happen to be numbered alike.
    b = tree("fruit: sour sweet, sour: lemon lime, sweet: plum", class_numbers={"lemon": 3, "lime": 5, "plum": 9})
    assert renamed(a, b) == {}


def test_leaf_at_the_same_place() -> None:
    a = tree("thing: seat bed, seat: chair couch, bed: cot bunk berth")
    b = tree("thing: lamp seat bed, seat: chair sofa, bed: cot bunk berth")
    assert renamed(a, b) == {"couch": ("sofa", "place")}
    # Elsewhere, or one of two, it is another thing.
    assert renamed(a, tree("thing: lamp seat bed, seat: chair, bed: sofa cot bunk berth")) == {}
    assert renamed(a, tree("thing: lamp seat bed, seat: chair sofa pouf, bed: cot bunk berth")) == {}
    b = tree("thing: seat bed, seat: chairs couch stool, bed: cot bunk berth")
    assert renamed(a, b) == {"chair": ("chairs", "place")}


def test_parents_that_are_renamed_are_the_same_place() -> None:
    a = tree("thing: bed seating, bed: cot, seating: stool", class_numbers={"cot": 0})
    b = tree("thing: bed seatings, bed: cot, seatings: stools", class_numbers={"cot": 0})
    assert renamed(a, b) == {"seating": ("seatings", "place"), "stool": ("stools", "place")}


def test_most_children_are_the_same() -> None:
    a, b = (
        tree(ZOO),
        tree(ZOO.replace("owl", "Strix").replace("cat bird", "bird").replace("barn snowy", "barn snowy cat")),
    )
    assert renamed(a, b) == {"owl": ("Strix", "children")}
    assert [e.name for e in diff(a, b).moved] == ["cat"]


def test_merged_and_split() -> None:
    """One is the other on the way back."""
    a = tree(ZOO)
    b = tree("animal: cat bird, bird: owl gull, owl: barn snowy teal, gull: herring little")
    assert diff(a, b).merged == (Merged(sources=("owl", "duck"), into="owl"),)
    assert diff(a, b).split == ()
    assert diff(b, a).split == (Split(source="owl", into=("owl", "duck")),)
    c = tree("animal: cat bird, bird: poultry duck, poultry: barn snowy herring little, duck: teal")
    assert diff(a, c).merged == (Merged(sources=("owl", "gull"), into="poultry"),)
    assert diff(c, a).split == (Split(source="poultry", into=("owl", "gull")),)
    assert not diff(a, c).renamed


def test_levels_are_neither_merged_nor_split() -> None:
    a = tree(ZOO)
    b = tree("animal: cat bird, bird: night gull duck, night: owl, owl: barn snowy, gull: herring little, duck: teal")
    c = tree("animal: cat bird, bird: barn snowy gull duck, gull: herring little, duck: teal")
    for one, other in ((a, b), (a, c)):
        for d in (diff(one, other), diff(other, one)):
            assert (d.merged, d.split, d.renamed) == ((), (), ())


def test_leaves_are_merged_by_synonyms() -> None:
    a = tree("gulls: herring american kittiwake")
    b = tree("gulls: herring kittiwake", synonyms={"herring": ["american"]})
    assert diff(a, b).merged == (Merged(sources=("herring", "american"), into="herring"),)
    assert diff(b, a).split == (Split(source="herring", into=("herring", "american")),)


def test_attributes() -> None:
    a = tree("bird: owl gull", ranks={"owl": "genus"}, labels={"gull": "Gull"})
    b = tree("bird: owl gull", labels={"owl": "Owl"}, synonyms={"gull": ["mew", "kittiwake"]})
    assert diff(a, b).changed == (
        Changed(name="owl", attribute="rank", old="genus", new=""),
        Changed(name="owl", attribute="label", old=None, new="Owl"),
        Changed(name="gull", attribute="label", old="Gull", new=None),
        Changed(name="gull", attribute="synonyms", old=(), new=("mew", "kittiwake")),
    )


def test_class_numbers_that_only_make_room() -> None:
    a, b = tree("bird: barn snowy teal mew"), tree("bird: hawk barn snowy teal mew")
    d = diff(a, b)
    assert (d.changed, d.shifted, d.numbered) == ((), 4, "leaves")
    assert d.added == (Added(name="hawk", parents=("bird",), number=0, before="barn"),)
    d = diff(a, a.with_classes(["snowy", "teal", "mew", "barn"]))
    assert (d.changed, d.class_order, d.shifted) == ((), (Reordered(name="barn"),), 3)
    d = diff(a, a.with_classes(["barn", "mew"], [7, 8]))
    assert d.numbered == "number"
    assert [(e.name, e.old, e.new) for e in d.changed] == [
        ("barn", 0, 7),
        ("snowy", 1, None),
        ("teal", 2, None),
        ("mew", 3, 8),
    ]


def test_class_order_that_numbers_do_not_tell() -> None:
    a = tree("bird: barn snowy teal")
    assert diff(a, a.with_classes(["barn", "teal"], [5, 2])).class_order == (Reordered(name="teal"),)
    assert diff(a, a.with_classes(["teal", "barn"], [2, 5])).class_order == ()
    assert diff(a, a.with_classes(["teal", "barn"], [5, 2])).class_order == (Reordered(name="teal", before="barn"),)


def test_as_few_nodes_as_possible_stand_elsewhere() -> None:
    numbers = dict(zip("abcde", range(5), strict=True))
    a, b = (tree(f"top: {' '.join(order)}", class_numbers=numbers) for order in ("abcde", "bcdae"))
    assert diff(a, b).order == (Reordered(name="a", before="e"),)
    assert diff(a, b).changed == ()


def test_row_of_new_siblings_names_the_one_behind_it() -> None:
    numbers = {name: i for i, name in enumerate("abxyz")}
    a = tree("top: a b", class_numbers={"a": 0, "b": 1})
    d = diff(a, tree("top: a x y b z", class_numbers=numbers))
    assert [(e.name, e.before) for e in d.added] == [("x", "b"), ("y", "b"), ("z", None)]


def test_dag_counts_every_class_once() -> None:
    """Before, two ways lead from `pets` to `cat`, then one does; it is the same set of classes."""
    a = tree("top: pets wild, pets: feline small, feline: cat lynx, small: cat dog, wild: wolf")
    b = tree("top: tame wild, tame: feline small, feline: cat lynx, small: dog, wild: wolf")
    assert renamed(a, b) == {"pets": ("tame", "classes")}
    assert [(e.name, e.old, e.new) for e in diff(a, b).moved] == [("cat", ("feline", "small"), ("feline",))]


@given(dags())
def test_hashes_of_class_sets(t: Taxonomy) -> None:
    value = np.random.default_rng(1).integers(1, 1 << 62, t.n_nodes).astype(np.uint64)
    wanted = np.arange(t.n_nodes)
    expected = [value[sorted(_below(t, v))].sum(dtype=np.uint64) for v in range(t.n_nodes)]
    assert set_hashes(t, value, wanted).tolist() == expected
    assert [set(descendants(t, v).tolist()) for v in range(t.n_nodes)] == [_below(t, v) for v in range(t.n_nodes)]
    ways = set_hashes(t, value, wanted, limit=-1)  # no walks: every way counts
    assert t.is_tree is False or ways.tolist() == expected


def _below(t: Taxonomy, node: int) -> set[int]:
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(range(t.n_nodes))
    graph.add_edges_from((int(p), v) for v in range(t.n_nodes) for p in t.parents_of(v))
    return {node, *nx.descendants(graph, node)}


@given(st.lists(st.integers(0, 50), max_size=8, unique=True))
def test_longest_run(values: Sequence[int]) -> None:
    run = longest_run(values)
    assert all(values[i] < values[j] and i < j for i, j in itertools.pairwise(run))
    increasing = (s for k in range(len(values) + 1) for s in itertools.combinations(values, k) if list(s) == sorted(s))
    assert len(run) == max(map(len, increasing))


def test_deep_and_wide_hierarchies() -> None:
    n = 20_000
    chain = from_edges([(f"c{i}", f"c{i + 1}") for i in range(n)])
    other = from_edges([*((f"d{i}", f"d{i + 1}") for i in range(n - 1)), (f"d{n - 1}", f"c{n}")])
    d = diff(chain, other)
    assert (len(d.renamed), d.moved, d.added, d.removed) == (n, (), (), ())
    assert d.renamed[n // 2].new == f"d{n // 2}"
    wide = from_edges([("top", f"a{i}") for i in range(n)])
    assert len(diff(wide, from_edges([("top", f"b{i}") for i in range(n)])).renamed) in (0, n)


def test_the_same_for_every_hash_seed() -> None:
    code = (
        "from taxo.hierarchies import load; from taxo.taxonomy.editing.diff import diff; import hashlib\n"
        "print(hashlib.sha256(repr(diff(load('cub-deep'), load('nab'))).encode()).hexdigest())"
    )
    seeds = ("1", "2")
    runs = [
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": s, "PYTHONPATH": ":".join(sys.path)},
                       capture_output=True, text=True, check=True).stdout
        for s in seeds
    ]  # fmt: skip
    assert runs[0] == runs[1]


def test_lines() -> None:
    a = tree(ZOO, ranks={"owl": "genus", "duck": "family"})
    b = tree(
        "animal: bird, bird: owls gull fish hawk, owls: barn, gull: herring teal snowy, hawk: kite, kite: red black"
    )
    assert list(diff_lines(diff(a, b))) == [
        "~ owl renamed to owls (same place, and alike)",
        "= duck merged into gull (1 node moved)",
        "> snowy moved: owl -> gull",
        "+ fish (below bird)",
        "+ hawk (below bird), with 3 new nodes below",
        "- cat (below animal)",
        "- duck (family, below bird)",
        "- little (below gull)",
        "* rank of owls: genus -> none",
        "* 2 classes have another number: others came, went or moved before",
        "5 added, 3 removed, 2 moved (1 by merging), 1 renamed, 1 merged, 1 attribute changed",
    ]
    assert list(diff_lines(diff(a, b), all=True))[4:8] == [
        "+ hawk (below bird)",
        "+ kite (below hawk)",
        "+ red (below kite)",
        "+ black (below kite)",
    ]
    assert list(diff_lines(diff(a, a))) == ["no difference"]


def test_lines_of_levels_merges_and_places() -> None:
    a = tree("animal: cat bird, bird: owl gull duck, owl: barn snowy, gull: herring little, duck: teal eider")
    b = tree(
        "animal: bird cat, bird: wet owl, owl: barn snowy, wet: swimming, swimming: gull, gull: herring little teal eider"
    )
    assert list(diff_lines(diff(a, b))) == [
        "= duck merged into gull (2 nodes moved)",
        "+ wet (below bird), put over swimming",
        "+ swimming (below wet), put over gull",
        "- duck (below bird)",
        "* bird stands elsewhere among the siblings",
        "2 added, 1 removed, 3 moved (1 by levels put in or taken out, 2 by merging), 1 merged, 1 attribute changed",
    ]
    assert list(diff_lines(diff(b, a))) == [
        "/ gull split into gull and duck (2 nodes moved)",
        "+ duck (below bird)",
        "- wet (below bird), taken out above swimming",
        "- swimming (below wet), taken out above gull",
        "* cat stands elsewhere among the siblings",
        "1 added, 2 removed, 3 moved (1 by levels put in or taken out, 2 by splitting), 1 split, 1 attribute changed",
    ]


def test_lines_with_labels() -> None:
    a, b = tree("n1: n2 n3 n5, n2: n4"), tree("n1: n2 n3 n5, n3: n4")
    label = {"n1": "thing", "n2": "seat", "n3": "bed", "n4": "chair"}
    assert next(diff_lines(diff(a, b), label=label.__getitem__)) == "> chair moved: seat -> bed"


@pytest.mark.parametrize(("shown", "expected"), [(False, 21), (True, 25)])
def test_long_lists_are_cut(shown: bool, expected: int) -> None:
    a, b = tree("top: x"), tree("top: x " + " ".join(f"p{i}" for i in range(25)))
    lines = list(diff_lines(diff(a, b), all=shown))
    added = [line for line in lines if line.startswith("+")]
    assert len(added) == expected
    assert ("+ ... and 5 more such lines (--all shows them)" in lines) == (not shown)


def test_cub() -> None:
    """The deep tree has 53 levels more than the flat one, and no species elsewhere."""
    d = diff(load("cub-flat"), load("cub-deep"))
    lines = list(diff_lines(d))
    assert lines[0] == (
        "+ Aequorlitornithes (clade, below Aves), put over Charadriiformes, Gaviiformes, Pelecaniformes, "
        "Podicipediformes and 2 more"
    )
    assert lines[-1] == "53 added, 95 moved (all by levels put in or taken out)"
    back = list(diff_lines(diff(load("cub-deep"), load("cub-flat"))))
    assert back[0] == lines[0].replace("+", "-").replace("put over", "taken out above")
