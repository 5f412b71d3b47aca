"""Data set `synthetic`: pictures drawn for any hierarchy, alike where the classes are close in it.

Every node has a random low-frequency pattern. The picture of a class is the sum of the patterns of its
ancestors-or-self `v`, weighted with `sqrt(w_v)`, `w_v = s_v - s_parent(v)` and `s_v = 1 - height(v) / H`.
On a tree the weights that two classes share sum to their similarity, and the patterns are nearly orthogonal,
so the correlation of two pictures is nearly the similarity of the two classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.similarity import scale

from ..ancestors import class_ancestors
from .config import DataConfig
from .frames import Frames, Window
from .listing import Listing
from .memory import Memory
from .patterns import Floats, low_frequency_fields, stable_seed
from .samples import Samples

#: Share of the noise's variance that is smooth, like the patterns; the rest is independent between pixels.
SMOOTH_SHARE = 0.5

#: Largest shift of a picture to either side, as a share of its side; it comes in again at the other end.
SHIFT = 1 / 16

#: Contrast of a picture: a random factor between these.
CONTRAST = (0.8, 1.2)

#: Grey steps that one standard deviation of picture and noise takes: 2.7 of them fit on either side of 127.5.
GAIN = 48.0

_BLOCK = 512


@dataclass(frozen=True)
class Drawings:
    """Pixels drawn when asked for, the same every time.

    Attributes:
        prototypes: float32 `(n_classes, 3, size, size)`.
        classes: Names of the classes.
        items: int64 `(n, 2)`: class, and number of the drawing within its class.
        split: "train" or "test": other drawings of the same classes.
        noise: Standard deviation of the noise over that of a prototype.
        seed: Seed of all drawings.
    """

    prototypes: Floats
    classes: tuple[str, ...]
    items: NDArray[np.int64]
    split: str
    noise: float
    seed: int

    def __len__(self) -> int:
        return len(self.items)

    @property
    def nbytes(self) -> int:
        """Size of all images, in bytes."""
        return len(self) * int(np.prod(self.prototypes.shape[1:]))

    def pick(self, items: Sequence[int]) -> "Drawings":
        """The drawings `items`, in that order."""
        return replace(self, items=self.items[np.asarray(items, dtype=np.intp)])

    def fetch(self, items: Sequence[int], window: Window) -> Frames:
        """See `Source`; nothing is cut off."""
        return Memory(self.pick(items).decode()).fetch(range(len(items)), window)

    def decode(self) -> Tensor:
        """All drawings, uint8 `(n, 3, size, size)`."""
        size = self.prototypes.shape[-1]
        out = np.empty((len(self), 3, size, size), dtype=np.uint8)
        for start in range(0, len(self), _BLOCK):
            out[start : start + _BLOCK] = self._draw(self.items[start : start + _BLOCK])
        return torch.from_numpy(out)

    def _draw(self, items: NDArray[np.int64]) -> NDArray[np.uint8]:
        # One generator per drawing: more drawings, or other classes, change none of these.
        generators = [
            np.random.default_rng(stable_seed(self.seed, self.split, self.classes[c], int(number)))
            for c, number in items
        ]
        size = self.prototypes.shape[-1]
        reach = round(SHIFT * size)
        offsets = np.array([g.integers(-reach, reach, size=2, endpoint=True) for g in generators])
        contrast = np.array([g.uniform(*CONTRAST) for g in generators], dtype=np.float32)
        picture = _roll(self.prototypes[items[:, 0]], offsets)
        if self.noise:
            smooth = low_frequency_fields(generators, size)
            white = np.stack([g.standard_normal(smooth.shape[1:], dtype=np.float32) for g in generators])
            noise = np.sqrt(SMOOTH_SHARE) * smooth + np.sqrt(1 - SMOOTH_SHARE) * white
            picture = (picture + self.noise * noise) / np.sqrt(1 + self.noise**2)
        grey = 127.5 + GAIN * contrast[:, None, None, None] * picture
        return np.asarray(np.rint(grey).clip(0, 255), dtype=np.uint8)


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Pictures for the classes of a hierarchy, `config.samples` and `config.test_samples` of each.

    Raises:
        TaxoError: There is no hierarchy to draw for.
    """
    if taxonomy is None:
        raise TaxoError("data set 'synthetic' draws the classes of a hierarchy: name one with --embedding")
    pictures = prototypes(taxonomy, config.image_size, config.data_seed)

    def part(split: str, count: int) -> Samples:
        classes = np.repeat(np.arange(taxonomy.n_classes), count)
        items = np.stack([classes, np.tile(np.arange(count), taxonomy.n_classes)], axis=1)
        drawings = Drawings(pictures, taxonomy.classes, items, split, config.noise, config.data_seed)
        names = [f"{split} drawing {number} of {taxonomy.classes[c]!r}" for c, number in items]
        return Samples(taxonomy.classes, torch.from_numpy(classes), names, drawings)

    remarks = () if taxonomy.is_tree else (f"{taxonomy.name!r} is a DAG: pictures follow its similarity roughly",)
    return Listing(part("train", config.samples), test=part("test", config.test_samples), remarks=remarks)


def prototypes(taxonomy: Taxonomy, size: int, seed: int) -> Floats:
    """The picture of every class without noise, `(n_classes, 3, size, size)`, variance about 1.

    Args:
        taxonomy: A tree, a forest or a DAG; inner nodes may be classes.
        size: Side in pixels.
        seed: Another seed gives other patterns. A node's pattern depends on the seed and its name only.
    """
    weights = pattern_weights(taxonomy)
    used = np.unique(weights.indices)
    keys = [("node", name) for name in taxonomy.names] + [("class", name) for name in taxonomy.classes]
    generators = [np.random.default_rng(stable_seed(seed, *keys[v])) for v in used]
    fields = low_frequency_fields(generators, size)
    pictures = np.sqrt(weights[:, used]) @ fields.reshape(len(used), -1)
    return np.asarray(pictures, dtype=np.float32).reshape(-1, 3, size, size)


def pattern_weights(taxonomy: Taxonomy) -> sparse.csr_array:
    """Weight of every node's pattern in the picture of every class, `(n_classes, n_nodes + n_classes)`.

    Each row sums to 1. On trees and forests the weights that two classes share sum to their similarity.

    - A class that is an inner node has only `s_v < 1` from its ancestors; a pattern of its own, in the last
      `n_classes` columns, makes up for the rest.
    - On a DAG `w_v = s_v - max(s_p)` over the parents p, which is `s_v - s_parent(v)` where there is one, and
      a class's weights are divided by their sum where that is above 1. Classes that share more ancestors
      then look more alike, but the similarity is met only roughly: it need not be a dot product at all.
    """
    classes, nodes = class_ancestors(taxonomy)
    own_similarity = 1 - taxonomy.heights / scale(taxonomy)
    above = np.zeros(taxonomy.n_nodes)  # of the most similar parent; 0 above a root
    child = np.repeat(np.arange(taxonomy.n_nodes), taxonomy.parents.counts())
    np.maximum.at(above, child, own_similarity[taxonomy.parents.index])
    gain = own_similarity - above
    total = np.bincount(classes, weights=gain[nodes], minlength=taxonomy.n_classes)
    shared = gain[nodes] / np.maximum(total, 1)[classes]
    own = np.arange(taxonomy.n_classes)
    rest = np.maximum(1 - total, 0)
    rows, columns = np.concatenate([classes, own]), np.concatenate([nodes, taxonomy.n_nodes + own])
    values = np.concatenate([shared, np.where(rest > 1e-12, rest, 0)])
    kept = values > 0
    shape = (taxonomy.n_classes, taxonomy.n_nodes + taxonomy.n_classes)
    return sparse.csr_array((values[kept], (rows[kept], columns[kept])), shape=shape)


def _roll(pictures: Floats, offsets: NDArray[np.int64]) -> Floats:
    """Every picture shifted in a circle by its own offset, `(n, 2)` pixels down and to the right."""
    n, _, size, _ = pictures.shape
    along = np.arange(size)
    rows = (along - offsets[:, :1]) % size
    columns = (along - offsets[:, 1:]) % size
    # Indices (n, 1, size, 1) and (n, 1, 1, size) meet in one gather.
    item, channel = np.arange(n)[:, None, None, None], np.arange(3)[:, None, None]
    rolled: Floats = pictures[item, channel, rows[:, None, :, None], columns[:, None, None, :]]
    return rolled
