"""Where the files of a published data set lie."""

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
        needs: Files and folders in it that must be there.
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
        found = self.look(data)
        if found is None:
            raise self._absent(data)
        return found

    def look(self, data: str) -> Path | None:
        """As `find`, but None where it is not there or incomplete."""
        return next((root for root in self._places(data) if not self.missing(root)), None)

    def missing(self, root: Path) -> list[str]:
        """Those of `needs` that are not in a folder."""
        return [name for name in self.needs if not (root / name).exists()]

    def _places(self, data: str) -> list[Path]:
        base = Path(data).expanduser() if data else data_root()
        return [base, *(base / name for name in self.names)]

    def _absent(self, data: str) -> TaxoError:
        places = self._places(data)
        # The place that looks most like the data set is the one to complete.
        best = min(places, key=lambda root: len(self.missing(root)))
        missing = self.missing(best)
        if len(missing) < len(self.needs):
            return TaxoError(f"{self.title} in {best} lacks {few(missing)}: {self.source} so that they are there")
        return TaxoError(
            f"{self.title} is not in {places[0]}: {self.source} so that {places[1] / self.needs[0]} is there, or name "
            "its folder with --data or TAXO_DATA; without it, type `--dataset synthetic`"
        )
