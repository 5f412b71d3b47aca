"""The built-in hierarchies: against recorded checksums everywhere, node for node where the published files are."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from taxo.embeddings import embed
from taxo.hierarchies import describe, load, names, resolve
from taxo.taxonomy import Taxonomy, UnknownHierarchy, class_lcs_heights, read, write

PUBLISHED = {
    "cub-deep": ("cub/cub_balanced.parent-child.txt", "cub_balanced"),
    "cub-flat": ("cub/cub_flat.parent-child.txt", "cub_flat"),
    "cub-wikispecies": ("cub/cub_wikispecies.parent-child.txt", "cub_wikispecies"),
    "cifar100": ("cifar100/cifar.parent-child.txt", "cifar100"),
    "nab": ("nabirds/hierarchy.txt", "nab"),
}

SHAPES = {
    # name: classes, nodes, height, SHA-256 of the heights of the lowest common subsumers of all pairs of
    # classes (little-endian int32, class order): computed from the published files.
    "cub-deep": (200, 421, 7, "9cc2ca35ff5510dfd13a111c39ca15745934753f74a31ff1960a91e4d66fc41f"),
    "cub-flat": (200, 368, 4, "0187f2b4590363aa96268c7ea286cc6b4d353addaa749602eb6959c5211ab9a5"),
    "cub-wikispecies": (200, 383, 6, "cc08a0a05b1790295aef20f3b66ecebc789dd60a542d64427e5e89c76215142f"),
    "cifar100": (100, 163, 8, "f31435d67468740696fff67963d4b1cb1e3027999425f188f78b15b55f9be80d"),
    "nab": (555, 1011, 4, "c4d8cbaafd81bf90b1a8c633ee70aa3fa2d2aa29f8db40bfec71cc6fe7dcc6e3"),
}


def digest(t: Taxonomy) -> str:
    return hashlib.sha256(class_lcs_heights(t).astype("<i4").tobytes()).hexdigest()


DERIVED = {"cifar10", "fashion-mnist", "ilsvrc", "tiny-imagenet"}  # test_derived.py


def test_these_are_built_in() -> None:
    assert set(PUBLISHED) == set(SHAPES)
    assert names() == tuple(sorted({*PUBLISHED, *DERIVED}))


@pytest.mark.parametrize("name", SHAPES)
def test_shape_and_similarities(name: str) -> None:
    t = load(name)
    classes, nodes, height, checksum = SHAPES[name]
    assert (t.n_classes, t.n_nodes, t.height, t.is_tree, len(t.roots)) == (classes, nodes, height, True, 1)
    assert digest(t) == checksum


@pytest.mark.parametrize("name", sorted({*SHAPES, *DERIVED}))
def test_facts_about_the_file(name: str) -> None:
    t = load(name)
    assert {"title", "dataset", "source", "licence", "citation"} <= set(t.meta)
    assert t.name == name
    assert len(set(t.class_labels)) == t.n_classes
    assert t.is_tree
    ranks = [
        "class",
        "superorder",
        "order",
        "suborder",
        "superfamily",
        "family",
        "subfamily",
        "genus",
        "species",
        "form",
    ]
    place = {rank: i for i, rank in enumerate(ranks)}
    for v in range(t.n_nodes):
        p = t.parent[v]
        if p >= 0 and t.ranks[v] in place and t.ranks[p] in place:
            assert place[t.ranks[p]] < place[t.ranks[v]], t.names[v]


@pytest.mark.parametrize("name", [n for n in PUBLISHED if n.startswith("cub")])
def test_birds_of_cub(name: str) -> None:
    t = load(name)
    assert t.class_numbers.tolist() == list(range(1, 201))
    assert t.class_labels[0] == "Black-footed Albatross"
    assert t.classes[0] == "Phoebastria nigripes"
    genera = [c for c, v in zip(t.classes, t.class_nodes, strict=True) if t.ranks[v] == "genus"]
    assert len(genera) == 4
    assert "130" in (Path(__file__).parents[2] / "hierarchies" / f"{name}.txt").read_text(encoding="utf-8")
    for c, v in zip(t.classes, t.class_nodes, strict=True):
        assert t.ranks[v] in ("species", "genus")
        if t.ranks[v] == "species":
            assert len(c.split()) == 2
            assert t.names[t.parent[v]] == c.split()[0]  # a species lies in its genus


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_same_tree_as_the_published_one(data: Path, name: str) -> None:
    ours, theirs = load(name), read(data / "hierarchies" / PUBLISHED[name][0])
    np.testing.assert_array_equal(ours.class_numbers, theirs.class_numbers)
    np.testing.assert_array_equal(class_lcs_heights(ours), class_lcs_heights(theirs))
    assert digest(theirs) == SHAPES[name][3]
    assert described(ours) == described(theirs)


def described(t: Taxonomy) -> list[tuple[object, ...]]:
    """Every node by the class numbers below it, its height, its depth, and the class numbers below its parent."""
    below: list[set[int]] = [set() for _ in t.names]
    for node, number in zip(t.class_nodes.tolist(), t.class_numbers.tolist(), strict=True):
        while node >= 0:
            below[node].add(number)
            node = int(t.parent[node])
    keys = [tuple(sorted(b)) for b in below]
    return sorted(
        (keys[v], int(t.heights[v]), int(t.depths[v]), keys[p] if p >= 0 else ())
        for v, p in enumerate(t.parent.tolist())
    )


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_embeddings(data: Path, name: str) -> None:
    with np.load(data / "embeddings" / f"{PUBLISHED[name][1]}.unitsphere.npz") as published:
        ours = embed(load(name), "cholesky")
        np.testing.assert_array_equal(ours.labels, published["labels"])
        np.testing.assert_allclose(ours.vectors, published["embedding"], rtol=0, atol=1e-12)
        gram = published["embedding"] @ published["embedding"].T
    exact = embed(load(name)).vectors
    np.testing.assert_allclose(exact @ exact.T, gram, rtol=0, atol=1e-12)


@pytest.mark.parametrize("file", ["hierarchy_balanced.txt", "hierarchy_flat.txt", "hierarchy_wikispecies.txt"])
def test_the_published_indented_text(data: Path, file: str) -> None:
    folder = data / "hierarchies" / "cub"
    pairs = "cub_" + file.removeprefix("hierarchy_").replace(".txt", ".parent-child.txt")
    text, edges = read(folder / file), read(folder / pairs)
    assert (text.n_nodes, text.n_classes, text.height) == (edges.n_nodes, edges.n_classes, edges.height)
    assert sorted(text.heights) == sorted(edges.heights)


@pytest.mark.parametrize("name", sorted({*SHAPES, *DERIVED}))
def test_files_are_written_as_they_are_read(tmp_path: Path, name: str) -> None:
    write(load(name), tmp_path / f"{name}.txt")
    assert read(tmp_path / f"{name}.txt") == load(name)


def test_resolve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve("cub-deep") == load("cub-deep")
    assert not caplog.text
    assert resolve("somewhere/cub-deep.txt") == load("cub-deep")
    assert "somewhere/cub-deep.txt: no such file; the built-in hierarchy cub-deep is used" in caplog.text
    (tmp_path / "cub-deep.txt").write_text("# taxo 1\na\n  b\n")
    assert resolve("cub-deep.txt").names == ("a", "b")  # a file that is there is meant


@pytest.mark.parametrize("text", ["cub-dep", "cub_deep", "folder/CUB-deep.txt"])
def test_near_matches(text: str) -> None:
    with pytest.raises(UnknownHierarchy, match=r"neither a file nor a built-in .*; did you mean 'cub-deep'"):
        resolve(text)


def test_unknown_name() -> None:
    with pytest.raises(UnknownHierarchy, match="no built-in hierarchy 'nabb'; did you mean 'nab'"):
        load("nabb")


def test_descriptions() -> None:
    entry = describe("nab")
    assert list(entry) == ["name", "title", "classes", "nodes", "height", "source", "licence"]
    assert (entry["classes"], entry["nodes"], entry["height"]) == (555, 1011, 4)
