"""From the options of a data set to the images that training, validation and testing use."""

import logging
from dataclasses import dataclass, replace
from typing import Protocol

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError

from .cache import cached
from .config import DataConfig
from .draws import draw
from .encoding import encoded
from .listing import Listing
from .matching import match_classes
from .registry import dataset
from .samples import Samples, channel_statistics
from .vocabulary import Vocabulary

log = logging.getLogger("taxo")


class Statistics(Protocol):
    """Mean and standard deviation of the channels, in 0..1; empty for texts."""

    @property
    def mean(self) -> tuple[float, ...]:
        """`(channels,)`."""
        ...

    @property
    def std(self) -> tuple[float, ...]:
        """`(channels,)`."""
        ...


@dataclass(frozen=True)
class Splits:
    """The items of a data set.

    Attributes:
        train: Items to train on.
        val: Items to choose by; None without any.
        test: Items to report on; None without any.
        classes: Names of the classes, in the order of all targets.
        mean: `(channels,)` mean of the channels of the training images, in 0..1; empty for texts.
        std: `(channels,)` standard deviation, likewise.
        full_size: Number of training items before `per_class` of each class were drawn.
        vocabulary: Of texts: the words.
        skipped: Images that cannot be read and are left out, one sentence each, which begins with the path.
    """

    train: Samples
    val: Samples | None
    test: Samples | None
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    full_size: int
    vocabulary: Vocabulary | None = None
    skipped: tuple[str, ...] = ()


def load_splits(
    config: DataConfig,
    taxonomy: Taxonomy | None = None,
    *,
    statistics: tuple[tuple[float, ...], tuple[float, ...]] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Splits:
    """Find, draw and decode the items of a data set.

    Args:
        config: The data set and its options.
        taxonomy: Its classes, in class order, become the classes of the items. Without it the data set's
            own names, sorted.
        statistics: Mean and standard deviation of the channels; by default measured on the training images.
        vocabulary: Of texts: the words of an earlier run; by default those of these texts.

    Raises:
        ClassMismatch: The classes of the data and of the hierarchy differ.
        TaxoError: The data are missing or broken, or too few for the options.
    """
    found = find_splits(config, taxonomy)
    if dataset(config.dataset).kind == "texts":
        found = encoded(found, config, vocabulary)
    kept = [None if part is None else cached(part, config) for part in (found.train, found.val, found.test)]
    train, val, test = (None if part is None else part.samples for part in kept)
    skipped = tuple(fault for part in kept if part is not None for fault in part.skipped)
    assert train is not None  # for the type checker: a listing always has training items
    if statistics is None and config.mean:
        statistics = tuple(m / 255 for m in config.mean), tuple(s / 255 for s in config.std)
    if statistics is None:
        texts = found.vocabulary is not None
        statistics = ((), ()) if texts else channel_statistics(train.source, config.image_size)
    mean, std = statistics
    return Splits(train, val, test, train.classes, mean, std, found.full_size, found.vocabulary, skipped)


def find_splits(config: DataConfig, taxonomy: Taxonomy | None = None) -> Listing:
    """As `load_splits`, but nothing is decoded: what is not needed costs nothing."""
    listing = dataset(config.dataset).load(config, taxonomy)
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
    full = listing.full_size or len(listing.train)
    return replace(listing, train=listing.train.subset(chosen.train.tolist()), val=val, full_size=full)


def _with_classes_of(listing: Listing, taxonomy: Taxonomy) -> Listing:
    """The same splits with targets that are indices of `taxonomy.classes`."""
    place = match_classes(listing.train.classes, taxonomy, listing.numbers)

    def moved(images: Samples | None) -> Samples | None:
        return images and images.with_classes(taxonomy.classes, place)

    train = listing.train.with_classes(taxonomy.classes, place)
    return replace(listing, train=train, val=moved(listing.val), test=moved(listing.test))
