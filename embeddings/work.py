"""What a method of embedding gets, and what it gives back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .embedding import Vectors
from .target import Target


@dataclass(frozen=True, kw_only=True)
class Work:
    """A class embedding that is to be computed.

    Attributes:
        target: The similarities that are to be reproduced.
        dim: Number of dimensions; None where the method decides.
        dtype: float64 or float32.
        seed: For methods that draw random numbers.
        out: `(n_classes, n_classes)` zeros to write the vectors into; only for the method exact.
    """

    target: Target
    dtype: np.dtype[Any]
    dim: int | None = None
    seed: int = 0
    out: NDArray[np.floating[Any]] | None = None


@dataclass(frozen=True)
class Made:
    """What a method computed.

    Attributes:
        vectors: `(n_classes, dim)` in class order, dense or `scipy.sparse.csr_array`.
        axes: `(dim,)` what each column stands for.
    """

    vectors: Vectors
    axes: tuple[str, ...]
