"""The data sets by name, and which of them belongs to which hierarchy."""

from collections.abc import Callable

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError, did_you_mean, near_matches

from .config import DataConfig
from .cub import load_cub
from .folder import load_folder
from .listing import Listing
from .synthetic import load_synthetic

Loader = Callable[[DataConfig, Taxonomy | None], Listing]

DATASETS: dict[str, Loader] = {
    "folder": lambda config, _: load_folder(config),
    "synthetic": load_synthetic,
    "cub": lambda config, _: load_cub(config),
}

#: What `taxo train` takes where no data set is named.
DATASET_OF_HIERARCHY = {"cub-flat": "cub", "cub-wikispecies": "cub", "cub-deep": "cub"}


def find_dataset(name: str) -> Loader:
    """The loader of a data set.

    Raises:
        TaxoError: No such data set; near matches are shown.
    """
    if name not in DATASETS:
        near = did_you_mean(near_matches(name, DATASETS))
        raise TaxoError(f"unknown data set {name!r}{near} (known: {', '.join(DATASETS)})")
    return DATASETS[name]
