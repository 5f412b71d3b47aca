"""What one method takes to embed the classes of a tree, in this process. Run by `embeddings.py`.

python benchmarks/embedding_methods.py METHOD EDGES REPEATS    prints one JSON object
"""

import json
import sys
from statistics import median
from typing import Any

import numpy as np
import scipy.linalg  # here, so that importing it is no part of the first method that needs it
import scipy.sparse.linalg  # noqa: F401
from machine import peak_mb, timed
from published import unit_sphere

from taxo.embeddings import METHODS, embed, verify
from taxo.embeddings.class_tree import class_tree
from taxo.embeddings.factor import factorise
from taxo.embeddings.target import Target
from taxo.embeddings.work import Work
from taxo.taxonomy import read

SPECTRAL_DIM = 128


def main() -> None:
    """Read the tree, run the method, print what it took and how exact it is."""
    method, edges, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
    taxonomy = read(edges, format="pairs", is_a=False, tree=True)
    target = Target(taxonomy)
    # What the published algorithm and LAPACK start from; making it does not count as their time.
    similarities = target.matrix() if method in ("published", "lapack") else None
    before, runs = peak_mb(), []
    for _ in range(repeats):
        with timed() as run:
            made = make(method, target, similarities)
        runs.append(run)
    taken = {unit: round(median(run[unit] for run in runs), 6) for unit in ("s", "cpu_s")}
    found = {"classes": taxonomy.n_classes, **taken, "peak_mb": round(peak_mb()), "peak_mb_before": round(before)}
    if made is not None:
        checked = verify(made, target, least_eigenvalue=False)
        found |= {"max_deviation": checked.max_deviation, "mean_deviation": checked.mean_deviation}
        found |= {"pairs": checked.pairs, "dim": int(made.shape[1])}
    print(json.dumps(found))


def make(method: str, target: Target, similarities: Any) -> Any:
    """The vectors; None for the compact form, which is not written out."""
    taxonomy = target.taxonomy
    if method == "published":
        return unit_sphere(similarities)
    if method == "lapack":
        return np.linalg.cholesky(similarities)
    if method == "compact":
        factorise(class_tree(taxonomy))
        return None
    if method == "verified":
        return embed(taxonomy, "exact").vectors
    # A new target, so that nothing is left over from an earlier run.
    dim = min(SPECTRAL_DIM, taxonomy.n_classes) if method == "spectral" else None
    dtype = np.dtype(np.float64 if taxonomy.n_classes <= 2000 else np.float32)
    return METHODS[method].make(method, Work(target=Target(taxonomy), dtype=dtype, dim=dim)).vectors


if __name__ == "__main__":
    main()
