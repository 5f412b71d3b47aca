"""The value, its methods, the check, and files."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from taxo.embeddings import Embedding, check, embed, load
from taxo.taxonomy import FormatError, NotEmbeddable, TaxoError, Taxonomy, from_edges


def test_what_an_embedding_knows(zoo: Taxonomy) -> None:
    e = embed(zoo)
    assert e.classes == zoo.classes
    assert e.labels.tolist() == [0, 1, 2, 3]
    assert (e.method, e.measure, e.hierarchy, e.fingerprint) == ("exact", "lcs-height", "zoo", zoo.fingerprint)
    assert (e.dim, e.vectors.dtype) == (4, np.float64)
    assert repr(e) == "Embedding('zoo': exact, 4 classes, 4 dimensions, float64)"
    with pytest.raises(ValueError, match="read-only"):
        e.vectors[0, 0] = 2


def test_one_hot_tells_what_the_hierarchy_would_add(zoo: Taxonomy) -> None:
    e = embed(zoo, "onehot")
    np.testing.assert_array_equal(e.vectors, np.eye(4))
    # Off the diagonal S holds 2 x (1/3, 1/3, 2/3) and zeros: largest 2/3, mean (8/3) / 16.
    assert e.max_deviation == pytest.approx(2 / 3)
    assert e.mean_deviation == pytest.approx(8 / 3 / 16)


def test_cholesky_has_the_class_order_in_rows_and_columns(zoo: Taxonomy) -> None:
    e = embed(zoo, "cholesky")
    np.testing.assert_array_equal(e.vectors, np.tril(e.vectors))
    assert e.axes == zoo.classes
    assert e.max_deviation < 1e-15


def test_dtypes_and_unknown_methods(zoo: Taxonomy) -> None:
    assert embed(zoo, dtype="float32").vectors.dtype == np.float32
    with pytest.raises(TaxoError, match="dtype int32 is not offered"):
        embed(zoo, dtype="int32")
    with pytest.raises(TaxoError, match=r"unknown method 'onhot'; did you mean 'onehot'\?"):
        embed(zoo, "onhot")


def test_too_many_classes_for_the_memory(zoo: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PHYS_PAGES": 1, "SC_PAGE_SIZE": 128}[name])
    with pytest.raises(NotEmbeddable, match="dense vectors of 4 classes need about 0 GiB"):
        embed(zoo)


def test_check(zoo: Taxonomy) -> None:
    found = check(embed(zoo), zoo)
    assert (found.classes, found.dim, found.same_order) == (4, 4, True)
    assert found.max_deviation < 1e-15
    assert found.max_norm_error < 1e-15


def test_check_matches_classes_by_name(zoo: Taxonomy) -> None:
    found = check(embed(zoo), zoo.with_classes(zoo.classes[::-1]))
    assert not found.same_order
    assert found.max_deviation < 1e-15


def test_check_finds_a_wrong_vector(zoo: Taxonomy) -> None:
    e = embed(zoo)
    from dataclasses import replace

    longer = replace(e, vectors=e.vectors * np.array([[1], [1], [1], [1.5]]))
    found = check(longer, zoo)
    assert found.max_norm_error == pytest.approx(0.5)
    assert found.max_deviation == pytest.approx(1.5**2 - 1)


def test_check_lists_different_classes(zoo: Taxonomy) -> None:
    other = from_edges([("r", "cat"), ("r", "dog")])
    with pytest.raises(TaxoError, match=r"'dog' only in the hierarchy, 'barn', 'gull', 'snowy' only in the embed"):
        check(embed(zoo), other)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("method", ["exact", "cholesky", "onehot"])
def test_files_hold_everything(tmp_path: Path, zoo: Taxonomy, method: str, dtype: str) -> None:
    e = embed(zoo.with_classes(zoo.classes, [7, 3, 5, 1]), method, dtype=dtype)
    e.save(tmp_path / "e.npz")
    again = load(tmp_path / "e.npz")
    assert again == e
    assert again.vectors.dtype == dtype
    assert again.labels.tolist() == [7, 3, 5, 1]
    assert (again.hierarchy, again.max_deviation) == ("zoo", e.max_deviation)


def test_the_layout_of_a_file(tmp_path: Path, zoo: Taxonomy) -> None:
    embed(zoo).save(tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz", allow_pickle=False) as file:
        assert set(file.files) == {"vectors", "classes", "labels", "axes", "meta"}
        assert file["vectors"].shape == (4, 4)
        assert file["classes"].tolist() == ["cat", "gull", "barn", "snowy"]
        meta = json.loads(str(file["meta"]))
    keys = {"method", "measure", "hierarchy", "fingerprint", "max_deviation", "mean_deviation", "version"}
    more = {"heights", "ic", "dag", "seed", "extended", "max_norm_error", "least_eigenvalue", "pairs"}
    assert set(meta) == keys | more


def test_the_same_embedding_gives_the_same_bytes(tmp_path: Path, zoo: Taxonomy) -> None:
    for name in ("a.npz", "b.npz"):
        embed(zoo).save(tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def write_npz(path: Path, e: Embedding, **changes: object) -> Path:
    arrays = {"vectors": e.vectors, "classes": np.array(e.classes), "labels": e.labels, "axes": np.array(e.axes)}
    meta = {
        "method": "x",
        "measure": "x",
        "hierarchy": "x",
        "fingerprint": "x",
        "max_deviation": 0,
        "mean_deviation": 0,
    }
    contents = {**arrays, "meta": np.array(json.dumps(meta)), **changes}
    np.savez(path, **{k: v for k, v in contents.items() if v is not None})  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vectors": None}, "it has no array 'vectors'"),
        ({"vectors": np.full((4, 4), np.nan)}, "4 rows of vectors hold NaN or infinity, first row 0"),
        ({"vectors": np.ones((3, 4))}, r"4 classes needs an array \(4, dim\)"),
        ({"vectors": np.ones(4)}, r"vectors are float64 of shape \(4,\)"),
        ({"vectors": np.ones((4, 4), dtype=int)}, "vectors are int64"),
        ({"vectors": np.array([[object()]])}, "cannot be read"),
        ({"classes": np.array(["a", "a", "b", "c"])}, "class 'a' is given twice"),
        ({"classes": np.arange(4)}, "must be text"),
        ({"labels": np.arange(3)}, "do not fit"),
        ({"labels": np.zeros((4, 1), dtype=int)}, "one dimension each"),
        ({"meta": np.array("{")}, "its meta is no JSON"),
        ({"meta": np.array("[]")}, "its meta has no proper 'method'"),
        ({"meta": np.array('{"method": "x"}')}, "its meta has no proper 'measure'"),
        ({"meta": np.array('{"method": 3}')}, "its meta has no proper 'method'"),
    ],
)
def test_faulty_files(tmp_path: Path, zoo: Taxonomy, changes: dict[str, object], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load(write_npz(tmp_path / "e.npz", embed(zoo), **changes))


def test_files_without_axes(tmp_path: Path, zoo: Taxonomy) -> None:
    e = load(write_npz(tmp_path / "e.npz", embed(zoo), axes=None))
    assert e.axes == ("0", "1", "2", "3")
    np.testing.assert_array_equal(e.vectors, embed(zoo).vectors)


def test_truncated_and_foreign_files(tmp_path: Path, zoo: Taxonomy) -> None:
    file = write_npz(tmp_path / "e.npz", embed(zoo))
    whole = file.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 30):
        file.write_bytes(whole[:cut])
        with pytest.raises(FormatError, match=r"e\.npz: "):
            load(file)
    damaged = bytearray(whole)
    damaged[200] ^= 0xFF
    file.write_bytes(damaged)
    with pytest.raises(FormatError, match=r"e\.npz: "):
        load(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "dear reader")
    with pytest.raises(FormatError, match="it has no array 'vectors'"):
        load(file)


def test_files_that_cannot_be_read_or_written(tmp_path: Path, zoo: Taxonomy) -> None:
    with pytest.raises(TaxoError, match=r"none\.npz: cannot be read: No such file"):
        load(tmp_path / "none.npz")
    with pytest.raises(TaxoError, match=r"no format of embeddings has the suffix"):
        embed(zoo).save(tmp_path / "e.txt")
    with pytest.raises(TaxoError, match="cannot be written: No such file"):
        embed(zoo).save(tmp_path / "nowhere" / "e.npz")
