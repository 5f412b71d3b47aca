"""NABirds from a tiny copy of its layout, and its real class list."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
from PIL import Image

from taxo.hierarchies import load as built_in
from taxo.taxonomy import FormatError, TaxoError, Taxonomy, read
from taxo.training.data import DataConfig, find_splits, load_splits, match_classes
from taxo.training.data.frames import Centre
from taxo.training.data.nab import read_classes

pytestmark = pytest.mark.torch

CLASSES = ["0 Birds", "1 Hawks", "9 Ducks", "15 Hawk (Adult )", "16 Hawk  (Immature)", "817 Blue-winged  Teal"]
HIERARCHY = ["1 0", "9 0", "16 1", "15 1", "817 9"]
#: Class, is training image; the grey value is the place. The tables are in different orders.
IMAGES = [(817, 1), (16, 0), (15, 1), (16, 1), (15, 0), (817, 0)]


def uuid(place: int) -> str:
    return f"0000139e-21dc-4d0c-bfe1-4cae3c85c{place:03d}"


@pytest.fixture
def nab(tmp_path: Path) -> Path:
    """Folder `nabirds` with three classes in two groups, and six images."""
    root = tmp_path / "nabirds"
    paths = [f"{number:04d}/{uuid(i).replace('-', '')}.jpg" for i, (number, _) in enumerate(IMAGES)]
    for i, path in enumerate(paths):
        (root / "images" / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 6), (40 * i,) * 3).save(root / "images" / path)
    tables = {
        "images": [f"{uuid(i)} {path}" for i, path in enumerate(paths)],
        "image_class_labels": [f"{uuid(i)} {number}" for i, (number, _) in enumerate(IMAGES)][::-1],
        "train_test_split": [f"{uuid(i)} {is_train}" for i, (_, is_train) in enumerate(IMAGES)],
        "classes": CLASSES,
        "hierarchy": HIERARCHY,
    }
    for name, lines in tables.items():
        (root / f"{name}.txt").write_text("\n".join(lines) + "\n")
    return root


def config(root: Path) -> DataConfig:
    return DataConfig(dataset="nab", data=str(root), image_size=6)


def test_official_split_and_classes(nab: Path) -> None:
    listing = find_splits(config(nab))
    assert listing.train.classes == ("Hawk (Adult)", "Hawk (Immature)", "Blue-winged Teal")
    assert listing.numbers == (15, 16, 817)
    assert listing.train.targets.tolist() == [2, 0, 1]
    assert listing.test is not None
    assert listing.test.targets.tolist() == [1, 0, 2]
    assert listing.val is None
    assert [Path(name).parent.name for name in listing.train.names] == ["0817", "0015", "0016"]


def test_images_are_those_of_the_tables(nab: Path) -> None:
    splits = load_splits(config(nab.parent))
    assert splits.test is not None
    for images, is_train in ((splits.train, 1), (splits.test, 0)):
        pixels = images.source.fetch(range(3), Centre(6)).inputs.float().mean(dim=(1, 2, 3)).tolist()
        places = [i for i, (_, train) in enumerate(IMAGES) if train == is_train]
        # JPEG keeps a plain grey to within a step or two.
        assert pixels == pytest.approx([40 * i for i in places], abs=2)


def test_leading_zeros_do_not_matter(nab: Path) -> None:
    before = find_splits(config(nab)).train.targets.tolist()
    labels = nab / "image_class_labels.txt"
    labels.write_text("".join(f"{uuid(i)} {number:04d}\n" for i, (number, _) in enumerate(IMAGES)))
    assert find_splits(config(nab)).train.targets.tolist() == before


def test_by_number_to_a_hierarchy_with_other_names(nab: Path, tmp_path: Path) -> None:
    path = tmp_path / "birds.txt"
    path.write_text("# taxo 1\nAves\n  Teal\tclass=817\n  young\tclass=16\n  old\tclass=15\n")
    taxonomy = read(path)
    splits = load_splits(config(nab), taxonomy)
    assert [splits.classes[t] for t in splits.train.targets] == ["Teal", "old", "young"]


@pytest.fixture
def nabirds_files(data: Path) -> Path:
    """The real `classes.txt` and `hierarchy.txt`."""
    return data / "hierarchies" / "nabirds"


def test_the_built_in_hierarchy_has_the_classes_in_order(nabirds_files: Path) -> None:
    classes = read_classes(nabirds_files)
    taxonomy: Taxonomy = built_in("nab")
    assert len(classes) == 555
    assert list(classes) == taxonomy.class_numbers.tolist()
    assert match_classes(list(classes.values()), taxonomy, list(classes)) == list(range(555))
    # The names alone say the same.
    assert match_classes(list(classes.values()), taxonomy) == list(range(555))


def test_all_classes_of_the_real_list(nabirds_files: Path, tmp_path: Path) -> None:
    classes = list(read_classes(nabirds_files))
    (tmp_path / "images").mkdir()
    for name in ("classes.txt", "hierarchy.txt"):
        (tmp_path / name).write_bytes((nabirds_files / name).read_bytes())
    images = [(number, is_train) for is_train in (1, 0) for number in reversed(classes)]
    tables = {
        "images": [f"{i} {number:04d}/{i}.jpg" for i, (number, _) in enumerate(images)],
        "image_class_labels": [f"{i} {number}" for i, (number, _) in enumerate(images)],
        "train_test_split": [f"{i} {is_train}" for i, (_, is_train) in enumerate(images)],
    }
    for name, lines in tables.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(lines) + "\n")
    taxonomy = built_in("nab")
    splits = find_splits(config(tmp_path), taxonomy)
    assert splits.train.classes == taxonomy.classes
    assert splits.train.targets.tolist() == list(range(554, -1, -1))


def test_absent_and_incomplete(nab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "else").mkdir()
    monkeypatch.setenv("TAXO_DATA", str(tmp_path / "else"))
    with pytest.raises(TaxoError) as caught:
        find_splits(DataConfig(dataset="nab"))
    assert str(caught.value) == (
        f"NABirds is not in {tmp_path / 'else'}: unpack nabirds.tar.gz (the data set's page: NABirds, Cornell Lab of "
        f"Ornithology) so that {tmp_path / 'else' / 'nabirds' / 'images.txt'} is there, or name its folder with --data "
        "or TAXO_DATA; without it, type `--dataset synthetic`"
    )
    (nab / "classes.txt").unlink()
    with pytest.raises(TaxoError) as caught:
        find_splits(config(tmp_path))
    assert str(caught.value) == (
        f"NABirds in {nab} lacks 'classes.txt': unpack nabirds.tar.gz (the data set's page: NABirds, Cornell Lab of "
        "Ornithology) so that they are there"
    )


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("image_class_labels", " 817", " 9", r"labels\.txt:1: image .*005 has 9, which is none of the 3 classes"),
        ("image_class_labels", " 817", " 818", r"labels\.txt:1: .* 818, which is none .*\n.*labels\.txt:6: .* 818"),
        ("images", "0015/", "0817/../0015/", r"images\.txt:3: '0817/\.\./0015/.*' is no path within the folder"),
        ("images", "0016/", "/0016/", r"images\.txt:2: '/0016/.*' is no path within the folder of the images"),
        ("images", uuid(1), uuid(0), r"images\.txt:2: image .*000 is given twice"),
        ("train_test_split", uuid(1), uuid(7), "2 images stand in only one of this file and images.txt"),
        ("train_test_split", uuid(1) + " 0", uuid(1) + " no", r"split\.txt:2: image .*001 has 'no', not a number"),
        ("classes", "817 Blue", "teal Blue", r"classes\.txt:6: 'teal' is no number"),
        ("classes", "16 Hawk  (Imm", "015 Hawk  (Imm", "a number is given twice, with and without leading zeros"),
        ("classes", "16 Hawk  (Immature)", "16 Hawk (Adult)", r"the same name: 'Hawk \(Adult\)'"),
        ("classes", "9 Ducks", "8 Ducks", r"hierarchy\.txt:2: '9 0' is no pair .*\n.*hierarchy\.txt:5: '817 9'"),
        ("hierarchy", "15 1", "16 1", r"hierarchy\.txt:4: class 16 is given twice"),
    ],
)
def test_broken_tables(nab: Path, table: str, old: str, new: str, message: str) -> None:
    path = nab / f"{table}.txt"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(FormatError, match=message):
        find_splits(config(nab))


def test_a_class_without_images(nab: Path) -> None:
    (nab / "classes.txt").write_text("\n".join([*CLASSES, "900 Owl"]))
    with pytest.raises(TaxoError, match="1 of 4 classes have no training images: 'Owl'; unpack the lists"):
        find_splits(config(nab))
