"""Which hierarchy an embedding is of: the message, names for class numbers, and files that are told apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from taxo.embeddings import check, embed, load, save
from taxo.embeddings.files import is_embedding_file
from taxo.embeddings.formats.registry import FORMATS
from taxo.embeddings.origin import class_difference, fitted, named, same_hierarchy
from taxo.hierarchies import load as load_hierarchy
from taxo.taxonomy import TaxoError, Taxonomy, from_edges, read, write

REMEDY = "; name the hierarchy that it was made from, or build the embedding again"


def refusal(taxonomy: Taxonomy, other: Taxonomy, folder: Path) -> str:
    """What `load` says about another hierarchy, behind the two fingerprints and before the remedy."""
    path = folder / "e.npz"
    embed(taxonomy).save(path)
    assert load(path, taxonomy) == embed(taxonomy)
    with pytest.raises(TaxoError) as error:
        load(path, other)
    start = (
        f"{path} was made from the hierarchy {taxonomy.name!r} with fingerprint {taxonomy.fingerprint}, "
        f"but {other.name!r} has {other.fingerprint}: "
    )
    assert str(error.value).startswith(start)
    assert str(error.value).endswith(REMEDY)
    return str(error.value).removeprefix(start).removesuffix(REMEDY)


def test_other_classes(zoo: Taxonomy, tmp_path: Path) -> None:
    other = from_edges([("animal", "cat"), ("animal", "dog")], name="pets")
    assert refusal(zoo, other, tmp_path) == (
        "'gull', 'barn', 'snowy' only in the embedding, 'dog' only in the hierarchy"
    )


def test_many_other_classes(tmp_path: Path) -> None:
    text = refusal(load_hierarchy("cub-deep"), load_hierarchy("cifar10"), tmp_path)
    assert "and 195 more only in the embedding, 'airplane', " in text


def test_another_order(zoo: Taxonomy, tmp_path: Path) -> None:
    other = zoo.with_classes(["cat", "barn", "gull", "snowy"])
    assert refusal(zoo, other, tmp_path) == (
        "class 1 is 'gull' in the embedding and 'barn' in the hierarchy: the classes are the same in another order"
    )


def test_other_class_numbers(zoo: Taxonomy, tmp_path: Path) -> None:
    other = zoo.with_classes(zoo.classes, [0, 1, 5, 7])
    assert refusal(zoo, other, tmp_path) == "class 'barn' has the number 2 in the embedding and 5 in the hierarchy"


def test_another_tree_above_the_same_classes(zoo: Taxonomy, tmp_path: Path) -> None:
    edges = [("animal", "cat"), ("animal", "gull"), ("animal", "barn"), ("animal", "snowy")]
    assert refusal(zoo, from_edges(edges, name="flat"), tmp_path) == (
        "the classes are the same in the same order, but other nodes or edges are above them (now 5 nodes; `taxo diff` "
        "compares two hierarchies)"
    )


def test_a_difference_that_is_none() -> None:
    assert class_difference(["a"], ["a"], ("x", "y")) == ""


def test_a_file_that_does_not_say_of_which_hierarchy_it_is(zoo: Taxonomy, tmp_path: Path) -> None:
    path = tmp_path / "e.w2v"
    embed(zoo).save(path)
    e = load(path, zoo)
    assert same_hierarchy(e, zoo) is None
    with pytest.raises(TaxoError) as error:
        load(path, zoo.with_classes(zoo.classes[::-1]))
    assert str(error.value).startswith(f"{path} does not say which hierarchy it was made from, but 'zoo' has ")
    assert "class 0 is 'cat' in the embedding and 'snowy' in the hierarchy" in str(error.value)


def test_class_numbers_of_published_files_get_their_names(zoo: Taxonomy, tmp_path: Path) -> None:
    t = zoo.with_classes(zoo.classes, [3, 5, 7, 9])
    embed(t).save(tmp_path / "e.pickle")
    assert load(tmp_path / "e.pickle").classes == ("3", "5", "7", "9")
    e = load(tmp_path / "e.pickle", t)
    assert e.classes == zoo.classes
    assert check(e, t).max_deviation < 1e-15
    assert named(embed(zoo), t) == embed(zoo)
    other = replace(e, classes=("3", "5", "7", "8"))
    assert named(other, t) is other
    with pytest.raises(TaxoError, match="'3', '5', '7', '8' only in the embedding"):
        fitted(other, t)


def test_underscores_of_word2vec_become_blanks_again(tmp_path: Path) -> None:
    birds = load_hierarchy("cub-deep")
    embed(birds).save(tmp_path / "e.w2v")
    assert load(tmp_path / "e.w2v").classes[0] == birds.classes[0].replace(" ", "_") != birds.classes[0]
    assert load(tmp_path / "e.w2v", birds).classes == birds.classes
    both = from_edges([("r", "a b"), ("r", "a_b")])  # here they would mean two
    e = replace(
        load(tmp_path / "e.w2v"), classes=("a_b",), vectors=np.ones((1, 1)), labels=np.zeros(1, int), axes=("x",)
    )
    assert named(e, both) is e


def test_published_embeddings_of_cub(data: Path, tmp_path: Path) -> None:
    """The published numbers, written in the published layout, are those of the built-in hierarchy."""
    import pickle

    with np.load(data / "embeddings" / "cub_balanced.unitsphere.npz") as file:
        labels, vectors = file["labels"].tolist(), file["embedding"]
    value = {"ind2label": labels, "label2ind": {c: i for i, c in enumerate(labels)}, "embedding": vectors}
    (tmp_path / "cub.pickle").write_bytes(pickle.dumps(value))
    e = load(tmp_path / "cub.pickle", load_hierarchy("cub-deep"))
    assert check(e, load_hierarchy("cub-deep")).max_deviation < 1e-12


@pytest.mark.parametrize("name", [name for name, format in FORMATS.items() if format.sign])
def test_embeddings_and_hierarchies_of_one_suffix(name: str, zoo: Taxonomy, tmp_path: Path) -> None:
    for suffix in FORMATS[name].suffixes:
        path = tmp_path / f"x{suffix}"
        assert not is_embedding_file(path)
        save(embed(zoo), path)
        assert is_embedding_file(path)
        if suffix not in (".pickle", ".pkl"):
            write(zoo, path, lossy=True)
            assert not is_embedding_file(path)
            assert read(path).n_classes == 4


def test_pickled_trees_and_published_embeddings(tmp_path: Path) -> None:
    import pickle

    tree = pytest.importorskip("nltk.tree").Tree
    for protocol in range(6):
        value = {"embedding": np.eye(2), "ind2label": [0, 1], "label2ind": {0: 0, 1: 1}}
        (tmp_path / "e.pkl").write_bytes(pickle.dumps(value, protocol))
        assert is_embedding_file(tmp_path / "e.pkl")
        (tmp_path / "t.pkl").write_bytes(pickle.dumps(tree("embedding", ["a", tree("ind2label", ["b"])]), protocol))
        assert not is_embedding_file(tmp_path / "t.pkl")


def test_other_suffixes_go_by_the_name_alone() -> None:
    names = {
        "x.npz": True,
        "X.NPZ": True,
        "x.pt": True,
        "x.vec": True,
        "x.txt": False,
        "cub-deep": False,
        "x.csv.gz": False,
    }
    assert {name: is_embedding_file(name) for name in names} == names
