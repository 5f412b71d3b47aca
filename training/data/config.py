"""What to load: the options of the data sets, as one flat value that a configuration file can hold."""

from dataclasses import dataclass

from taxo.taxonomy.errors import TaxoError, unknown_choice

CACHES = ("auto", "memory", "disk", "none")

#: Short side of the resized image over the side of the square.
RESIZE_OVER_CROP = 8 / 7

#: Up to this size the square is as large as the short side: nothing of a small picture can be spared.
UNCROPPED_SIZE = 64

_LEAST = {"image_size": 4, "per_class": 0, "max_length": 0, "train_drawers": 1, "samples": 1, "test_samples": 1}


@dataclass(frozen=True)
class DataConfig:
    """The options of a data set.

    Attributes:
        dataset: Name in the registry, see `taxo.training.data.registry`.
        data: Where the data lie; "" where the data set knows its place (see `taxo.training.data.paths`).
        image_size: Side of the square that the network sees, in pixels.
        resize: What the short side of an image is resized to before the square is cut out, in pixels; 0 takes 8/7 of
            `image_size`, as 512 / 448 and 256 / 224 in the paper's recipe, up to 64 pixels `image_size` itself.
        channels: 3, or 1 for grey images.
        cache: Where decoded images are kept: "memory", "disk", "none", or "auto": the first of these that they fit in.
        mean: Mean of the channels, `(channels,)`, 0 to 255; () measures it on the training images.
        std: Standard deviation of the channels, likewise.
        skip_bad: Whether images that cannot be read are left out, counted and listed, instead of an error.
        per_class: Training images drawn per class; 0 takes all.
        subset_seed: Seed of that draw, and of the draw of the validation images.
        val_fraction: Share of the training images held out for validation, in [0, 1).
        max_length: Texts only: words that are read of each; 0 takes what 95 % of the training texts need.
        vectors: Texts only: word vectors, a GloVe text file, a `.npy` file or the name of a package; "" learns them.
        split: Folder only: a file of lines `path<TAB>train|val|test`; "" where the folders say it.
        train_drawers: Omniglot only: drawers 1 to this one train, the others of 20 test.
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
    resize: int = 0
    channels: int = 3
    cache: str = "auto"
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    skip_bad: bool = False
    per_class: int = 0
    subset_seed: int = 0
    val_fraction: float = 0.0
    max_length: int = 0
    vectors: str = ""
    split: str = ""
    train_drawers: int = 15
    samples: int = 10
    test_samples: int = 10
    noise: float = 0.7
    data_seed: int = 0

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise TaxoError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        if 0 < self.resize < self.image_size or self.resize < 0:
            raise TaxoError(
                f"resize is {self.resize}; it must be at least image_size, {self.image_size}, or 0 for the usual size"
            )
        if self.channels not in (1, 3):
            raise TaxoError(f"channels is {self.channels}; it must be 3, or 1 for grey images")
        if self.cache not in CACHES:
            raise TaxoError(unknown_choice("cache", self.cache, CACHES))
        if len(self.mean) != len(self.std) or len(self.mean) not in (0, self.channels):
            raise TaxoError(
                f"mean has {len(self.mean)} numbers and std {len(self.std)}; both must have {self.channels}, or none"
            )
        if not all(0 <= m <= 255 for m in self.mean) or not all(0 < s <= 255 for s in self.std):
            raise TaxoError("mean and std count grey steps: mean from 0 to 255, std above 0")
        for name in ("subset_seed", "data_seed"):
            if getattr(self, name) < 0:
                raise TaxoError(f"{name} is {getattr(self, name)}; a seed must not be negative")
        if not 0 <= self.val_fraction < 1:
            raise TaxoError(f"val_fraction is {self.val_fraction}; it must be in [0, 1)")
        if not 0 <= self.noise < float("inf"):
            raise TaxoError(f"noise is {self.noise}; it must be 0 or more, and finite")

    @property
    def short_side(self) -> int:
        """`resize`, or the usual one for `image_size`."""
        return self.resize or round(self.image_size * (RESIZE_OVER_CROP if self.image_size > UNCROPPED_SIZE else 1))
