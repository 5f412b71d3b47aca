"""Writing and reading is the identity, as far as a format holds what there is."""

import pickle
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from embedding_strategies import SPARSE, WITH_META, embeddings, formats, needs
from hypothesis import HealthCheck, assume, given, settings

from taxo.embeddings import Embedding, embed, load, save
from taxo.embeddings.formats import numerals
from taxo.embeddings.formats.registry import FORMATS
from taxo.hierarchies import load as load_hierarchy
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, flat
from taxo.taxonomy.formats.tidy import tidy

# The log of one example may be seen by the next.
SETTINGS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(e: Embedding, format: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        save(e, Path(folder) / "x", format=format)
        return (Path(folder) / "x").read_bytes()


def again(e: Embedding, format: str) -> Embedding:
    with tempfile.TemporaryDirectory() as folder:
        save(e, Path(folder) / "x", format=format)
        return load(Path(folder) / "x", format=format)


def bits(vectors: object) -> tuple[str, bytes]:
    """The numbers bit by bit, which tells 0.0 and -0.0 apart."""
    dense = vectors if isinstance(vectors, np.ndarray) else vectors.toarray()  # type: ignore[attr-defined]
    return str(dense.dtype), dense.tobytes()


@pytest.mark.parametrize("format", formats(WITH_META))
@given(e=embeddings())
@SETTINGS
def test_everything_comes_back(format: str, e: Embedding) -> None:
    needs(format)
    found = again(e, format)
    assert bits(found.vectors) == bits(e.vectors)
    assert found.is_sparse == (e.is_sparse and FORMATS[format].holds_sparse)
    assert (found.classes, found.axes, found.labels.tolist()) == (e.classes, e.axes, e.labels.tolist())
    assert (found.recipe, found.hierarchy, found.fingerprint) == (e.recipe, e.hierarchy, e.fingerprint)
    assert found.verification == e.verification
    if found.is_sparse == e.is_sparse:
        assert found == e
        assert written(found, format) == written(e, format)


@given(e=embeddings())
@SETTINGS
def test_word2vec_keeps_names_without_blanks_and_numbers(e: Embedding) -> None:
    words = ["".join("_" if letter.isspace() else letter for letter in name) for name in e.classes]
    assume(len(set(words)) == len(words))
    found = again(e, "word2vec")
    assert found.classes == tuple(words)
    assert found.vectors.dtype == np.float64
    assert np.array_equal(found.vectors.astype(e.vectors.dtype), e.dense())
    assert (found.fingerprint, found.method, found.labels.tolist()) == ("", "unknown", list(range(len(words))))


@pytest.mark.parametrize("format", ["pickle", "pickle-names"])
@given(e=embeddings())
@SETTINGS
def test_the_published_layout_keeps_numbers_or_names(format: str, e: Embedding) -> None:
    names = tuple(map(tidy, e.classes))  # as the reader of published labels does
    assume(format == "pickle" or (all(names) and len(set(names)) == len(names)))
    found = again(e, format)
    assert bits(found.vectors) == bits(e.vectors)
    if format == "pickle":
        assert found.classes == tuple(map(str, e.labels.tolist()))
        assert found.labels.tolist() == e.labels.tolist()
    else:
        assert found.classes == names
    assert found.fingerprint == ""


@pytest.mark.parametrize("format", formats(list(FORMATS)))
def test_the_same_embedding_gives_the_same_bytes(format: str, tmp_path: Path) -> None:
    needs(format)
    e = embed(load_hierarchy("cifar100"))
    for name in ("one", "another name"):
        save(e, tmp_path / name, format=format)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "another name").read_bytes()


def full_disk(path: Path, *args: object, **named: object) -> object:
    raise OSError(28, "No space left")


@pytest.mark.parametrize("format", formats(list(FORMATS)))
def test_what_was_written_by_half_is_not_there(
    format: str, zoo: Taxonomy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(format)
    path = tmp_path / "x"
    path.write_text("old")
    e = embed(zoo)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full_disk)
        with pytest.raises(TaxoError, match="x: cannot be written: No space left"):
            save(e, path, format=format)
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    assert path.read_bytes() == b"old"


def test_a_deviation_that_nobody_measured_is_null_in_files(zoo: Taxonomy, tmp_path: Path) -> None:
    embed(zoo).save(tmp_path / "e.w2v")
    unknown = load(tmp_path / "e.w2v")
    assert np.isnan(unknown.max_deviation)
    unknown.save(tmp_path / "e.json")
    assert '"max_deviation": null' in (tmp_path / "e.json").read_text()
    assert np.isnan(load(tmp_path / "e.json").max_deviation)


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "word2vec"])
def test_sparse_vectors_that_are_too_many_numbers(
    format: str, zoo: Taxonomy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numerals, "_MOST_ZEROS", 23)
    e = embed(zoo, "nodes")
    with pytest.raises(NotEmbeddable) as error:
        save(e, tmp_path / "x", format=format)
    assert str(error.value) == (
        f"written out, the sparse vectors of 4 classes in {e.dim} dimensions are {4 * e.dim} numbers, more than 23; "
        ".npz, .safetensors and .pt keep them sparse"
    )
    assert not list(tmp_path.iterdir())
    assert {f".{name}" for name in SPARSE} == {".npz", ".safetensors", ".pt"}


@pytest.mark.parametrize("value", [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 2**-149, 16777217.0])
def test_digits_are_enough(value: float, tmp_path: Path, zoo: Taxonomy) -> None:
    for dtype in (np.float64, np.float32):
        with np.errstate(over="ignore"):
            vectors = np.full((4, 4), value, dtype=dtype)
        if not np.isfinite(vectors).all():
            continue
        e = replace(embed(zoo), vectors=vectors)
        for format in ("csv", "tsv", "json"):
            assert bits(again(e, format).vectors) == bits(e.vectors)


def test_remarks_say_what_is_lost(zoo: Taxonomy, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    e = embed(flat(["barn owl", "gull"], "birds"))
    save(e, tmp_path / "e.vec")
    save(embed(zoo, "nodes"), tmp_path / "e.pickle")
    save(e, tmp_path / "e.pkl", format="pickle-names")
    load(tmp_path / "e.vec")
    load(tmp_path / "e.pkl")
    save(e, tmp_path / "e.csv")
    load(tmp_path / "e.csv")
    taken = "holds no method, hierarchy or fingerprint; dot products are taken to stand for the measure lcs-height"
    assert [record.getMessage() for record in caplog.records] == [
        "word2vec holds names and vectors only: class numbers, axes, method, hierarchy, fingerprint and deviations are "
        "left out; 1 names have underscores instead of blanks",
        "the published layout has class numbers as labels: names, axes, method, hierarchy, fingerprint and deviations "
        "are left out; the sparse vectors are written out",
        "the published layout has names as labels: class numbers, axes, method, hierarchy, fingerprint and deviations "
        "are left out",
        f"{tmp_path}/e.vec: word2vec {taken}",
        f"{tmp_path}/e.pkl: the published layout {taken}",
    ]


def test_names_that_become_the_same_in_word2vec(tmp_path: Path) -> None:
    with pytest.raises(TaxoError) as error:
        save(embed(flat(["barn owl", "barn_owl"])), tmp_path / "x.w2v")
    assert str(error.value) == (
        "word2vec has no blanks in names: 'barn owl' and 'barn_owl' would both be called 'barn_owl'; rename one of "
        "them (taxo edit rename), or take another format"
    )


def test_two_classes_of_one_number_have_no_published_layout(zoo: Taxonomy, tmp_path: Path) -> None:
    e = replace(embed(zoo), labels=np.array([1, 1, 2, 3]))
    with pytest.raises(TaxoError, match="two classes have the same number"):
        save(e, tmp_path / "x.pickle")
    save(e, tmp_path / "x.pickle", format="pickle-names")
    assert load(tmp_path / "x.pickle").classes == zoo.classes


def test_pickle_load_of_our_own_file(zoo: Taxonomy, tmp_path: Path) -> None:
    """The published code does just this (`learn_image_embeddings.py`)."""
    e = embed(zoo.with_classes(zoo.classes, [7, 3, 5, 1]))
    save(e, tmp_path / "x.pickle")
    found = pickle.loads((tmp_path / "x.pickle").read_bytes())
    assert list(found) == ["ind2label", "label2ind", "embedding"]
    assert found["ind2label"] == [7, 3, 5, 1]
    assert found["label2ind"] == {7: 0, 3: 1, 5: 2, 1: 3}
    assert np.array_equal(found["embedding"], e.vectors)
    assert found["embedding"].flags.writeable
