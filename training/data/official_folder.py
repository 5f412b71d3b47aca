"""Where the files of a published data set lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.wording import few

from .paths import data_root


@dataclass(frozen=True)
class OfficialFolder:
    """A data set's folder, as one has it after unpacking.

    Attributes:
        title: The data set's name, for messages.
        names: What the folder may be called where it lies in another one; the usual name first.
        needs: Files and folders in it that must be there: each a pattern as of `Path.glob`, or several with "|" between
            them where one of them is enough; the usual one first.
        source: Which archive to unpack and whose page has it, for messages.
    """

    title: str
    names: tuple[str, ...]
    needs: tuple[str, ...]
    source: str

    def find(self, data: str) -> Path:
        """The folder: `data` itself or one of `names` in it; without `data`, in `data_root()`.

        Raises:
            TaxoError: It is not there, or files in it are missing; the message says what to put where.
        """
        return find_layout((self,), data)[1]

    def places(self, data: str) -> list[Path]:
        """Where it may lie."""
        base = Path(data).expanduser() if data else data_root()
        return [base, *(base / name for name in self.names)]

    def missing(self, root: Path) -> list[str]:
        """Those of `needs` that are not in a folder (or in what is none)."""
        return [need for need in self.needs if not any(any(root.glob(name)) for name in need.split("|"))]


def find_layout(layouts: Sequence[OfficialFolder], data: str) -> tuple[OfficialFolder, Path]:
    """The folder of a data set that comes in several layouts, and in which of them it is.

    Args:
        layouts: The layouts; of complete ones the first counts.
        data: See `OfficialFolder.find`.

    Raises:
        TaxoError: None is there and complete; the message says what to put where.
    """
    found = [(layout, root, layout.missing(root)) for layout in layouts for root in layout.places(data)]
    # The place that looks most like the data set is the one to complete.
    layout, root, missing = min(found, key=lambda place: len(place[2]) / len(place[0].needs))
    if not missing:
        return layout, root
    if len(missing) < len(layout.needs):
        lacking = few([need.replace("|", " or ") for need in missing])
        raise TaxoError(f"{layout.title} in {root} lacks {lacking}: {layout.source} so that they are there")
    base, usual = layout.places(data)[:2]
    example = usual / layout.needs[0].partition("|")[0]
    raise TaxoError(
        f"{layout.title} is not in {base}: {layout.source} so that {example} is there, or name its folder with --data "
        "or TAXO_DATA; without it, type `--dataset synthetic`"
    )
