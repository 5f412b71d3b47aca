"""Lowest common subsumers, for arrays of pairs at once."""

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from . import arrays
from .arrays import Ints, Rows

if TYPE_CHECKING:
    from .ancestry import Ancestry


class Subsumers(Protocol):
    """Finds the lowest common subsumer of many pairs of nodes."""

    def of(self, a: Ints, b: Ints) -> Ints:
        """Nodes `(n_pairs,)` for two arrays of nodes `(n_pairs,)`; -1 where there is none."""
        ...


class TreeSubsumers:
    """Lowest common ancestors in a forest, constant time a pair, memory linear in the nodes.

    The algorithm of Schieber & Vishkin ("On finding lowest common ancestors: simplification and
    parallelization", SIAM J. Comput. 17, 1988) maps the tree onto a complete binary tree, where common
    ancestors are found by bit operations. These vectorise: a million pairs are some thirty array operations.
    """

    def __init__(self, parent: Ints, children: Rows, depth: Ints) -> None:
        """Takes the forest's parents `(n_nodes,)` (-1 for roots), children, and depths `(n_nodes,)`."""
        n = len(parent)
        # Half the memory, and a third faster: both this and the queries wait for the memory only.
        kind = np.dtype(np.int32 if n < 1 << 30 else np.int64)
        # A super-root n joins the trees of a forest; a pair whose ancestor it is has none.
        self._parent = np.concatenate([np.where(parent < 0, n, parent), [n]], dtype=kind)
        self._depth = np.concatenate([depth + 1, [0]], dtype=kind)
        position, size = arrays.preorder(children, depth)
        # Positions count from 1, the super-root's first.
        first: Ints = np.concatenate([position + 2, [1]], dtype=kind)
        last: Ints = np.concatenate([position + size + 1, [n + 1]], dtype=kind)
        # The number in [first, last] with the most trailing zero bits.
        bit: Ints = _highest_bit((first - 1) ^ last).astype(kind)
        self._inlabel = (last >> bit) << bit
        self._ascendant = self._path_bits(depth)
        # The topmost node of each run of equal inlabels: reversed, so that the shallowest is written last.
        self._head = np.full(n + 2, n, dtype=kind)
        self._head[self._inlabel[:n][::-1]] = np.arange(n)[::-1]
        self._head[self._inlabel[n]] = n

    def _path_bits(self, depth: Ints) -> Ints:
        """For every node, the lowest bits of all inlabels on its way to the super-root, or-ed."""
        bits: Ints = self._inlabel & -self._inlabel
        for low, high in arrays.level_bounds(depth):
            bits[low:high] |= bits[self._parent[low:high]]
        return bits

    def of(self, a: Ints, b: Ints) -> Ints:
        """Lowest common ancestor of each pair, `(n_pairs,)`; -1 between trees of a forest."""
        label_a, label_b = self._inlabel[a], self._inlabel[b]
        high = _highest_bit(label_a ^ label_b)
        common = self._ascendant[a] & self._ascendant[b] & -(np.intp(1) << high)
        lowest = common & -common
        target = (label_a & -lowest) | lowest  # inlabel of the ancestor looked for
        up_a, up_b = self._climb(a, label_a, target, lowest), self._climb(b, label_b, target, lowest)
        found = np.where(self._depth[up_a] <= self._depth[up_b], up_a, up_b)
        return np.where(found == len(self._parent) - 1, -1, found)

    def _climb(self, node: Ints, label: Ints, target: Ints, lowest: Ints) -> Ints:
        """The lowest ancestor-or-self of `node` whose inlabel is `target`."""
        bit = _highest_bit(self._ascendant[node] & (lowest - 1))
        below = (label >> (bit + 1) << (bit + 1)) | (np.intp(1) << bit)
        return np.where(label == target, node, self._parent[self._head[np.where(label == target, 0, below)]])


class DagSubsumers:
    """Lowest common subsumers in a DAG: least height, then greatest depth, then first in node order.

    The rule makes the answer unique and independent of hash seeds, which the deepest common ancestor out of
    a set is not (docs/mathematics.md). Costs the number of ancestors of the nodes asked about.
    """

    def __init__(self, ancestry: "Ancestry", height: NDArray[Any], depth: Ints) -> None:
        """Takes what finds the common ancestors, heights `(n_nodes,)` of any kind and depths `(n_nodes,)`."""
        self._ancestry = ancestry
        self._by_rank = np.lexsort((np.arange(len(height)), -depth, height))
        self._rank = np.empty_like(self._by_rank)
        self._rank[self._by_rank] = np.arange(len(height))

    def of(self, a: Ints, b: Ints) -> Ints:
        """Lowest common subsumer of each pair, `(n_pairs,)`; -1 where there is no common ancestor."""
        found = np.full(len(a), -1, dtype=np.intp)
        for common in self._ancestry.common(a, b):
            starts = common.starts()
            if starts.size:
                found[common.pair[starts]] = self._by_rank[np.minimum.reduceat(self._rank[common.ancestor], starts)]
        return found


def _highest_bit(values: Ints) -> Ints:
    """Index of the highest set bit; 0 for 0. Exact below 2**53."""
    # The exponent stands in bits 52 to 62 of a double, with 1023 added.
    bits = np.maximum(values, 1).astype(np.float64).view(np.int64)
    bits >>= 52
    bits -= 1023
    return bits
