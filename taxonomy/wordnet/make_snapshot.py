"""Makes the files beside it from a folder with WordNet: `python -m taxo.taxonomy.wordnet.make_snapshot DIR [OUT]`.

The bundled ones were made so from the files of WordNet 3.0 in the Debian package wordnet-base.
"""

import sys
from pathlib import Path

from ..errors import TaxoError
from .snapshot import DEFINITIONS, LICENCE, NOUNS, encode, encode_definitions, pack
from .through_nltk import read


def licence(folder: Path) -> str:
    """WordNet's licence, which stands in the first lines of its files, a number before every line."""
    with open(folder / "data.noun", encoding="utf-8") as file:
        numbered = [line.split(None, 1) for line in iter(file.readline, "") if line.startswith(" ")]
    return "".join(parts[1].rstrip() + "\n" if len(parts) > 1 else "\n" for parts in numbered)


def make(folder: Path, out: Path) -> list[Path]:
    """Write the three files; the same folder gives the same bytes.

    Args:
        folder: With WordNet's `data.noun`, `index.noun` and `noun.exc`.
        out: Folder to write to.

    Raises:
        TaxoError: As `through_nltk.read`.
    """
    nouns = read(folder)
    contents = {
        NOUNS: pack(encode(nouns)),
        DEFINITIONS: pack(encode_definitions(nouns)),
        LICENCE: licence(folder).encode(),
    }
    for name, content in contents.items():
        (out / name).write_bytes(content)
    return [out / name for name in contents]


def main() -> None:
    """Run from the command line."""
    if len(sys.argv) not in (2, 3):
        sys.exit(f"usage: python -m {__spec__.name} DIR [OUT]")
    out = Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent
    try:
        for file in make(Path(sys.argv[1]), out):
            print(f"{file}: {file.stat().st_size} bytes")
    except TaxoError as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
