"""The node basis: by hand, by properties, and in files."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from strategies import attributed, trees

from taxo.embeddings import Embedding, embed, load
from taxo.embeddings.class_tree import class_tree
from taxo.embeddings.formats import npz
from taxo.embeddings.nodes import node_basis
from taxo.embeddings.verification import norms
from taxo.taxonomy import FormatError, NotEmbeddable, Taxonomy, class_similarity, flat, from_edges


def nodes(t: Taxonomy, **options: str) -> Embedding:
    return embed(t, "nodes", **options)  # type: ignore[arg-type]


def by_name(e: Embedding) -> list[dict[str, float]]:
    """The squares of the numbers of every class by the names of their axes."""
    return [
        {e.axes[j]: round(float(x) ** 2, 12) for j, x in zip(row.indices, row.data, strict=True)}
        for row in (e.vectors[[i]] for i in range(len(e.classes)))
    ]


def test_worked_out_by_hand(zoo: Taxonomy) -> None:
    # H = 3. s: animal 0, bird 1/3, owl 2/3, leaves 1. Weights: bird 1/3, owl 1/3, cat 1, gull 2/3, barn, snowy 1/3.
    third = round(1 / 3, 12)
    assert by_name(nodes(zoo)) == [
        {"cat": 1},
        {"bird": third, "gull": round(2 / 3, 12)},
        {"bird": third, "owl": third, "barn": third},
        {"bird": third, "owl": third, "snowy": third},
    ]
    assert "animal" not in nodes(zoo).axes  # the root's weight is 0


def test_an_inner_class_has_an_axis_of_its_own(zoo: Taxonomy) -> None:
    third = round(1 / 3, 12)
    assert by_name(nodes(zoo.with_classes(["bird", "barn"]))) == [
        {"bird": third, "bird (itself)": round(2 / 3, 12)},
        {"bird": third, "owl": third, "barn": third},
    ]


@given(attributed(trees(max_nodes=40)))
def test_gram_matrix_equals_similarity(t: Taxonomy) -> None:
    e = nodes(t)
    np.testing.assert_allclose((e.vectors @ e.vectors.T).toarray(), class_similarity(t), atol=1e-13)
    assert len(set(e.axes)) == e.dim
    assert (e.vectors.data > 0).all()  # nothing of weight 0 is kept
    assert e.vectors.nnz <= t.n_classes * (t.depths.max() + 2)
    assert e.vectors.has_canonical_format  # ascending, no column twice
    assert np.bincount(e.vectors.indices, minlength=e.dim).all()  # no axis without a class


def test_the_same_as_the_sum_over_ancestors(zoo: Taxonomy) -> None:
    tree = class_tree(zoo)
    basis, kept = node_basis(tree)
    for c, leaf in enumerate(tree.leaf_of.tolist()):
        expected = np.zeros(len(tree.parent))
        while leaf >= 0:
            expected[leaf] = np.sqrt(tree.weight[leaf])
            leaf = tree.parent[leaf]
        np.testing.assert_array_equal(basis[[c]].toarray()[0], expected[kept])


def test_forests_stars_chains_and_one_class() -> None:
    np.testing.assert_array_equal(nodes(flat(["a", "b"])).vectors.toarray(), np.eye(2))
    assert nodes(flat(["a"])).vectors.toarray().tolist() == [[1]]
    assert nodes(from_edges([("r", "p"), ("p", "a")])).vectors.toarray().tolist() == [[0.5**0.5] * 2]
    chain = from_edges([(f"n{i}", f"n{i + 1}") for i in range(500)] + [(f"n{i}", f"leaf{i}") for i in range(500)])
    assert nodes(chain).max_deviation < 1e-13


def test_a_dag_is_refused(diamond: Taxonomy) -> None:
    with pytest.raises(NotEmbeddable, match="'pet' has parents"):
        nodes(diamond)


def test_types_of_the_numbers(zoo: Taxonomy) -> None:
    e = nodes(zoo, dtype="float32")
    assert (e.vectors.dtype, e.vectors.indices.dtype, e.vectors.indptr.dtype) == (np.float32, np.int32, np.int32)
    assert e.labels.dtype == np.int64
    assert e.max_deviation < 1e-7
    assert nodes(flat([f"c{i}" for i in range(2001)])).vectors.dtype == np.float32


def test_norms_block_by_block(monkeypatch: pytest.MonkeyPatch, zoo: Taxonomy) -> None:
    monkeypatch.setattr("taxo.embeddings.verification._SPARSE_BLOCK", 1)
    e = nodes(zoo)
    np.testing.assert_allclose(norms(e.vectors), 1, atol=1e-15)
    emptied = e.vectors.copy()
    emptied.data[:1] = 0
    emptied.eliminate_zeros()  # the first class has no number left
    np.testing.assert_allclose(norms(emptied), [0, 1, 1, 1], atol=1e-15)


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("long", [0, 1 << 26], ids=["axes_utf8", "axes"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_files_hold_everything(
    tmp_path: Path, zoo: Taxonomy, monkeypatch: pytest.MonkeyPatch, dtype: str, long: int
) -> None:
    monkeypatch.setattr(npz, "_LONG", long)
    e = nodes(zoo, dtype=dtype)
    e.save(tmp_path / "a.npz")
    e.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = load(tmp_path / "a.npz")
    assert again == e
    assert again.vectors.dtype == dtype
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        names = {"data", "indices", "indptr", "shape", "classes", "labels", "meta"}
        assert set(file.files) == names | {"axes" if long else "axes_utf8"}
        assert file["classes"].tolist() == list(zoo.classes)
        if not long:
            assert bytes(file["axes_utf8"]).decode().split("\n") == list(e.axes)


def test_one_long_name_does_not_blow_up_the_axes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npz, "_LONG", 1 << 16)
    long = "é" * 10_000
    e = nodes(from_edges([("r", long), (long, "a"), (long, "b"), ("r", "c")]))
    e.save(tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz") as file:
        assert file["axes_utf8"].nbytes == 20_000 + len("\na\nb\nc")
    assert load(tmp_path / "e.npz") == e


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (np.array([255], dtype=np.uint8), "axes_utf8 is no UTF-8"),
        (np.array([1.5]), "axes_utf8 is float64"),
        (np.array([[65]], dtype=np.uint8), r"axes_utf8 is uint8 of shape \(1, 1\)"),
        (np.array([65], dtype=np.uint8), "do not fit"),
    ],
)
def test_faulty_names_of_axes(tmp_path: Path, zoo: Taxonomy, text: np.ndarray, message: str) -> None:
    nodes(zoo).save(tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz") as file:
        arrays = {name: file[name] for name in file.files if name != "axes"}
    np.savez(tmp_path / "e.npz", **arrays, axes_utf8=text)
    with pytest.raises(FormatError, match=message):
        load(tmp_path / "e.npz")


def test_a_tree_too_deep_for_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    # A caterpillar of 300 levels: 301 leaves with 151 nodes above each in the mean, 45,000 numbers.
    edges = [(f"n{i}", f"n{i + 1}") for i in range(300)] + [(f"n{i}", f"leaf{i}") for i in range(300)]
    t = from_edges(edges)
    assert embed(t, "nodes").vectors.nnz > 40_000
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PHYS_PAGES": 1, "SC_PAGE_SIZE": 1 << 20}[name])
    with pytest.raises(
        NotEmbeddable, match=r"301 classes with 15\d nodes above each in the mean need about .*very deep"
    ):
        embed(t, "nodes")
