"""The data sets by name: a registry is data."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError, unknown_choice

from .config import DataConfig
from .facts import FACTS, Facts
from .listing import Listing

Loader = Callable[[DataConfig, Taxonomy | None], Listing]


@dataclass(frozen=True)
class DataSet:
    """One entry of the registry.

    Attributes:
        name: What the user types.
        module: Where it is read: the module below `taxo.training.data` whose `load` does it.
        title: One line for a person.
        kind: "images" or "texts".
        side: Side of its images where they are small and all of one size, in pixels; 0 for photographs and texts.
    """

    name: str
    module: str
    title: str
    kind: str = "images"
    side: int = 0

    @property
    def facts(self) -> Facts | None:
        """What the paper says about it; None where it is in no table."""
        return FACTS.get(self.name)

    def load(self, config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
        """Find its items; nothing is decoded.

        Raises:
            TaxoError: It is not there, or broken.
        """
        loader: Loader = import_module(f".{self.module}", __package__).load
        return loader(config, taxonomy)

    def find(self, data: str = "") -> Path | None:
        """Where it lies, by its module's `find(data)`; one that reads several data sets takes the name too.

        Args:
            data: As `DataConfig.data`.

        Returns:
            None where the module knows no place to look at: class folders, tables, drawings.

        Raises:
            TaxoError: It is not there; the message says what to do.
        """
        module = import_module(f".{self.module}", __package__)
        finder: Callable[..., Path] | None = getattr(module, "find", None)
        if finder is None:
            return None
        return finder(data, self.name) if len(signature(finder).parameters) > 1 else finder(data)


DATASETS: dict[str, DataSet] = {
    entry.name: entry
    for entry in (
        DataSet("folder", "folder", "images in class folders"),
        DataSet("synthetic", "synthetic", "images drawn for the classes of any hierarchy", side=32),
        DataSet("cub", "cub", "CUB-200-2011, 200 birds"),
        DataSet("nab", "nab", "NABirds, 555 birds"),
        DataSet("cars", "cars", "Stanford Cars, 196 models"),
        DataSet("flowers", "flowers", "Oxford Flowers-102"),
        DataSet("mit67", "mit67", "MIT Indoor 67, scenes"),
        DataSet("cifar10", "cifar", "CIFAR-10, the Python archive", side=32),
        DataSet("cifar100", "cifar", "CIFAR-100, the Python archive", side=32),
        DataSet("tiny-imagenet", "tiny_imagenet", "Tiny ImageNet, 200 classes", side=64),
        DataSet("omniglot", "omniglot", "Omniglot, handwritten characters", side=32),
        DataSet("fashion-mnist", "fashion_mnist", "Fashion-MNIST, 10 kinds of clothes", side=28),
        DataSet("image-csv", "image_csv", "images listed in a CSV file"),
        DataSet("ag-news", "ag_news", "AG News, 4 topics", "texts"),
        DataSet("text-csv", "text_csv", "texts in a CSV file", "texts"),
    )
}

#: What `taxo train` takes where no data set is named.
DATASET_OF_HIERARCHY = {
    "cub-flat": "cub",
    "cub-wikispecies": "cub",
    "cub-deep": "cub",
    "nab": "nab",
    "cifar10": "cifar10",
    "cifar100": "cifar100",
    "tiny-imagenet": "tiny-imagenet",
    "fashion-mnist": "fashion-mnist",
}


def dataset(name: str) -> DataSet:
    """The entry of a data set.

    Raises:
        TaxoError: No such data set; near matches are shown.
    """
    if name not in DATASETS:
        raise TaxoError(unknown_choice("data set", name, DATASETS))
    return DATASETS[name]
