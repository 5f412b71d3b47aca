"""Broken embeddings in files of arrays, made by code: what the readers say about each."""

import io
import json
import pickle
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from taxo.embeddings import Embedding, embed, load
from taxo.taxonomy import FormatError, TaxoError, Taxonomy


@pytest.fixture
def e(zoo: Taxonomy) -> Embedding:
    return embed(zoo)


@pytest.fixture
def sparse(zoo: Taxonomy) -> Embedding:
    return embed(zoo, "nodes")


def says(path: Path) -> str:
    with pytest.raises(FormatError) as error:
        load(path)
    assert str(error.value).startswith(f"{path}: ")
    return str(error.value).removeprefix(f"{path}: ")


def header_of(path: Path) -> tuple[dict[str, Any], bytes]:
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def with_header(path: Path, header: object, data: bytes) -> Path:
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)
    return path


WEIGHTS = "its metadata lack 'classes' or 'meta': weights of a network, perhaps, and no embedding"
NO_PLACE = "tensor 'vectors' has no proper shape or place; build the embedding again"


@pytest.mark.parametrize(
    ("tensor", "change", "message"),
    [
        ("vectors", {"dtype": "BF16"}, "tensor 'vectors' has the dtype 'BF16'; known are F64, F32, I64, I32"),
        ("vectors", {"dtype": 3}, "tensor 'vectors' has the dtype '3'; known are F64, F32, I64, I32"),
        ("vectors", {"dtype": "I64"}, "vectors are int64 of shape (4, 4), not (n_classes, dim) floats"),
        ("vectors", {"shape": [16]}, "vectors are float64 of shape (16,), not (n_classes, dim) floats"),
        ("vectors", {"shape": [2, 8]}, "an embedding of 4 classes needs an array (4, dim), not one of shape (2, 8)"),
        ("vectors", {"shape": [4, -4]}, NO_PLACE),
        ("vectors", {"shape": [4, 4.0]}, NO_PLACE),
        ("vectors", {"shape": None}, NO_PLACE),
        ("vectors", {"data_offsets": [0]}, NO_PLACE),
        (
            "vectors",
            {"shape": [1 << 40, 1 << 40]},
            f"tensor 'vectors' of shape [{1 << 40}, {1 << 40}] does not fit into its place; is the file whole?",
        ),
        (
            "vectors",
            {"data_offsets": [1 << 40, (1 << 40) + 128]},
            "tensor 'vectors' of shape [4, 4] does not fit into its place; is the file whole?",
        ),
        ("labels", {"dtype": "F64"}, "labels must be whole numbers, one for each class"),
        ("__metadata__", {"classes": None}, WEIGHTS),
        ("__metadata__", {"classes": "[1]"}, "its classes are no list of texts; build the embedding again"),
        ("__metadata__", {"axes": "x"}, "its axes are no JSON (Expecting value: line 1 column 1 (char 0)); build the embedding again"),
        ("__metadata__", {"axes": "[]"}, "4 classes and 4 dimensions do not fit 4 class numbers and 0 names of axes"),
        ("__metadata__", {"meta": "[]"}, "its meta has no proper 'method'; build the embedding again"),
        ("__metadata__", {"classes": '["a", "a", "b", "c"]'}, "class 'a' is given twice"),
    ],
)  # fmt: skip
def test_headers_of_safetensors(
    e: Embedding, tmp_path: Path, tensor: str, change: dict[str, object], message: str
) -> None:
    path = tmp_path / "e.safetensors"
    e.save(path)
    header, data = header_of(path)
    header[tensor] |= change
    assert says(with_header(path, header, data)) == message


def test_other_safetensors(e: Embedding, tmp_path: Path) -> None:
    path = tmp_path / "e.safetensors"
    e.save(path)
    whole = path.read_bytes()
    for cut in (0, 7, 100):
        path.write_bytes(whole[:cut])
        assert says(path) == "no .safetensors file, or its end is missing; build the embedding again"
    path.write_bytes(whole[:-1])
    assert says(path) == "tensor 'vectors' of shape [4, 4] does not fit into its place; is the file whole?"
    path.write_bytes(struct.pack("<Q", 1 << 63) + b"{}")
    assert says(path) == "no .safetensors file, or its end is missing; build the embedding again"
    path.write_bytes(struct.pack("<Q", 4) + b"{\xff\xff}")
    assert says(path).startswith("its header is no JSON (")
    assert says(with_header(path, [], b"")) == "its header is no JSON object; build the embedding again"
    weight = {"conv.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    assert says(with_header(path, weight, b"\0" * 4)) == "it has no tensor 'vectors' (it has conv.weight)"
    header, data = header_of(with_header(path, *header_of_whole(whole)))
    del header["__metadata__"]
    assert says(with_header(path, header, data)) == WEIGHTS
    header["vectors"] = "F64"
    assert "tensor 'vectors' has the dtype 'None'" in says(with_header(path, header, data))


def header_of_whole(whole: bytes) -> tuple[object, bytes]:
    length = struct.unpack("<Q", whole[:8])[0]
    return json.loads(whole[8 : 8 + length]), whole[8 + length :]


NAN = "4 rows of vectors hold NaN or infinity, first row 0"


def test_numbers_that_are_not_finite(e: Embedding, sparse: Embedding, tmp_path: Path) -> None:
    for value in (np.nan, np.inf, -np.inf):
        dense = replace_vectors(e, np.full((4, 4), value))
        data = sparse.vectors.copy()
        data.data = np.full_like(data.data, value)
        for suffix in (".npz", ".safetensors", ".pickle"):
            dense.save(tmp_path / f"e{suffix}")
            assert says(tmp_path / f"e{suffix}") == NAN
        for suffix in (".npz", ".safetensors"):
            replace_vectors(sparse, data).save(tmp_path / f"s{suffix}")
            assert says(tmp_path / f"s{suffix}") == "the sparse vectors hold NaN or infinity"


def replace_vectors(e: Embedding, vectors: Any) -> Embedding:
    from dataclasses import replace

    return replace(e, vectors=vectors)


def test_big_finite_numbers_are_fine(e: Embedding, tmp_path: Path) -> None:
    replace_vectors(e, np.full((4, 4), 1.7e308)).save(tmp_path / "e.npz")  # their sum is not finite
    assert load(tmp_path / "e.npz").vectors[0, 0] == 1.7e308


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"indices": np.array([9, 9, 9, 9])}, "do not fit together"),
        ({"indptr": np.array([0, 1])}, "do not fit together"),
        ({"shape": np.array([4])}, "are no sparse matrix of floats"),
        ({"shape": np.array([1 << 62, 1 << 62])}, "do not fit together"),
        ({"data": np.array([1, 2])}, "are no sparse matrix of floats"),
        ({"indices": np.zeros((2, 2), dtype=int)}, "are no sparse matrix of floats"),
    ],
)
def test_sparse_parts(sparse: Embedding, tmp_path: Path, changes: dict[str, np.ndarray], message: str) -> None:
    path = tmp_path / "s.npz"
    sparse.save(path)
    with np.load(path) as file:
        arrays = {**file, **changes}
    np.savez(path, **arrays)
    assert message in says(path)


def test_a_column_twice_in_a_row(sparse: Embedding, tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    sparse.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["indices"][:] = 0
    np.savez(path, **arrays)
    assert says(path) == "a row of the sparse matrix gives a column twice or out of order"


def test_a_small_file_that_unfolds_to_gigabytes(tmp_path: Path) -> None:
    """Two packed entries of which the table of contents says that each unfolds to 4 GiB."""
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("vectors.npy", "classes.npy"):
            archive.writestr(name, b"")
            archive.infolist()[-1].file_size = (1 << 32) - 2
    assert says(path) == "unfolds to more than 4 GiB; np.savez writes without packing"


def test_an_array_of_a_claimed_size(tmp_path: Path) -> None:
    path = tmp_path / "e.npz"
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (1 << 24, 1 << 24)})
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("vectors", "classes", "labels", "meta"):
            archive.writestr(f"{name}.npy", head.getvalue())
    assert says(path).startswith(("an array in it cannot be read (", "does not fit into memory"))


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:Validating sparse tensor invariants")
def test_pt_files(e: Embedding, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "e.pt"
    e.save(path)
    good = torch.load(path, weights_only=True)

    def saved(**changes: object) -> str:
        torch.save({k: v for k, v in {**good, **changes}.items() if v is not None}, path)
        return says(path)

    assert saved(vectors=None).startswith("it has no 'vectors' (it has classes, labels, axes, meta)")
    assert saved(meta=None).startswith("it has no 'meta'")
    assert saved(vectors=[[1.0]]) == "'vectors' must be a tensor, not a list"
    assert (
        saved(vectors=good["vectors"].half())
        == "'vectors' is torch.float16; known are float64, float32, int64 and int32"
    )
    assert saved(vectors=good["vectors"].long()) == "vectors are int64 of shape (4, 4), not (n_classes, dim) floats"
    assert saved(vectors=good["vectors"] * torch.nan) == NAN
    sparse_tensor = "it holds a sparse tensor; sparse vectors are data, indices, indptr and shape"
    assert saved(vectors=good["vectors"].to_sparse()) == sparse_tensor
    assert saved(classes="cat") == "classes and axes must be lists of texts"
    assert saved(labels=good["vectors"]) == "meta must be a text, and labels whole numbers, one for each class"
    torch.save([1, 2], path)
    assert says(path) == "it holds a list; a dictionary is expected"
    torch.save({"vectors": np.eye(2)}, path)
    assert says(path).startswith("no .pt file of tensors, numbers and texts (")
    path.write_bytes(pickle.dumps({"vectors": 1}))
    assert says(path).startswith("no .pt file of tensors, numbers and texts (File is not a zip file")


@pytest.mark.torch
def test_a_tensor_that_claims_more_than_its_record(e: Embedding, tmp_path: Path) -> None:
    """Older versions of torch believe the length in the pickle, and hand over what lies behind the record in memory."""
    pytest.importorskip("torch")
    path = tmp_path / "e.pt"
    e.save(path)
    with zipfile.ZipFile(path) as archive:
        records = {item.filename: archive.read(item) for item in archive.infolist()}
    name = next(name for name, record in records.items() if len(record) == 128)  # 4 x 4 numbers
    records[name] = records[name][:64]
    with zipfile.ZipFile(path, "w") as archive:
        for key, record in records.items():
            archive.writestr(key, record)
    assert says(path).startswith(("a tensor in it is not as long as its record", "no .pt file of tensors, numbers"))


class Malicious:
    """Would run a command when loaded."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        import os

        return os.mkdir, ("made-by-a-pickle",)


def test_nothing_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e.pickle").write_bytes(pickle.dumps({"embedding": Malicious(), "ind2label": [], "label2ind": {}}))
    assert says(tmp_path / "e.pickle").startswith("refused: it asks for 'posix.mkdir'")
    np.savez(tmp_path / "e.npz", vectors=np.array([Malicious()], dtype=object), classes=0, labels=0, meta=0)
    assert "cannot be read" in says(tmp_path / "e.npz")
    assert not (tmp_path / "made-by-a-pickle").exists()


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".csv", ".tsv", ".json", ".vec", ".pickle"])
def test_files_that_cannot_be_read(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(TaxoError, match=rf"none\{suffix}: cannot be read: No such file"):
        load(tmp_path / f"none{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(TaxoError, match=rf"folder\{suffix}: cannot be read: Is a directory"):
        load(tmp_path / f"folder{suffix}")


def test_pt_without_torch(e: Embedding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "taxo.training.embedding_file", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TaxoError) as error:
        e.save(tmp_path / "e.pt")
    assert str(error.value) == "the format pt needs torch: install the extra `train`, or take .safetensors"
    assert not list(tmp_path.iterdir())


def test_json_that_would_fill_the_memory(e: Embedding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from taxo.embeddings.formats import json_object

    e.save(tmp_path / "e.json")
    monkeypatch.setattr(json_object, "_PER_BYTE", 1 << 50)
    with pytest.raises(TaxoError, match=r"e\.json: reading 0\.0 GiB of JSON would need about \d+ GiB, .*; take \.npz"):
        load(tmp_path / "e.json")
