"""A tiny CUB-200-2011 as it is unpacked: images, and the three tables that name, class and split them."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image


def write_cub(root: Path, images: Iterable[tuple[str, str, int]], picture: Callable[[int], Image.Image]) -> Path:
    """Write the data set to a folder, and return the folder.

    Args:
        root: The folder to make.
        images: Folder of the class ("001.Black_footed_Albatross"), file and 1 where it trains, of every image.
        picture: The image of a place in the list.
    """
    tables: dict[str, list[str]] = {"images": [], "image_class_labels": [], "train_test_split": []}
    for i, (folder, file, is_train) in enumerate(images):
        path = root / "images" / folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(i).save(path)
        tables["images"].append(f"{i + 1} {folder}/{file}")
        tables["image_class_labels"].append(f"{i + 1} {int(folder[:3])}")
        tables["train_test_split"].append(f"{i + 1} {is_train}")
    for name, lines in tables.items():
        (root / f"{name}.txt").write_text("\n".join(lines) + "\n")
    return root
