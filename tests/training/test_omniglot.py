"""Omniglot from tiny copies of its folders: the sets, the split by drawers, and what is refused."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
from PIL import Image

from taxo.taxonomy import FormatError, TaxoError, read
from taxo.training.data import DataConfig, load_splits
from taxo.training.data.listing import Listing
from taxo.training.data.registry import dataset
from taxo.training.data.samples import Samples

pytestmark = pytest.mark.torch

BALINESE = {"Balinese/character01": 108, "Balinese/character02": 109}
GREEK = {"Greek/character01": 394}


def draw(root: Path, characters: dict[str, int], drawers: range = range(1, 21)) -> Path:
    """Drawings of 1 bit as in the official archives: white paper with as many black rows as the drawer's number."""
    for name, number in characters.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for drawer in drawers:
            image = Image.new("1", (21, 21), 1)
            image.paste(0, (0, 0, 21, drawer))
            image.save(root / name / f"{number:04}_{drawer:02}.png")
    return root


@pytest.fixture
def omniglot(tmp_path: Path) -> Path:
    """A folder omniglot with images_background_small1: three characters of two alphabets, 20 drawings each."""
    draw(tmp_path / "omniglot" / "images_background_small1", BALINESE | GREEK)
    return tmp_path / "omniglot"


def config(data: Path | str, **options: Any) -> DataConfig:
    return DataConfig(**{"dataset": "omniglot", "data": str(data), "image_size": 21, **options})


def listing(data: Path | str, **options: Any) -> Listing:
    return dataset("omniglot").load(config(data, **options), None)


def drawers(samples: Samples | None) -> dict[str, list[int]]:
    """Drawers of every class, by the names of the files."""
    assert samples is not None
    found: dict[str, list[int]] = {}
    for name, target in zip(samples.names, samples.targets, strict=True):
        path = Path(name)
        assert path.parent.as_posix().endswith(samples.classes[target])
        found.setdefault(samples.classes[target], []).append(int(path.stem[-2:]))
    return found


def test_the_last_five_drawers_test(omniglot: Path) -> None:
    found = listing(omniglot)
    classes = ["Balinese/character01", "Balinese/character02", "Greek/character01"]
    assert found.train.classes == tuple(classes)
    assert drawers(found.train) == {name: list(range(1, 16)) for name in classes}
    assert drawers(found.test) == {name: list(range(16, 21)) for name in classes}
    assert found.val is None
    assert found.remarks == ("Omniglot has no split of its own: drawers 1 to 15 train, the others test",)


@pytest.mark.parametrize("last", [1, 10, 19])
def test_another_number_of_drawers(omniglot: Path, last: int) -> None:
    found = listing(omniglot, train_drawers=last)
    assert set(map(tuple, drawers(found.train).values())) == {tuple(range(1, last + 1))}
    assert set(map(tuple, drawers(found.test).values())) == {tuple(range(last + 1, 21))}


def test_black_ink_on_white_paper(omniglot: Path) -> None:
    splits = load_splits(config(omniglot, channels=1))
    tensor = splits.train.source.tensor  # type: ignore[attr-defined]
    for name, image in zip(splits.train.names, tensor, strict=True):
        drawer = int(Path(name).stem[-2:])
        assert image[0, :, 0].tolist() == [0] * drawer + [255] * (21 - drawer)


def test_the_tree_of_the_folders_has_the_same_classes(omniglot: Path) -> None:
    taxonomy = read(omniglot / "images_background_small1")
    splits = load_splits(config(omniglot), taxonomy)
    assert splits.classes == taxonomy.classes == ("Balinese/character01", "Balinese/character02", "Greek/character01")
    assert splits.train.counts.tolist() == [15] * 3


@pytest.mark.parametrize("place", ["a set", "sets", "above", "TAXO_DATA"])
def test_found_where_it_may_lie(omniglot: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAXO_DATA", str(omniglot.parent))
    places = {"a set": omniglot / "images_background_small1", "sets": omniglot, "above": omniglot.parent}
    assert len(listing(places.get(place, "")).train) == 45


def test_the_large_sets_go_together_and_before_the_small_ones(omniglot: Path) -> None:
    draw(omniglot / "images_background", BALINESE | {"Latin/character01": 1})
    assert listing(omniglot).train.classes == ("Balinese/character01", "Balinese/character02", "Latin/character01")
    draw(omniglot / "images_evaluation", {"Avesta/character01": 2})
    assert listing(omniglot).train.classes[0] == "Avesta/character01"
    assert len(listing(omniglot).train.classes) == 4
    assert len(listing(omniglot / "images_evaluation").train.classes) == 1
    draw(omniglot / "images_evaluation", GREEK | BALINESE)
    with pytest.raises(
        TaxoError, match=r"images_evaluation: 'Balinese/character01', 'Balinese/character02' also stand"
    ):
        listing(omniglot)


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(TaxoError) as caught:
        listing(tmp_path)
    message = str(caught.value)
    assert message.count("\n") == 0
    for part in (
        "images_background.zip",
        "Brenden Lake",
        str(tmp_path / "omniglot" / "images_background"),
        "TAXO_DATA",
    ):
        assert part in message


def test_all_misplaced_files_are_reported_together(omniglot: Path) -> None:
    root = omniglot / "images_background_small1"
    for name in ("Greek/character01/notes.png", "Greek/character01/0394_1.png", "Loose/0001_01.png"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"")
    with pytest.raises(FormatError) as caught:
        listing(omniglot)
    assert sorted(text.split(";")[0] for _, text in caught.value.faults) == [
        "'Greek/character01/0394_1.png': drawer 1 drew this character twice",
        "'Greek/character01/notes.png' does not say its drawer as 0108_01.png does",
        "'Loose/0001_01.png' does not stand in a folder ALPHABET/CHARACTER",
    ]


@pytest.mark.parametrize(
    ("present", "last", "what"), [(range(16, 21), 15, "train"), (range(1, 16), 15, "test"), (range(1, 21), 20, "test")]
)
def test_a_character_needs_drawings_to_train_and_to_test(omniglot: Path, present: range, last: int, what: str) -> None:
    draw(omniglot / "images_background_small1", {"Latin/character07": 7}, present)
    with pytest.raises(TaxoError) as caught:
        listing(omniglot, train_drawers=last)
    message = str(caught.value)
    assert f"drawers 1 to {last} to train" in message
    assert f"characters have no drawing to {what}: " in message
    assert "'Latin/character07'" in message
    assert "set train_drawers" in message


def test_no_drawers_at_all_is_refused() -> None:
    with pytest.raises(TaxoError, match="train_drawers is 0; it must be at least 1"):
        DataConfig(train_drawers=0)


def test_the_official_small_set(tmp_path: Path, data: Path) -> None:
    archive = zipfile.ZipFile(data / "omniglot" / "images_background_small1.zip")
    alphabets = ("images_background_small1/Balinese/", "images_background_small1/Early_Aramaic/")
    archive.extractall(tmp_path, [name for name in archive.namelist() if name.startswith(alphabets)])
    root = tmp_path / "images_background_small1"
    splits = load_splits(config(tmp_path, image_size=28, channels=1), read(root))
    assert len(splits.classes) == sum(1 for _ in root.glob("*/*")) == 46
    assert set(splits.train.counts.tolist()) == {15}
    assert splits.test is not None
    assert set(splits.test.counts.tolist()) == {5}
    # Black ink on white paper.
    assert splits.mean[0] > 0.8
