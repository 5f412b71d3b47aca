"""Lists of WordNet ids as a format."""

from pathlib import Path

import pytest

from taxo.taxonomy import FormatError, read
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.detect import sniff
from taxo.taxonomy.formats.source import Source
from taxo.taxonomy.wordnet.snapshot import load

LINES = "n02123394 Persian cat\nn02084071\tdog, domestic dog\n\n# a remark\nn02129165\n"


def test_classes_are_the_ids_in_order(tmp_path: Path) -> None:
    (tmp_path / "wnids.txt").write_text(LINES)
    t = read(tmp_path / "wnids.txt")
    assert t.classes == ("n02123394", "n02084071", "n02129165")
    assert t.class_labels == ("Persian cat", "dog", "lion")
    assert t.class_numbers.tolist() == [0, 1, 2]
    assert not t.is_tree
    assert t.synonyms[t.index("n02129165")] == ("king of beasts", "Panthera leo")


def test_it_is_what_lies_above_in_wordnet() -> None:
    nouns = load()
    t = parse(Source("ids", LINES))
    assert t == nouns.to_taxonomy([nouns.index(c) for c in t.classes])


def test_an_inner_noun_may_be_a_class() -> None:
    t = parse(Source("ids", "n02084071\nn02085620\n"))
    assert t.classes == ("n02084071", "n02085620")
    assert t.children.counts()[t.index("n02084071")] > 0


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("n02123394\n", "wordnet-ids"),
        ("n02123394 Persian cat\nn02084071 dog\n", "wordnet-ids"),
        ("n00001740 n00001930\nn00001740 n00002137\n", "pairs"),  # ImageNet's is_a
        ("n02123394\ncat\n", "text"),
        ("0 n02123394\n1 n02084071\n", "classes"),
        ("n021233940 a\nn02123395 b\n", "pairs"),
    ],
)
def test_detection(text: str, format: str) -> None:
    assert sniff(Source("x", text)) == format


def test_faults_are_reported_together() -> None:
    text = "n02084071\ncat\nn99999999 x\nn02084071\n"
    with pytest.raises(FormatError) as caught:
        parse(Source("ids", text), format="wordnet-ids")
    assert [line for line, _ in caught.value.faults] == [2, 3, 4]
    assert "ids:2: 'cat' does not begin with an id such as n02084071" in str(caught.value)
    assert "ids:3: no noun n99999999 in WordNet 3.0" in str(caught.value)
    assert "ids:4: n02084071 is given twice, first in line 1" in str(caught.value)


def test_an_empty_list() -> None:
    with pytest.raises(FormatError, match="holds no nodes"):
        parse(Source("ids", "# nothing\n"), format="wordnet-ids")


def test_tiny_imagenet(data: Path, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(data / "tiny-imagenet-32" / "tiny-imagenet-32-100classes.zip") as archive:
        text = archive.read("classes.txt").decode()
    t = parse(Source("classes.txt", text))
    assert t.n_classes == 100
    assert t.class_labels[0] == "goldfish"
    assert [line.split("\t")[0] for line in text.splitlines()] == list(t.classes)
