r"""The layouts are contracts: exact text, and what independent readers find.

The example, classes numbered 3 and 7, axes called by the classes:

        bird
       /    \
    owl #1   gull
"""

import csv
import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import taxo
from taxo.embeddings import Embedding, embed, load
from taxo.taxonomy import from_edges

OWL = "owl, #1"


@pytest.fixture
def birds() -> Embedding:
    t = from_edges([("bird", OWL), ("bird", "gull")], class_numbers={OWL: 3, "gull": 7}, name="birds")
    return replace(embed(t), vectors=np.array([[1.0, 0.0], [1 / 3, -0.5]]))


def meta(e: Embedding) -> str:
    return (
        '"method": "exact", "measure": "lcs-height", "heights": "levels", "ic": "", "dag": "", "seed": 0, '
        f'"extended": 0, "hierarchy": "birds", "fingerprint": "{e.fingerprint}", "max_deviation": 0.0, '
        '"mean_deviation": 0.0, "max_norm_error": 0.0, "least_eigenvalue": 1.0, "pairs": null, '
        f'"version": "{taxo.__version__}"'
    )


def test_csv(birds: Embedding, tmp_path: Path) -> None:
    birds.save(tmp_path / "e.csv")
    assert (tmp_path / "e.csv").read_bytes().decode() == (
        f'# taxo embedding 1\n# meta: {{"dtype": "float64", {meta(birds)}}}\n# labels: [3, 7]\n'
        'class,"owl, #1",gull\n"owl, #1",1.0,0.0\ngull,0.3333333333333333,-0.5\n'
    )


def test_tsv_in_single_precision(birds: Embedding, tmp_path: Path) -> None:
    replace(birds, vectors=birds.dense(np.float32)).save(tmp_path / "e.tsv")
    assert (tmp_path / "e.tsv").read_bytes().decode() == (
        f'# taxo embedding 1\n# meta: {{"dtype": "float32", {meta(birds)}}}\n# labels: [3, 7]\n'
        'class\t"owl, #1"\tgull\n"owl, #1"\t1\t0\ngull\t0.333333343\t-0.5\n'
    )


def test_json(birds: Embedding, tmp_path: Path) -> None:
    birds.save(tmp_path / "e.json")
    lines = meta(birds).replace(', "', ',\n"')
    assert (tmp_path / "e.json").read_bytes().decode() == (
        f'{{"taxo_embedding": 1,\n"dtype": "float64",\n{lines},\n"classes": ["owl, #1", "gull"],\n"labels": [3, 7],\n'
        '"axes": ["owl, #1", "gull"],\n"vectors": [\n[1.0, 0.0],\n[0.3333333333333333, -0.5]\n]}\n'
    )
    found = json.loads((tmp_path / "e.json").read_text())
    assert found["vectors"] == birds.vectors.tolist()


def test_word2vec(birds: Embedding, tmp_path: Path) -> None:
    birds.save(tmp_path / "e.vec")
    assert (tmp_path / "e.vec").read_bytes() == b"2 2\nowl,_#1 1.0 0.0\ngull 0.3333333333333333 -0.5\n"


def test_tables_through_the_csv_module(birds: Embedding, tmp_path: Path) -> None:
    for suffix, delimiter in ((".csv", ","), (".tsv", "\t")):
        birds.save(tmp_path / f"e{suffix}")
        lines = (tmp_path / f"e{suffix}").read_text().splitlines()
        titles, *rows = csv.reader([line for line in lines if not line.startswith("#")], delimiter=delimiter)
        assert titles == ["class", *birds.axes]
        assert [row[0] for row in rows] == list(birds.classes)
        assert [list(map(float, row[1:])) for row in rows] == birds.vectors.tolist()


def test_tables_through_pandas(birds: Embedding, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    birds.save(tmp_path / "e.csv")
    birds.save(tmp_path / "e.tsv")
    for table in (
        pandas.read_csv(tmp_path / "e.csv", comment="#", index_col=0),
        pandas.read_csv(tmp_path / "e.tsv", comment="#", index_col=0, sep="\t"),
    ):
        assert table.index.tolist() == list(birds.classes)
        assert table.columns.tolist() == list(birds.axes)
        np.testing.assert_allclose(table.to_numpy(), birds.vectors, rtol=1e-15)  # older ones round by the way
    table.to_csv(tmp_path / "plain.csv")
    assert np.array_equal(load(tmp_path / "plain.csv").vectors, table.to_numpy())


def test_word2vec_through_gensim(birds: Embedding, tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    birds.save(tmp_path / "e.vec")
    found = models.KeyedVectors.load_word2vec_format(str(tmp_path / "e.vec"))
    assert found.index_to_key == ["owl,_#1", "gull"]
    assert np.array_equal(found.vectors, birds.dense(np.float32))
    found.save_word2vec_format(str(tmp_path / "theirs.vec"))
    assert np.array_equal(load(tmp_path / "theirs.vec").dense(np.float32), birds.dense(np.float32))


def test_safetensors_byte_by_byte(birds: Embedding, tmp_path: Path) -> None:
    birds.save(tmp_path / "e.safetensors")
    raw = (tmp_path / "e.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    assert length % 8 == 0
    header = json.loads(raw[8 : 8 + length])
    assert header["labels"] == {"dtype": "I64", "shape": [2], "data_offsets": [0, 16]}
    assert header["vectors"] == {"dtype": "F64", "shape": [2, 2], "data_offsets": [16, 48]}
    assert {key: json.loads(text) for key, text in header["__metadata__"].items()} == {
        "classes": ["owl, #1", "gull"],
        "axes": ["owl, #1", "gull"],
        "meta": json.loads(f"{{{meta(birds)}}}"),
    }
    assert raw[8 + length :] == birds.labels.astype("<i8").tobytes() + birds.vectors.astype("<f8").tobytes()


@pytest.mark.parametrize("method", ["exact", "nodes"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_safetensors_through_the_library(birds: Embedding, tmp_path: Path, method: str, dtype: str) -> None:
    safetensors = pytest.importorskip("safetensors")
    numpy = pytest.importorskip("safetensors.numpy")
    e = embed(from_edges([("bird", "owl"), ("bird", "x"), ("x", "gull"), ("x", "tern")]), method, dtype=dtype)
    e.save(tmp_path / "e.safetensors")
    with safetensors.safe_open(tmp_path / "e.safetensors", "numpy") as file:
        assert json.loads(file.metadata()["classes"]) == list(e.classes)
        texts = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert np.array_equal(tensors["labels"], e.labels)
    if e.is_sparse:
        assert np.array_equal(tensors["data"], e.vectors.data)
        assert tensors["shape"].tolist() == list(e.vectors.shape)
    else:
        assert np.array_equal(tensors["vectors"], e.vectors)
    numpy.save_file(tensors, tmp_path / "theirs.safetensors", metadata=texts)
    assert load(tmp_path / "theirs.safetensors") == e


@pytest.mark.torch
def test_pt_through_torch(birds: Embedding, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    birds.save(tmp_path / "e.pt")
    found = torch.load(tmp_path / "e.pt", weights_only=True)
    assert list(found) == ["vectors", "classes", "labels", "axes", "meta"]
    assert torch.equal(found["vectors"], torch.tensor(birds.vectors))
    assert found["classes"] == list(birds.classes)
    assert found["labels"].tolist() == [3, 7]
    assert json.loads(found["meta"]) == json.loads(f"{{{meta(birds)}}}")
    torch.save({key: found[key] for key in found if key != "axes"}, tmp_path / "theirs.pt")
    assert load(tmp_path / "theirs.pt").axes == ("0", "1")


@pytest.mark.torch
def test_sparse_pt_through_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    e = embed(from_edges([("bird", "owl"), ("bird", "x"), ("x", "gull"), ("x", "tern")]), "nodes")
    e.save(tmp_path / "e.pth")
    found = torch.load(tmp_path / "e.pth", weights_only=True)
    matrix = torch.sparse_coo_tensor(
        torch.tensor(np.array(e.vectors.nonzero())),
        found["data"],
        tuple(found["shape"].tolist()),
        check_invariants=True,
    )
    assert np.array_equal(matrix.to_dense().numpy(), e.dense())


def test_npz_keeps_sparse_parts(tmp_path: Path) -> None:
    e = embed(from_edges([("bird", "owl"), ("bird", "x"), ("x", "gull"), ("x", "tern")]), "nodes")
    e.save(tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz", allow_pickle=False) as file:
        assert set(file.files) == {"data", "indices", "indptr", "shape", "classes", "labels", "axes", "meta"}
        assert np.array_equal(file["data"], e.vectors.data)


PUBLISHED = bytes.fromhex(
    "80047d28"  # protocol 4, a dictionary
    "5809000000 696e64326c6162656c 5d28 4a03000000 4a07000000 65"  # ind2label: [3, 7]
    "5809000000 6c6162656c32696e64 7d28 4a03000000 4a00000000 4a07000000 4a01000000 75"  # label2ind: {3: 0, 7: 1}
    "5809000000 656d62656464696e67".replace(" ", "")  # embedding
)


def test_the_published_layout_byte_by_byte(birds: Embedding, tmp_path: Path) -> None:
    birds.save(tmp_path / "e.pickle")
    raw = (tmp_path / "e.pickle").read_bytes()
    assert raw.startswith(PUBLISHED)
    array = raw.removeprefix(PUBLISHED)
    # The name that NumPy 1 has, and NumPy 2 still reads.
    assert array.startswith(b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n")
    assert array.endswith(b"\x8e" + struct.pack("<Q", 32) + birds.vectors.tobytes() + b"tbu.")


def test_plain_files_of_other_programs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(',x,y\r\nowl,1,0\r\n\r\n"gull, small",.5,1e-3')
    (tmp_path / "a.tsv").write_text("\ufeffname\t0\t1\nowl\t1\t0\ngull\t0.5\t0.001\n")
    (tmp_path / "a.json").write_text('{"vectors": [[1, 0], [0.5, 1e-3]], "classes": ["owl", "gull"]}')
    (tmp_path / "a.vec").write_text("2 2\nowl 1 0 \ngull 0.5 1e-3 \n")
    for name in ("a.csv", "a.tsv", "a.json", "a.vec"):
        e = load(tmp_path / name)
        assert e.vectors.tolist() == [[1.0, 0.0], [0.5, 0.001]]
        assert (e.classes[0], e.hierarchy, e.fingerprint, e.labels.tolist()) == ("owl", "a", "", [0, 1])
    assert load(tmp_path / "a.csv").axes == ("x", "y")
    assert load(tmp_path / "a.csv").classes[1] == "gull, small"


def test_big_endian_arrays_become_native(birds: Embedding, tmp_path: Path) -> None:
    birds.save(tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "big.npz", **{**arrays, "vectors": arrays["vectors"].astype(">f8")})
    assert load(tmp_path / "big.npz") == birds
    assert load(tmp_path / "big.npz").vectors.dtype.isnative
