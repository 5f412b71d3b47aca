"""Sums over a tree as torch modules: upwards, downwards, and over the siblings before or behind each node."""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from taxo.embeddings.class_tree import ClassTree
from taxo.taxonomy import arrays
from taxo.taxonomy.arrays import Ints, Rows

from .products import row_sums

_WINDOW = 8  # siblings added at a time


class TreeSums(nn.Module):
    """The passes of `taxo.embeddings.operators_passes` over values `(n_nodes, batch)`, level by level.

    Args:
        tree: From `class_tree`.
    """

    parent: Tensor
    leaf_of: Tensor
    inner: Tensor
    edges: Tensor
    start: Tensor

    def __init__(self, tree: ClassTree) -> None:
        super().__init__()
        self.n_nodes = len(tree.parent)
        levels = list(arrays.inner_by_level(tree.children, tree.level))
        keep(self, "parent", tree.parent)
        keep(self, "leaf_of", tree.leaf_of)
        for name, part in (("inner", 0), ("edges", 1), ("start", 2)):
            keep(self, name, np.concatenate([level[part] for level in levels]))
        # Of every level, deepest first: its part of the inner nodes, and of the edges below them.
        nodes = np.cumsum([0, *(len(level[0]) for level in levels)]).tolist()
        edges = np.cumsum([0, *(len(level[1]) for level in levels)]).tolist()
        self.up_bounds = [
            (slice(*node), slice(*edge)) for node, edge in zip(pairwise(nodes), pairwise(edges), strict=True)
        ]
        self.down_bounds = [slice(low, high) for low, high in arrays.level_bounds(tree.level)[1:]]
        self.earlier = SiblingSums(tree.children, backwards=False)
        self.later = SiblingSums(tree.children, backwards=True)

    def at_leaves(self, values: Tensor) -> Tensor:
        """Values of the classes `(n_classes, batch)` put at their leaves, 0 at the inner nodes."""
        out = values.new_zeros(self.n_nodes, values.shape[1])
        return out.index_copy_(0, self.leaf_of, values)

    def up(self, values: Tensor, weight: Tensor | None = None, after: Tensor | None = None) -> None:
        """Give every inner node, in place, the sum over its children of `weight` times the value; from the leaves up.

        Args:
            values: `(n_nodes, batch)`.
            weight: `(n_nodes,)` of the children.
            after: `(n_nodes,)` that the sums are multiplied by.
        """
        for nodes, edges in self.up_bounds:
            index, at = self.edges[edges], self.inner[nodes]
            sums = row_sums(values, index, self.start[nodes], None if weight is None else weight[index])
            if after is not None:
                sums *= after[at, None]
            values.index_copy_(0, at, sums)

    def down(self, values: Tensor, weight: Tensor | None = None) -> None:
        """Add to every value, in place, its `weight` times the value of the parent; from the root down."""
        for here in self.down_bounds:
            above = values.index_select(0, self.parent[here])
            if weight is not None:
                above *= weight[here, None]
            values[here] += above


class SiblingSums(nn.Module):
    """Sums over all siblings on one side of each node, in windows of 8, 64, 512 ... of them.

    A running sum over all edges at once would cost digits, one for each row would be slow.

    Args:
        children: Of every node.
        backwards: Whether the sums are over the later siblings.
    """

    def __init__(self, children: Rows, *, backwards: bool) -> None:
        super().__init__()
        self.steps = 0
        counts = children.counts()
        place = np.arange(len(children.index)) - np.repeat(children.start[:-1], counts)
        if backwards:
            place = np.repeat(counts, counts) - 1 - place
        reach, widest = 0, int(counts.max(initial=0)) - 1  # how many siblings the sums reach, and how many there are
        while reach < widest:
            found = _window(children, place, backwards, max(1, reach), first=0 if reach else 1)
            keep(self, f"index{self.steps}", found.index)
            keep(self, f"start{self.steps}", found.start[:-1])
            self.steps += 1
            reach = max(1, reach) * _WINDOW

    def forward(self, values: Tensor, weight: Tensor | None = None) -> Tensor:
        """The sums, `(n_nodes, batch)`; 0 for the first or last of siblings, and for the root.

        Args:
            values: `(n_nodes, batch)`.
            weight: `(n_nodes,)` of the values.
        """
        if not self.steps:
            return torch.zeros_like(values)
        for step in range(self.steps):
            index, start = self.get_buffer(f"index{step}"), self.get_buffer(f"start{step}")
            values = row_sums(values, index, start, weight[index] if weight is not None and not step else None)
        return values


def _window(children: Rows, place: Ints, backwards: bool, stride: int, *, first: int) -> Rows:
    """For every node the siblings at `first`, `first + 1`, ... strides from it, a window of them at most."""
    nodes, sources = [], []
    for j in range(first, first + _WINDOW):
        at = np.flatnonzero(place >= j * stride)
        nodes.append(children.index[at])
        sources.append(children.index[at + j * stride if backwards else at - j * stride])
    return arrays.rows(np.concatenate(nodes), np.concatenate(sources), len(children.start) - 1)


def keep(module: nn.Module, name: str, array: NDArray[Any], dtype: torch.dtype = torch.int64) -> None:
    """An array as a buffer, which moves with the module but is no part of the saved weights."""
    module.register_buffer(name, torch.from_numpy(np.array(array)).to(dtype), persistent=False)
