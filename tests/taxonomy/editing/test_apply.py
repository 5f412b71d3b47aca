"""`apply`: exact on the later hierarchy, the same changes on other versions, conflicts all together; and JSON."""

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import NAMES, attributed, dags, trees

from taxo.hierarchies import load, names
from taxo.taxonomy import FormatError, TaxoError, Taxonomy, from_edges
from taxo.taxonomy.editing.apply import ChangeConflict, apply
from taxo.taxonomy.editing.change_files import read_changes
from taxo.taxonomy.editing.changes import Diff
from taxo.taxonomy.editing.diff import diff
from taxo.taxonomy.editing.ordering import arranged

PLAIN = st.one_of(trees(max_nodes=12, plain=True), dags(max_nodes=9))
ANY = st.one_of(PLAIN, trees(max_nodes=12), attributed(PLAIN), attributed(trees(max_nodes=9)))


@st.composite
def edited(draw: st.DrawFn, t: Taxonomy) -> Taxonomy:
    """A hierarchy after some random edits of all kinds."""
    for _ in range(draw(st.integers(1, 5))):
        t = draw(st.sampled_from([_renamed, _relinked, _without, _with_new, _relabelled, _renumbered, _reordered]))(
            draw, t
        )
    return t


def _node(draw: st.DrawFn, t: Taxonomy) -> str:
    return draw(st.sampled_from(t.names))


def _edges(t: Taxonomy) -> list[tuple[str, str]]:
    return [(t.names[p], t.names[v]) for v in range(t.n_nodes) for p in t.parents_of(v).tolist()]


def _made(t: Taxonomy, nodes: list[str], edges: list[tuple[str, str]], order: list[str] | None = None) -> Taxonomy:
    """Other nodes and edges with the attributes and the classes of `t`; all leaves where no class is left."""
    columns = {
        what: {n: v for n, v in zip(t.names, getattr(t, what), strict=True) if n in nodes}
        for what in ("ranks", "labels", "synonyms")
    }
    made = from_edges(edges, nodes=order or nodes, **columns)
    numbers = {n: int(k) for n, k in zip(t.classes, t.class_numbers, strict=True) if n in nodes}
    return made.with_classes(list(numbers), list(numbers.values())) if numbers else made


def _renamed(draw: st.DrawFn, t: Taxonomy) -> Taxonomy:
    old, new = _node(draw, t), draw(st.one_of(NAMES, st.sampled_from(t.labels)))
    return t if new in t else replace(t, names=tuple(new if n == old else n for n in t.names))


def _relinked(draw: st.DrawFn, t: Taxonomy) -> Taxonomy:
    """Another parent in place of the old ones, or beside them; only nodes earlier in the order, so no cycles."""
    child = draw(st.integers(0, t.n_nodes - 1))
    if not child:
        return t
    parent = draw(st.integers(0, child - 1))
    keep = draw(st.booleans())
    edges = [e for e in _edges(t) if e[1] != t.names[child] or (keep and e[0] != t.names[parent])]
    return _made(t, list(t.names), [*edges, (t.names[parent], t.names[child])])


def _without(draw: st.DrawFn, t: Taxonomy) -> Taxonomy:
    name = _node(draw, t)
    if t.n_nodes == 1:
        return t
    return _made(t, [n for n in t.names if n != name], [e for e in _edges(t) if name not in e])


def _with_new(draw: st.DrawFn, t: Taxonomy) -> Taxonomy:
    name, parent = draw(NAMES), _node(draw, t)
    return t if name in t else _made(t, [*t.names, name], [*_edges(t), (parent, name)])


def _relabelled(draw: st.DrawFn, t: Taxonomy) -> Taxonomy:
    what = draw(st.sampled_from(["ranks", "labels", "synonyms"]))
    value = draw(
        st.lists(NAMES, max_size=2).map(tuple) if what == "synonyms" else st.one_of(NAMES, st.sampled_from(t.names))
    )
    at = draw(st.integers(0, t.n_nodes - 1))
    return replace(t, **{what: tuple(value if i == at else v for i, v in enumerate(getattr(t, what)))})


def _renumbered(draw: st.DrawFn, t: Taxonomy) -> Taxonomy:
    classes = draw(st.permutations(t.classes))
    return t.with_classes(classes, draw(st.one_of(st.none(), st.permutations(t.class_numbers.tolist()))))


def _reordered(draw: st.DrawFn, t: Taxonomy) -> Taxonomy:
    return _made(t, list(t.names), draw(st.permutations(_edges(t))), draw(st.permutations(t.names)))


@given(ANY, ANY)
def test_exact_between_any_two(a: Taxonomy, b: Taxonomy) -> None:
    changes = diff(a, b)
    assert apply(a, changes) == b
    assert apply(b, changes) == b  # what is already so is no conflict
    assert Diff.from_json(json.loads(json.dumps(changes.to_json()))) == changes


def test_a_class_put_last_but_for_new_ones_stays_there() -> None:
    # n5 becomes a class behind n4, which moves: a second replay must not put n4 behind n5.
    a = from_edges([("n0", "n1"), ("n0", "n4"), ("n0", "n2"), ("n0", "n3"), ("n0", "n5"), ("n0", "n6"), ("n5", "n7")])
    b = from_edges([("n0", f"n{i}") for i in range(1, 6)])
    changes = diff(a, b)
    assert [(entry.name, entry.before) for entry in changes.class_order] == [("n4", None), ("n5", None)]
    assert apply(a, changes) == b
    assert apply(b, changes) == b


@settings(max_examples=300)
@given(st.data())
def test_exact_after_edits(data: st.DataObject) -> None:
    a = data.draw(ANY)
    b = data.draw(edited(a))
    changes = diff(a, b)
    assert apply(a, changes) == b
    assert apply(b, changes) == b


def _applied(t: Taxonomy, changes: Diff) -> tuple[Taxonomy | None, tuple[str, ...]]:
    try:
        return apply(t, changes), ()
    except ChangeConflict as conflict:
        return None, conflict.conflicts


def unordered(t: Taxonomy) -> tuple[object, ...]:
    """Everything but the order of the nodes: on another version the places that changes name can contradict each other."""
    nodes = {
        t.names[v]: ({t.names[p] for p in t.parents_of(v)}, t.ranks[v], t.labels[v], t.synonyms[v])
        for v in range(t.n_nodes)
    }
    return nodes, t.classes, t.class_numbers.tolist()


def test_places_that_contradict_each_other_on_another_version_move_nodes_only() -> None:
    # n3 is to stand before 0, and 0 before n5; here n3 stands behind n5, and each replay moves one of them.
    edges = [
        ("n0", "n5"),
        ("n1", "n5"),
        ("n2", "n5"),
        ("n1", "n3"),
        ("n2", "n3"),
        ("n0", "n6"),
        ("n1", "n6"),
        ("n3", "n6"),
    ]
    a = from_edges(edges, nodes=["n0", "n1", "n2", "n4"])
    new = [("n1", "n3"), ("n2", "n3"), ("n1", "0"), *edges[:3], ("n1", "00"), *edges[5:]]
    b = from_edges(new, nodes=["n1", "n0", "n2", "n4"])
    c = from_edges([edge for edge in edges if "n0" not in edge], nodes=["n1", "n2", "n4"])
    made = apply(c, diff(a, b))
    assert unordered(apply(made, diff(a, b))) == unordered(made)


@given(st.data())
def test_another_version_is_changed_as_a_whole_or_not_at_all(data: st.DataObject) -> None:
    a = data.draw(PLAIN)
    b, c = data.draw(edited(a)), data.draw(edited(a))
    changes, before = diff(a, b), c.fingerprint
    made, conflicts = _applied(c, changes)
    assert c.fingerprint == before
    if made is None:
        assert conflicts
        return
    # Everything that the changes say is so, and nothing else has happened to the nodes.
    assert {e.name for e in changes.added} | {e.new for e in changes.renamed} <= set(made.names)
    assert not {e.name for e in changes.removed} & set(made.names)
    for entry in changes.moved:
        assert {made.names[p] for p in made.parents_of(made.index(entry.name))} == set(entry.new)
    later = {e.old: e.new for e in changes.renamed}
    assert set(made.names) == (
        ({later.get(n, n) for n in c.names} | {e.name for e in changes.added}) - {e.name for e in changes.removed}
    )
    assert unordered(apply(made, changes)) == unordered(made)


@pytest.mark.parametrize("a", names())
@pytest.mark.parametrize("b", names())
def test_exact_between_the_built_in_hierarchies(a: str, b: str) -> None:
    assert apply(load(a), diff(load(a), load(b))) == load(b)


def tree(edges: str, **attributes: object) -> Taxonomy:
    """`"bird: owl gull, owl: barn"`."""
    pairs = [(p, c) for p, _, cs in (part.strip().partition(":") for part in edges.split(",")) for c in cs.split()]
    return from_edges(pairs, name="zoo", **attributes)  # type: ignore[arg-type]


A = "animal: cat bird, bird: owl gull, owl: barn snowy, gull: herring"
B = "animal: bird, bird: Strix gull duck, Strix: barn snowy, gull: herring mew, duck: teal"


def test_other_version_gets_the_changes_and_keeps_its_own() -> None:
    """The other version has one more owl, one more animal, and another gull."""
    c = tree("animal: cat dog bird, bird: owl gull, owl: barn hawk snowy, gull: herring little")
    made = apply(c, diff(tree(A), tree(B)))
    assert made == tree(
        "animal: dog bird, bird: Strix gull duck, Strix: barn hawk snowy, gull: herring little mew, duck: teal"
    )
    assert made.name == "zoo"
    assert made.meta == c.meta


def test_places_among_siblings_and_classes() -> None:
    a, b = tree("top: a b c d"), tree("top: a x b d c")
    changes = diff(a, b)
    assert apply(tree("top: a n b c d"), changes).classes == ("a", "n", "x", "b", "d", "c")
    # Its next sibling is not there: it stands last.
    assert apply(tree("top: a c d"), changes).names == ("top", "a", "d", "c", "x")
    # Places say nothing among numbers that stay with their class.
    made = apply(tree("top: a b c d", class_numbers={"a": 10, "b": 20, "c": 30, "d": 40}), changes)
    assert made.names == ("top", "a", "x", "b", "d", "c")
    assert dict(zip(made.classes, made.class_numbers.tolist(), strict=True)) == {
        "a": 10,
        "b": 20,
        "c": 30,
        "d": 40,
        "x": 41,
    }


def test_leaves_that_are_no_leaves_here_do_not_become_classes() -> None:
    a, b = tree("top: a b, a: x, b: y"), tree("top: a b, b: y x")
    assert apply(a, diff(a, b)).classes == ("a", "y", "x")
    assert apply(tree("top: a b, a: x z, b: y"), diff(a, b)).classes == ("z", "y", "x")


def test_conflicts_are_listed_together() -> None:
    numbers = {"cat": 0, "barn": 1, "snowy": 2, "herring": 3}
    a = tree(A, class_numbers=numbers, ranks={"gull": "genus", "owl": "genus"})
    b = tree(
        "animal: bird, bird: Strix gull duck hawk, Strix: barn, gull: snowy herring, duck: teal, hawk: kite",
        class_numbers={"barn": 7, "snowy": 2, "herring": 3, "teal": 5, "kite": 8},
        ranks={"Strix": "tribe", "gull": "family"},
        labels={"herring": "Herring Gull"},
    )
    c = tree(
        "animal: bird pet duck Strix, pet: cat kite, cat: tom, bird: owl mew, owl: barn, Strix: snowy, mew: terek",
        class_numbers={"barn": 9, "snowy": 2, "tom": 5, "kite": 0, "terek": 4},
        ranks={"owl": "order"},
    )
    before = c.fingerprint
    with pytest.raises(ChangeConflict) as caught:
        apply(c, diff(a, b))
    assert str(caught.value).splitlines() == [
        "the changes do not fit 'zoo' (10 conflicts); nothing was changed",
        "  remove 'cat' below 'animal': it stands below 'pet' here",
        "  add 'Strix' below 'bird': it is there already, below 'animal'",
        "  add 'duck' below 'bird': it is there already, below 'animal'",
        "  add 'kite' below 'hawk': it is there already, below 'pet'",
        "  move 'snowy', below 'owl', to below 'gull': it stands below 'Strix' here",
        "  rank of 'gull': there is no node 'gull'",
        "  class number of 'barn' 1 -> 7: it is 9 here",
        "  label of 'herring': there is no node 'herring'",
        "  remove 'cat': 'tom' stands below it here and would hang in the air",
        "  class number 5: both 'tom' and 'teal' would have it here",
    ]
    assert c.fingerprint == before


@pytest.mark.parametrize(
    ("other", "conflicts"),
    [
        ("top: a1 b c, a1: x y", ()),
        ("top: a a1 b c, a: x y", ("rename 'a' to 'a1': there is a node 'a1' already",)),
        (
            "top: b c, b: x y",
            ("rename 'a' to 'a1': there is no node 'a'", "move 'y', below 'a', to below 'c': it stands below 'b' here"),
        ),
        ("top: a b, a: x y", ("move 'y' below 'c': there is no node 'c'",)),
        ("top: a b c, a: x", ("move 'y': there is no node 'y'",)),
        ("top: a b c, b: x y", ("move 'y', below 'a', to below 'c': it stands below 'b' here",)),
        ("top: a b c, a: x, c: y", ()),
        ("top: a b c, a: x, c: y z", ()),
        ("top: a b c, a: x y z", ("add 'z' below 'c': it is there already, below 'a'",)),
    ],
)
def test_renames_and_parents(other: str, conflicts: tuple[str, ...]) -> None:
    """The changes: `a` is called `a1`, `y` moves from it to `c`, `z` is new below `c`."""
    changes = Diff.from_json(
        {
            "renamed": [{"from": "a", "to": "a1"}],
            "moved": [{"name": "y", "from": ["a"], "to": ["c"]}],
            "added": [{"name": "z", "parents": ["c"], "number": 9}],
            "attributes": {"numbered": "leaves"},
        }
    )
    made, found = _applied(tree(other), changes)
    missing = tuple(line for line in found if line != "add 'z' below 'c': there is no node 'c'")
    assert missing == conflicts
    assert (made is None) == bool(found)
    if made:
        assert [made.names[p] for p in made.parents_of(made.index("y"))] == ["c"]


def test_renamed_to_its_label_which_becomes_another() -> None:
    a, b = tree("top: n1 x", labels={"n1": "mouse"}), tree("top: mouse x", labels={"mouse": "mouse (animal)"})
    changes = diff(a, b)
    assert [e.new for e in changes.renamed] == ["mouse"]
    assert apply(a, changes) == apply(b, changes) == b


def test_a_node_that_would_hang_in_the_air() -> None:
    c = tree("animal: cat bird, bird: owl gull, owl: barn snowy, gull: herring, cat: tom")
    with pytest.raises(ChangeConflict) as caught:
        apply(c, diff(tree(A), tree("animal: bird, bird: owl gull, owl: barn snowy, gull: herring")))
    assert caught.value.conflicts == ("remove 'cat': 'tom' stands below it here and would hang in the air",)


def test_a_cycle_is_a_conflict() -> None:
    a = tree("top: a b c, a: x, b: y, c: z")
    into_b = tree("top: b c, b: y a, a: x, c: z")
    into_a = tree("top: a c, a: x b, b: y, c: z")
    with pytest.raises(ChangeConflict, match="a cycle of 2 nodes, parent -> child: "):
        apply(into_b, diff(a, into_a))


def test_class_number_that_is_taken() -> None:
    a = tree("top: x", class_numbers={"x": 3})
    b = tree("top: x y", class_numbers={"x": 3, "y": 4})
    c = tree("top: x z", class_numbers={"x": 3, "z": 4})
    with pytest.raises(ChangeConflict) as caught:
        apply(c, diff(a, b))
    assert caught.value.conflicts == ("class number 4: both 'z' and 'y' would have it here",)


def test_no_class_is_left() -> None:
    a, b = tree("top: x y, y: z", class_numbers={"x": 0}), tree("top: y, y: z", class_numbers={"z": 4})
    c = tree("top: x y, y: z", class_numbers={"x": 0, "z": 7})
    with pytest.raises(ChangeConflict, match="class number of 'z' none -> 4: it is 7 here"):
        apply(c, diff(a, b))
    only_x = Diff.from_json({"removed": [{"name": "x", "parents": ["top"]}], "attributes": {"numbered": "number"}})
    with pytest.raises(ChangeConflict, match="no class is left"):
        apply(a, only_x)


def test_circles_of_places_go_to_the_end() -> None:
    assert arranged([1, 2], [(3, 4), (4, 3), (5, 1)]) == [5, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        ([], ["the document: an object with the keys same, added, removed, moved, renamed, merged, split, attributes, effect is expected, not a list"]),
        ({"add": []}, ["add: unknown key; known are same, added, removed, moved, renamed, merged, split, attributes, effect"]),
        ({"same": 1}, ["same: true or false is expected, not a number"]),
        ({"same": True, "removed": [{"name": "x", "parents": []}]}, ["same: is true, but there are changes"]),
        ({"moved": {}}, ["moved: a list is expected, not an object"]),
        ({"moved": ["x"]}, ["moved[0]: an object with the keys name, from, to, before is expected, not text"]),
        ({"moved": [{"name": "x", "from": ["a"], "to": "b"}]}, ["moved[0].to: a list of names is expected, not text"]),
        ({"moved": [{"name": 3, "from": [], "too": []}]}, [
            "moved[0].name: the name of a node is expected, not a number",
            "moved[0].too: unknown key; known are name, from, to, before",
            "moved[0].to: is missing",
        ]),
        ({"moved": [{"name": "x", "from": ["a", "a"], "to": []}]}, ["moved[0].from: a name stands twice"]),
        ({"added": [{"name": "a\tb", "parents": []}]}, ["added[0].name: a name is not empty and holds no tab or line break"]),
        ({"added": [{"name": "\ud800", "parents": []}]}, ["added[0].name: half a character"]),
        ({"added": [{"name": "x", "parents": [], "number": True, "label": 3}]}, [
            "added[0].number: a whole number is expected, not true or false",
            "added[0].label: text is expected, not a number",
        ]),
        ({"added": [{"name": "x", "parents": [], "synonyms": "y"}]}, ["added[0].synonyms: a list of texts is expected, not text"]),
        ({"added": [{"name": "x", "parents": []}], "removed": [{"name": "x", "parents": []}]}, ["removed[0].name: 'x' stands in added[0].name already"]),
        ({"renamed": [{"from": "x", "to": "y"}, {"from": "z", "to": "y"}]}, ["renamed[1].to: 'y' stands in renamed[0].to already"]),
        ({"attributes": []}, ["attributes: an object with the keys changed, order, class_order, numbered, shifted is expected, not a list"]),
        ({"attributes": {"numbered": "by hand"}}, ["attributes.numbered: one of leaves, order, number is expected"]),
        ({"attributes": {"changed": [{"name": "x", "attribute": "rank", "from": "", "to": None}]}}, ["attributes.changed[0].to: text is expected, not null"]),
        ({"attributes": {"changed": [{"name": "x", "attribute": "colour", "from": "", "to": ""}]}}, ["attributes.changed[0].attribute: one of rank, label, synonyms, length, number is expected"]),
        ({"attributes": {"changed": [{"name": "x", "attribute": "rank", "from": "", "to": "a"}] * 2}}, ["attributes.changed[1]: rank of 'x' stands in [0] already"]),
        ({"attributes": {"order": [{"name": "x", "after": "y"}]}}, ["attributes.order[0].after: unknown key; known are name, before"]),
    ],
)  # fmt: skip
def test_documents_that_are_no_changes(document: object, faults: list[str]) -> None:
    with pytest.raises(FormatError) as caught:
        Diff.from_json(document, "changes.json")
    assert str(caught.value).splitlines() == [f"changes.json: {fault}" for fault in faults]


def test_what_a_person_writes_may_be_short() -> None:
    changes = Diff.from_json({"renamed": [{"from": "owl", "to": "Strix"}]})
    assert apply(tree(A), changes).names == tuple("Strix" if n == "owl" else n for n in tree(A).names)
    assert Diff.from_json({}).same


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda v: st.lists(v) | st.dictionaries(st.sampled_from(["added", "name", "attributes", "from", "to", "parents", "order"]), v)))  # fmt: skip
def test_any_document_is_changes_or_a_fault(document: Any) -> None:
    try:
        changes = Diff.from_json(document)
    except FormatError:
        return
    try:
        apply(tree(A), changes)
    except TaxoError:
        return


def test_every_key_is_always_there() -> None:
    document = diff(tree(A), tree(A)).to_json()
    assert list(document) == ["same", "added", "removed", "moved", "renamed", "merged", "split", "attributes", "effect"]
    inside = ["changed", "order", "class_order", "numbered", "shifted"]
    assert list(document["attributes"]) == inside
    assert {f.name for f in fields(Diff)} == {*inside, *document} - {"same", "attributes", "effect"}


def test_files(tmp_path: Path) -> None:
    file = tmp_path / "changes.json"
    file.write_text(json.dumps(diff(tree(A), tree(B)).to_json()))
    assert read_changes(str(file)) == diff(tree(A), tree(B))
    file.write_text('{"added": [\n}')
    with pytest.raises(FormatError, match=re.escape(f"{file}:2: not JSON: Expecting value; `taxo diff --json`")):
        read_changes(str(file))
    file.write_text("[" * 100_000)
    with pytest.raises(FormatError, match="nested too deeply"):
        read_changes(str(file))


def test_example_of_the_documentation() -> None:
    """docs/diff.md shows two files, the changes between them as JSON, and what they give on a third."""
    from taxo.taxonomy.files import parse
    from taxo.taxonomy.formats.source import Source

    page = (Path(__file__).parents[3] / "docs" / "diff.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"<!-- ([^\n]+) -->\n```\w*\n(.*?)```", page, re.DOTALL))
    old, new, other, result = (parse(Source(n, blocks[n])) for n in ("old.txt", "new.txt", "other.txt", "result.txt"))
    document = json.loads(blocks["changes.json"])
    assert diff(old, new).to_json() == document
    assert apply(old, Diff.from_json(document)) == new
    assert apply(other, Diff.from_json(document)) == result
    conflict = parse(Source("conflict.txt", blocks["conflict.txt"]))
    with pytest.raises(ChangeConflict) as caught:
        apply(conflict, Diff.from_json(document))
    assert f"{caught.value}\n" == blocks["conflicts"]


def test_numbers_that_are_in_order_only_afterwards() -> None:
    """The class with the odd number goes: what is left is numbered 0, 1, 2, at the second replay as at the first."""
    a = from_edges([("r", name) for name in "xyzw"])
    b = from_edges([("r", name) for name in "xyz"]).with_classes(["y", "x", "z"])
    c = a.with_classes(list("xyzw"), [0, 1, 2, 4])
    made = apply(c, diff(a, b))
    assert (made.classes, made.class_numbers.tolist()) == (("y", "x", "z"), [0, 1, 2])
    assert apply(made, diff(a, b)) == made
