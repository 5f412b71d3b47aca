"""Pickles: what was published is read, and nothing else is run."""

import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxo.taxonomy import FormatError, TaxoError, read
from taxo.taxonomy.formats.pickles import read_published_embedding
from taxo.taxonomy.formats.unpickle import unpickle

EMBEDDING = np.arange(12.0).reshape(4, 3) - 3


def save(folder: Path, data: bytes) -> Path:
    (folder / "x.pkl").write_bytes(data)
    return folder / "x.pkl"


def fails(folder: Path, data: bytes) -> str:
    with pytest.raises(FormatError) as error:
        read(save(folder, data))
    assert str(error.value).startswith(f"{folder}/x.pkl: ")
    return str(error.value).partition("x.pkl: ")[2]


def nltk_tree() -> object:
    """As `compute_inaturalist19_hierarchy.py` makes it."""
    tree = pytest.importorskip("nltk.tree").Tree
    return tree(
        "root", [tree("node_B", ["nat0002", "nat0001"]), tree("node_A", [tree("node_C", ["nat0000"])]), "nat0003"]
    )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_trees_of_nltk(tmp_path: Path, protocol: int) -> None:
    t = read(save(tmp_path, pickle.dumps(nltk_tree(), protocol)))
    assert t.names == ("root", "node_B", "node_A", "nat0003", "nat0002", "nat0001", "node_C", "nat0000")
    assert t.parent.tolist() == [-1, 0, 0, 0, 1, 1, 2, 6]
    assert t.classes == ("nat0000", "nat0001", "nat0002", "nat0003")  # alphabetical, as in the published code
    assert t == read(tmp_path / "x.pkl", format="pickle")


def test_a_tree_needs_no_nltk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pickle.dumps(nltk_tree())
    monkeypatch.setitem(__import__("sys").modules, "nltk.tree", None)
    assert read(save(tmp_path, data)).n_classes == 4


def text2(text: str) -> bytes:
    """A text as Python 2 writes it."""
    raw = text.encode()
    return b"U" + bytes([len(raw)]) + raw


def test_a_tree_of_python_2(tmp_path: Path) -> None:
    data = b"\x80\x02cnltk.tree\nTree\nq\x01)\x81q\x02(" + text2("Käuze") + text2("b") + b"e}q\x03"
    data += text2("_label") + text2("root") + b"sb."
    assert read(save(tmp_path, data)).names == ("root", "Käuze", "b")
    # Before nltk 3 the label was called otherwise.
    assert read(save(tmp_path, data.replace(text2("_label"), text2("node")))).names[0] == "root"


def test_a_chain_too_deep_for_recursion(tmp_path: Path) -> None:
    n = 50_000
    data = b"\x80\x02cnltk.tree\nTree\nq\x00" + b"h\x00)\x81" * n + text2("leaf")
    data += b"".join(b"a}" + text2("_label") + text2(f"n{i}") + b"sb" for i in range(n)) + b"."
    assert read(save(tmp_path, data)).height == n


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", ["<f8", "<f4", ">f8"])
def test_published_embeddings(tmp_path: Path, protocol: int, kind: str) -> None:
    for labels in (["b", "a", "c", "d"], [7, 3, 4, 9], [np.int64(i) for i in (7, 3, 4, 9)]):
        for vectors in (EMBEDDING.astype(kind), np.asfortranarray(EMBEDDING.astype(kind))):
            value = {"ind2label": labels, "label2ind": {v: i for i, v in enumerate(labels)}, "embedding": vectors}
            file = save(tmp_path, pickle.dumps(value, protocol))
            found, names = read_published_embedding(file)
            assert found.dtype == np.dtype(kind)
            assert np.array_equal(found, EMBEDDING)
            assert names == list(map(str, labels))
    assert fails(tmp_path, file.read_bytes()).startswith("a published class embedding, no hierarchy; taxo.taxonomy.")


def test_an_embedding_of_python_2(tmp_path: Path) -> None:
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x02(cnumpy\nndarray\nq\x03K\x00\x85q\x04" + text2("b") + b"tRq\x06"
    )
    dtype = b"cnumpy\ndtype\nq\x07(" + text2("f8") + b"K\x00K\x01tRq\x08(K\x03" + text2("<") + b"NNNJ\xff\xff\xff\xff"
    dtype += b"J\xff\xff\xff\xffK\x00tb"
    state = b"(K\x01K\x04K\x03\x86q\x0a" + dtype + b"\x89U" + bytes([96]) + EMBEDDING.tobytes() + b"tb"
    labels = b"](K\x07K\x03K\x04K\x09e"
    index = b"}(K\x07K\x00K\x03K\x01K\x04K\x02K\x09K\x03u"
    data = b"\x80\x02}q\x01(" + text2("embedding") + array + state
    data += text2("ind2label") + labels + text2("label2ind") + index + b"u."
    found, names = read_published_embedding(save(tmp_path, data))
    assert np.array_equal(found, EMBEDDING)
    assert names == ["7", "3", "4", "9"]


def test_the_published_files_themselves(data: Path) -> None:
    """Where someone has put them beside the converted ones."""
    files = sorted((data / "embeddings").glob("*.pickle"))
    if not files:
        pytest.skip("no published pickles there")
    for file in files:
        vectors, names = read_published_embedding(file)
        assert len(vectors) == len(names)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ind2label": [1, 2]}, "2 labels for 4 vectors"),
        ({"ind2label": "abcd"}, "'ind2label' is no list of labels"),
        ({"label2ind": {1: 0}}, "'label2ind' is not the reverse of 'ind2label'"),
        ({"embedding": EMBEDDING[0]}, "'embedding' is no matrix of floating-point numbers"),
        ({"embedding": EMBEDDING.astype(int)}, "'embedding' is no matrix of floating-point numbers"),
        ({"embedding": EMBEDDING.tolist()}, "'embedding' is no matrix of floating-point numbers"),
    ],
)
def test_embeddings_whose_parts_do_not_fit(tmp_path: Path, change: dict[str, object], message: str) -> None:
    value = {"embedding": EMBEDDING, "ind2label": [4, 3, 2, 1], "label2ind": {4: 0, 3: 1, 2: 2, 1: 3}}
    file = save(tmp_path, pickle.dumps({**value, **change}))
    with pytest.raises(FormatError) as error:
        read_published_embedding(file)
    assert str(error.value) == f"{file}: {message}"
    del value["label2ind"]
    with pytest.raises(FormatError, match=r"x.pkl: no published embedding: label2ind is missing$"):
        read_published_embedding(save(tmp_path, pickle.dumps(value)))


class Malicious:
    """Would make a file when loaded."""

    def __init__(self, call: Callable[..., object], *args: object) -> None:
        self.parts = call, args

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.parts


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_is_run(tmp_path: Path, protocol: int) -> None:
    victim = tmp_path / "made"
    bad = Malicious(os.system, f"touch {victim}")
    for value in (bad, {"embedding": bad, "ind2label": [], "label2ind": {}}, [nltk_tree(), bad]):
        message = fails(tmp_path, pickle.dumps(value, protocol))
        assert "asks for 'posix.system'; plain values, nltk trees and numpy arrays are read, nothing else" in message
        with pytest.raises(FormatError):
            read_published_embedding(tmp_path / "x.pkl")
    assert not victim.exists()
    pickle.loads(pickle.dumps(bad, protocol))
    assert victim.exists(), "the same bytes do run in pickle.loads"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "refused: it asks for 'os.system'"),
        (b"(S'true'\nios\nsystem\n.", "refused: instruction INST at byte 9"),
        (b"(cos\nsystem\nS'true'\no.", "refused: instruction OBJ at byte 20"),
        (b"\x80\x02cbuiltins\neval\n.", "refused: it asks for 'builtins.eval'"),
        (b"\x80\x04\x8c\x08builtins\x8c\x0dgetattr.__x__\x93.", "refused: it asks for 'builtins.getattr.__x__'"),
        (b"\x80\x04\x8c\x09nltk.tree\x8c\x14Tree.__init__.__glob\x93.", "refused: it asks for 'nltk.tree.Tree.__init"),
        (b"\x80\x02\x82\x01.", "refused: instruction EXT1 at byte 2"),
        (b"Px\n.", "refused: instruction PERSID at byte 0"),
        (b"\x80\x02N2.", "refused: instruction DUP at byte 3"),
        (b"\x80\x04\x8f.", "refused: instruction EMPTY_SET at byte 2"),
    ],
)
def test_other_ways_of_running_something(tmp_path: Path, data: bytes, message: str) -> None:
    assert fails(tmp_path, data).startswith(message)


TREE = b"\x80\x02cnltk.tree\nTree\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        # The memo would grow to 32 GiB.
        (b"\x80\x02Nr\xff\xff\xff\xff.", "refused: place 4294967295 of the memo at byte 3"),
        (b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b"abc.", "no whole pickle (expected 1099511627776 bytes"),
        (b"\x80\x04\x8d" + struct.pack("<Q", 1 << 60) + b"abc.", "no whole pickle (expected 1152921504606846976 bytes"),
        # Hashing it would take 2^40 steps.
        (b"\x80\x02}K\x00\x85q\x00h\x00h\x00\x86q\x01h\x01h\x01\x86K\x00s.", "refused: a tuple used twice at byte 8"),
        # The same, the tuple hidden behind instructions that do nothing.
        (b"\x80\x02K\x00\x85Nbq\x00h\x00.", "refused: a tuple used twice at byte 9"),
        (b"\x80\x02K\x00\x85(eq\x00h\x00.", "refused: a tuple used twice at byte 9"),
        (b"\x80\x02\x8a\xff" + b"\x7f" * 255 + b".", "refused: an integer of more than 64 bits at byte 2"),
        # A megabyte of text, encoded again and again.
        (
            b"\x80\x02c_codecs\nencode\nq\x00X\x10\x00\x00\x00" + b"a" * 16 + b"q\x01" + b"h\x00h\x01\x85R" * 9 + b".",
            "refused: more bytes than the file has",
        ),
        (pickle.dumps(np.array([None, 1])), "refused: an array of dtype 'O8', not of numbers"),
        (pickle.dumps(np.array(["a"])), "refused: an array of dtype 'U1', not of numbers"),
        (
            pickle.dumps(np.zeros(3), 2).replace(b"K\x01K\x03\x85", b"K\x01J\xff\xff\xff\x7f\x85"),
            "refused: an array of shape (2147483647,) with 24 bytes",
        ),
        (TREE + b"U\x01a\x85R}" + text2("_label") + b"Nsb.", "a node below 'the top' has no text as its label"),
    ],
)
def test_small_files_that_would_take_much(tmp_path: Path, data: bytes, message: str) -> None:
    found = fails(tmp_path, data)
    assert found.startswith(message), found


def test_one_list_in_many_trees(tmp_path: Path) -> None:
    """10,000 trees that share a list of 10,000 leaves: a hundred million nodes in half a megabyte."""
    n = 10_000
    leaves = b"](" + b"".join(text2(f"l{i}") for i in range(n)) + b"eq\x00"

    def tree(i: int, children: bytes) -> bytes:
        made = b"ccopy_reg\n_reconstructor\n(h\x07c__builtin__\nlist\n" + children + b"tR"
        return made + b"}" + text2("_label") + text2(f"t{i}") + b"sb"

    trees = b"".join(tree(i, b"h\x00" if i else leaves) for i in range(n))
    data = TREE + b"q\x07)\x81(" + trees + b"e}" + text2("_label") + text2("root") + b"sb."
    assert fails(tmp_path, data).startswith("node 'l0' is given twice\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no whole pickle (pickle exhausted before seeing STOP); copy the file again"),
        (b"\x80\x04", "no whole pickle (pickle exhausted before seeing STOP); copy the file again"),
        (b"\x80\x09N.", "no whole pickle (unsupported pickle protocol: 9); copy the file again"),
        (b"\xffirds", "no whole pickle (at position 0, opcode b'\\xff' unknown"),
        (b"\x80\x02h\x00.", "no whole pickle (Memo value not found at index 0)"),
        (pickle.dumps([1, 2]), "the pickle holds a list; expected is an nltk.Tree"),
        (pickle.dumps(np.zeros(3)), "the pickle holds an array; expected is an nltk.Tree"),
        (pickle.dumps({"a": 1}), "the pickle holds a dict; expected is an nltk.Tree"),
    ],
)
def test_no_trees(tmp_path: Path, data: bytes, message: str) -> None:
    found = fails(tmp_path, data)
    assert found.startswith(message), found


def test_trees_that_are_none(tmp_path: Path) -> None:
    tree = pytest.importorskip("nltk.tree").Tree
    twice = tree("b", ["c"])
    assert (
        fails(tmp_path, pickle.dumps(tree("a", [twice, twice])))
        == "the subtree 'b' stands in two places; a tree is expected"
    )
    loop = tree("a", [])
    loop.append(loop)
    assert fails(tmp_path, pickle.dumps(loop)) == "the subtree 'a' stands in two places; a tree is expected"
    assert fails(tmp_path, pickle.dumps(tree("a", ["b", tree("c", ["b"])]))) == "node 'b' is given twice"
    message = "a node below 'a' has no text as its label"
    assert (
        fails(tmp_path, pickle.dumps(tree("a", [None]))) == fails(tmp_path, pickle.dumps(tree("a", [["b"]]))) == message
    )


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 62), 1 << 62) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(PLAIN, st.integers(3, pickle.HIGHEST_PROTOCOL))
@settings(max_examples=40)
def test_plain_values_come_back(value: object, protocol: int) -> None:
    assert unpickle("x", pickle.dumps(value, protocol)) == value


@given(st.data())
def test_damage_is_told(data: st.DataObject) -> None:
    value = {"embedding": EMBEDDING, "ind2label": [4, 3, 2, 1], "label2ind": {4: 0, 3: 1, 2: 2, 1: 3}}
    raw = bytearray(pickle.dumps(value, data.draw(st.integers(0, pickle.HIGHEST_PROTOCOL))))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpickle("x", bytes(raw))
    except TaxoError as error:
        assert str(error).startswith("x: ")  # noqa: PT017
