"""What every format says of itself is true: what it holds comes back, what it loses it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees
from written import written

from taxo.taxonomy import LossyWrite, TaxoError, Taxonomy, from_edges
from taxo.taxonomy.files import format_for, format_lines, parse
from taxo.taxonomy.formats.losses import lost
from taxo.taxonomy.formats.registry import FORMATS, READ_FORMATS, WRITE_FORMATS, by_suffix
from taxo.taxonomy.formats.source import Source

BOTH_WAYS = [name for name in WRITE_FORMATS if name in READ_FORMATS]


@given(trees() | dags() | attributed(trees()) | attributed(dags()), st.sampled_from(BOTH_WAYS))
def test_what_is_not_lost_comes_back(t: Taxonomy, name: str) -> None:
    words = lost(t, FORMATS[name])
    if words:
        with pytest.raises(LossyWrite, match=f"^{name} cannot hold "):
            written(t, name)
    # `pairs` is the one format whose reader must be told something.
    found = parse(Source("x", written(t, name, lossy=True)), format=name, is_a=False if name == "pairs" else None)
    assert (found == t) or words
    assert set(found.names) == set(t.classes if name == "classes" else t.names)


def test_the_loss_is_told(caplog: pytest.LogCaptureFixture) -> None:
    t = from_edges([("a", "b")], ranks={"b": "genus"}, labels={"b": "B"}, class_numbers={"b": 4})
    written(t, "newick", lossy=True)
    assert caplog.messages == ["newick cannot hold ranks, labels and class numbers: left out"]
    written(from_edges([("a", "b")]), "newick", lossy=True)
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("a.json", "json"),
        ("b/a.JSON.gz", "json"),
        ("a.csv", "csv"),
        ("a.tsv.gz", "tsv"),
        ("a.nwk", "newick"),
        ("a.newick", "newick"),
        ("a.tree", "newick"),
        ("a.tre", "newick"),
        ("a.gv", "dot"),
        ("a.dot", "dot"),
        ("a.mmd", "mermaid"),
        ("a.mermaid", "mermaid"),
    ],
)
def test_suffixes(path: str, format: str) -> None:
    found = by_suffix(path)
    assert found is not None
    assert found.name == format == format_for(path)


def test_names_without_a_format() -> None:
    assert [format_for(path) for path in ("a", "a.txt", "a.TXT.gz", "-", "a.b/c")] == ["text"] * 5
    with pytest.raises(TaxoError, match=r"a\.xyz: no format is known by the suffix '\.xyz'; say which with --to"):
        format_for("a.xyz")


def test_an_order_that_numbers_do_not_tell(zoo: Taxonomy) -> None:
    t = zoo.with_classes(["gull", "cat", "barn", "snowy"], [5, 2, 7, 8])
    for format in ("text", "json", "json-links", "csv"):
        with pytest.raises(LossyWrite, match=r"the order of the classes \(it is not that of their numbers\)"):
            list(format_lines(t, format))


@given(attributed(trees(max_nodes=6, max_roots=6)))
def test_class_lists(t: Taxonomy) -> None:
    from dataclasses import replace

    t = replace(t, ranks=("",) * t.n_nodes, labels=t.names, synonyms=((),) * t.n_nodes, lengths=None)
    flat_one = not t.parents.index.size and t.n_classes == t.n_nodes
    try:
        lines = list(format_lines(t, "classes"))
    except LossyWrite as error:
        assert not flat_one
        assert "the hierarchy above the classes" in str(error) or "nodes that are no classes" in str(error)  # noqa: PT017
        lines = list(format_lines(t, "classes", lossy=True))
    found = parse(Source("x", "".join(f"{line}\n" for line in lines)), format="classes")
    assert found.classes == t.classes
    assert found.class_numbers.tolist() == t.class_numbers.tolist()
    assert not flat_one or found == t
