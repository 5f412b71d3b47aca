"""From the options of a data set to the images that training, validation and testing use."""

import logging
from dataclasses import dataclass, replace

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError

from .config import DataConfig
from .draws import draw
from .images import Images, channel_statistics
from .listing import Listing
from .matching import match_classes
from .registry import find_dataset

log = logging.getLogger("taxo")


@dataclass(frozen=True)
class Splits:
    """The images of a data set.

    Attributes:
        train: Images to train on.
        val: Images to choose by; None without any.
        test: Images to report on; None without any.
        classes: Names of the classes, in the order of all targets.
        mean: `(3,)` mean of the channels of the training images, in 0..1.
        std: `(3,)` standard deviation, likewise.
    """

    train: Images
    val: Images | None
    test: Images | None
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]


def load_splits(config: DataConfig, taxonomy: Taxonomy | None = None) -> Splits:
    """Find, draw and decode the images of a data set.

    Args:
        config: The data set and its options.
        taxonomy: Its classes, in class order, become the classes of the images. Without it the data set's
            own names, sorted.

    Raises:
        ClassMismatch: The classes of the data and of the hierarchy differ.
        TaxoError: The data are missing or broken, or too few for the options.
    """
    found = find_splits(config, taxonomy)
    train = found.train.loaded(config.image_size)
    mean, std = channel_statistics(train.pixels)
    return Splits(
        train,
        found.val and found.val.loaded(config.image_size),
        found.test and found.test.loaded(config.image_size),
        train.classes,
        mean,
        std,
    )


def find_splits(config: DataConfig, taxonomy: Taxonomy | None = None) -> Listing:
    """As `load_splits`, but no image is decoded: what is not needed costs nothing."""
    listing = find_dataset(config.dataset)(config, taxonomy)
    for remark in listing.remarks:
        log.info("%s", remark)
    if taxonomy is not None:
        listing = _with_classes_of(listing, taxonomy)
    if config.val_fraction and listing.val is not None:
        raise TaxoError(
            f"val_fraction is {config.val_fraction}, but the data have a validation split of their own; leave it at 0"
        )
    chosen = draw(listing.train, config.per_class, config.val_fraction, config.subset_seed)
    val = listing.train.subset(chosen.val.tolist()) if len(chosen.val) else listing.val
    return replace(listing, train=listing.train.subset(chosen.train.tolist()), val=val)


def _with_classes_of(listing: Listing, taxonomy: Taxonomy) -> Listing:
    """The same splits with targets that are indices of `taxonomy.classes`."""
    place = match_classes(listing.train.classes, taxonomy, listing.numbers)

    def moved(images: Images | None) -> Images | None:
        return images and images.with_classes(taxonomy.classes, place)

    train = listing.train.with_classes(taxonomy.classes, place)
    return replace(listing, train=train, val=moved(listing.val), test=moved(listing.test))
