"""The simplex equiangular tight frame of neural collapse: a regular simplex, turned at random."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import TaxoError

from .axes import numbered
from .memory import check_memory
from .simplex import simplex_rows
from .work import Made, Work


def etf(work: Work) -> Made:
    """The simplex equiangular tight frame, in a random position.

    This is where class means and classifier weights end when a network is trained on and on (Papyan, Han & Donoho,
    "Prevalence of neural collapse during the terminal phase of deep learning training", PNAS 2020), and so it is taken
    as a classifier that is not trained (Zhu et al., NeurIPS 2021; Yang et al., NeurIPS 2022). One class a column, with
    U of shape `(dim, n)` and orthonormal columns, it is

        sqrt(n / (n - 1)) U (I - 11'/n).

    The dot products are those of `simplex`, -1/(n - 1). What differs: any number of dimensions from n - 1, such as the
    width of a network, and a random rotation, so that no axis stands for a class.

    Here it is `simplex` times an orthonormal matrix that is uniform among all. This is the same distribution, because
    `I - 11'/n = B B'` where the rows of sqrt(n/(n - 1)) B are those of `simplex`, and U B is as uniform as U. It also
    holds for n - 1 dimensions, where there is no U.

    Returns:
        Vectors `(n_classes, dim)`, by default with as many dimensions as classes.

    Raises:
        TaxoError: Fewer than n - 1 dimensions.
        NotEmbeddable: The rotation would not fit into memory.
    """
    n = work.target.taxonomy.n_classes
    dim = work.dim or n
    if dim < n - 1:
        raise TaxoError(
            f"dim={dim}: the {n} vectors of the method etf, all at the same angle, span {n - 1} dimensions and fit "
            f"in no fewer; take dim={n - 1} or more, or the method hyperspherical for {dim} dimensions"
        )
    check_memory(
        4 * 8 * n * dim,
        f"{n} classes turned at random in {dim} dimensions",
        "take the method simplex, which has the same angles",
    )
    corners = simplex_rows(n)
    rotation = orthonormal(np.random.default_rng(work.seed), dim, corners.shape[1])
    return Made((corners @ rotation.T).astype(work.dtype, copy=False), numbered("dimension", dim))


def orthonormal(rng: np.random.Generator, rows: int, columns: int) -> NDArray[np.floating[Any]]:
    """Orthonormal columns drawn uniformly, `(rows, columns)` with rows >= columns.

    Q of the QR factorisation of normal numbers depends on the signs that the program happens to choose; with those that
    make the diagonal of R positive it is uniform (Mezzadri, "How to generate random matrices from the classical compact
    groups", Notices of the AMS 2007).
    """
    q, r = np.linalg.qr(rng.standard_normal((rows, columns)))
    return q * np.where(np.diag(r) < 0, -1.0, 1.0)
