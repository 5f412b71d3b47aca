"""Unpack Omniglot drawings for `taxo train`: ten drawings of every character to train, ten to test.

    python examples/omniglot.py images_background_small1.zip omniglot
    taxo build-embeddings omniglot/train -o omniglot.npz
    taxo train --embedding omniglot.npz --data omniglot

The archive is that of Lake, Salakhutdinov & Tenenbaum, "Human-level concept learning through probabilistic
program induction", Science 350, 2015. The folders omniglot/train/ALPHABET/CHARACTER are the hierarchy.
"""

import argparse
import shutil
import zipfile
from pathlib import Path, PurePosixPath

LAST_TRAINING_DRAWING = 10


def unpack(archive: Path, target: Path) -> dict[str, int]:
    """Write the drawings to target/train and target/test.

    Args:
        archive: Zip of files `SET/ALPHABET/CHARACTER/NUMBER_DRAWING.png`; every character has 20 drawings.
        target: Folder to make.

    Returns:
        Number of drawings per split.
    """
    written = {"train": 0, "test": 0}
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            path = PurePosixPath(name)
            if path.suffix != ".png":
                continue
            drawing = int(path.stem.rpartition("_")[2])
            split = "train" if drawing <= LAST_TRAINING_DRAWING else "test"
            place = target.joinpath(split, *path.parts[-3:])
            place.parent.mkdir(parents=True, exist_ok=True)
            with files.open(name) as source, place.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            written[split] += 1
    return written


def main() -> None:
    """Read the command line and unpack."""
    parser = argparse.ArgumentParser(description="Unpack Omniglot drawings into train and test folders.")
    parser.add_argument("archive", type=Path, help="images_background_small1.zip or another set of the data")
    parser.add_argument("target", type=Path, help="folder to make")
    arguments = parser.parse_args()
    written = unpack(arguments.archive, arguments.target)
    print(f"{written['train']} drawings to train, {written['test']} to test, in {arguments.target}")


if __name__ == "__main__":
    main()
