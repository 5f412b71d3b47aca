"""What to load: the options of the data sets, as one flat value that a configuration file can hold."""

from dataclasses import dataclass

from taxo.taxonomy.errors import TaxoError


@dataclass(frozen=True)
class DataConfig:
    """The options of a data set.

    Attributes:
        dataset: Name in the registry: "folder", "synthetic" or "cub".
        data: Where the data lie; "" where the data set knows its place (see `taxo.training.data.paths`).
        image_size: Side of the square images, in pixels.
        per_class: Training images drawn per class; 0 takes all.
        subset_seed: Seed of that draw, and of the draw of the validation images.
        val_fraction: Share of the training images held out for validation, in [0, 1).
        split: Folder only: a file of lines `path<TAB>train|val|test`; "" where the folders say it.
        samples: Synthetic only: training images per class.
        test_samples: Synthetic only: test images per class.
        noise: Synthetic only: size of the noise, 1 = as strong as the picture of the class. At 0.7 a ResNet-20
            gets about two thirds of cub-deep's 200 classes right after 12 epochs on 10 images of each.
        data_seed: Synthetic only: another seed draws other pictures for the same classes.

    Raises:
        TaxoError: A value is out of range.
    """

    dataset: str = "folder"
    data: str = ""
    image_size: int = 32
    per_class: int = 0
    subset_seed: int = 0
    val_fraction: float = 0.0
    split: str = ""
    samples: int = 10
    test_samples: int = 10
    noise: float = 0.7
    data_seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("image_size", 4), ("per_class", 0), ("samples", 1), ("test_samples", 1)):
            if getattr(self, name) < least:
                raise TaxoError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        for name in ("subset_seed", "data_seed"):
            if getattr(self, name) < 0:
                raise TaxoError(f"{name} is {getattr(self, name)}; a seed must not be negative")
        if not 0 <= self.val_fraction < 1:
            raise TaxoError(f"val_fraction is {self.val_fraction}; it must be in [0, 1)")
        if not 0 <= self.noise < float("inf"):
            raise TaxoError(f"noise is {self.noise}; it must be 0 or more, and finite")
