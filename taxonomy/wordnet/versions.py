"""Which WordNet: the one that comes with this package, a snapshot of another, or files for nltk."""

import lzma
from dataclasses import replace
from pathlib import Path

from ..errors import TaxoError
from . import snapshot, through_nltk
from .nouns import WordNet


def wordnet(place: str | Path | None = None, *, definitions: bool = False) -> WordNet:
    """The nouns of a WordNet.

    Args:
        place: None for the bundled WordNet 3.0; a `nouns.txt.xz` that `make_snapshot` wrote (loads in a moment);
            or what `through_nltk.read` takes (some ten seconds).
        definitions: Whether definitions are wanted.

    Raises:
        TaxoError: No WordNet there, or a damaged one.
    """
    if place is None:
        return snapshot.load(definitions=definitions)
    path = Path(place)
    if path.suffix != ".xz":
        found = through_nltk.read(place)
        # The plurals of English do not depend on the version, and not every folder has them.
        return found if found.exceptions else replace(found, exceptions=snapshot.load().exceptions)
    try:
        nouns = snapshot.decode(lzma.decompress(path.read_bytes()).decode())
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise TaxoError(f"{place}: no snapshot of WordNet can be read from it: {error}") from error
    beside = path.with_name(snapshot.DEFINITIONS)
    if definitions and beside.exists():
        return snapshot.with_definitions(nouns, beside.read_bytes())
    return nouns
