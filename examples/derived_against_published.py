"""CIFAR-100 from its class names alone, against the published tree: rank correlation of the class-pair similarities.

python examples/derived_against_published.py [PUBLISHED]

PUBLISHED is the tree to compare with, the built-in `cifar100` by default. Its classes must be named like CIFAR-100's.
"""

import sys

import numpy as np
from scipy.stats import spearmanr

from taxo.hierarchies import resolve
from taxo.taxonomy import Taxonomy, class_lcs_heights
from taxo.taxonomy.reduction import STRATEGIES
from taxo.taxonomy.wordnet.derive import derive


def rank_correlation(a: Taxonomy, b: Taxonomy) -> float:
    """Spearman's, over all pairs of different classes; both hierarchies have the same classes in the same order."""
    pairs = np.triu_indices(a.n_classes, 1)
    return float(spearmanr(class_lcs_heights(a)[pairs], class_lcs_heights(b)[pairs]).statistic)


def main() -> None:
    """Print a table of the strategies."""
    published = resolve(sys.argv[1] if len(sys.argv) > 1 else "cifar100")
    print("strategy    chains     nodes  height  rank correlation")
    for strategy in STRATEGIES:
        for collapse in (False, True):
            tree = derive(published.classes, strategy=strategy, collapse=collapse).taxonomy
            chains = "collapsed" if collapse else "kept"
            figures = f"{tree.n_nodes:5}  {tree.height:6}  {rank_correlation(published, tree):16.3f}"
            print(f"{strategy:<10}  {chains:<9}  {figures}")
    graph = derive(published.classes).reduction.original
    print(f"all parents, no tree  {graph.n_nodes:5}  {graph.height:6}  {rank_correlation(published, graph):16.3f}")


if __name__ == "__main__":
    main()
