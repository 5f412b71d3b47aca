"""Which column of a table every node stands in: that of its rank, or that of its depth."""

import heapq
from collections import defaultdict

import numpy as np

from ..taxonomy import Taxonomy
from .ranks import RANKS


def levels_of(taxonomy: Taxonomy) -> tuple[list[str], list[int]]:
    """The ranks from the top down, and the column of every node, `(n_nodes,)`.

    Without ranks, or with ranks that a table cannot hold, the columns are the depths and the list is empty.
    """
    if not any(taxonomy.ranks) or limits(taxonomy):
        return [], taxonomy.depths.tolist()
    ranks = _ordered(taxonomy)
    column = {rank: i for i, rank in enumerate(ranks)}
    return ranks, [column[rank] for rank in taxonomy.ranks]


def limits(taxonomy: Taxonomy) -> dict[str, str]:
    """Why a table of ranks cannot hold the ranks of a tree, in words; nothing where it can.

    Every node must have a rank, and there must be an order of the ranks in which they descend along every path.
    """
    if not any(taxonomy.ranks) or not taxonomy.is_tree:
        return {}
    without = [name for name, rank in zip(taxonomy.names, taxonomy.ranks, strict=True) if not rank]
    if without:
        many = f"{len(without)} of {taxonomy.n_nodes} nodes have none, the first {without[0]!r}"
        return {"ranks": f"ranks ({many})"}
    pairs = _pairs(taxonomy)
    same = next((child for (above, below), child in pairs.items() if above == below), None)
    if same is not None:
        parent = taxonomy.names[int(taxonomy.parent[same])]
        return {"ranks": f"ranks ({taxonomy.ranks[same]} {taxonomy.names[same]!r} lies below another, {parent!r})"}
    ordered = _ordered(taxonomy)
    if len(ordered) < len(set(taxonomy.ranks)):
        lost = next(rank for rank in taxonomy.ranks if rank not in set(ordered))
        return {"ranks": f"ranks (they do not descend: {lost} stands above and below the same rank)"}
    return {}


def _pairs(taxonomy: Taxonomy) -> dict[tuple[str, str], int]:
    """Every two ranks that stand one directly above the other, with one node of the lower."""
    number: dict[str, int] = {}
    of = np.array([number.setdefault(rank, len(number)) for rank in taxonomy.ranks], dtype=np.int64)
    child = np.flatnonzero(taxonomy.parent >= 0)
    keys, first = np.unique(of[taxonomy.parent[child]] * len(number) + of[child], return_index=True)
    names = list(number)
    found = {}
    for key, at in zip(keys.tolist(), first.tolist(), strict=True):
        above, below = divmod(key, len(number))
        found[names[above], names[below]] = int(child[at])
    return found


def _ordered(taxonomy: Taxonomy) -> list[str]:
    """The ranks from the top down; those on or below a cycle of ranks are missing.

    Where the hierarchy leaves the order open, the usual order of ranks decides, then the order of the nodes.
    """
    usual = {rank: i for i, rank in enumerate(RANKS)}
    seen = {rank: i for i, rank in enumerate(dict.fromkeys(taxonomy.ranks))}
    below, waiting = defaultdict(list), dict.fromkeys(seen, 0)
    for above, rank in _pairs(taxonomy):
        below[above].append(rank)
        waiting[rank] += 1
    ready = [(usual.get(rank, len(usual)), seen[rank], rank) for rank, count in waiting.items() if not count]
    heapq.heapify(ready)
    ordered = []
    while ready:
        *_, rank = heapq.heappop(ready)
        ordered.append(rank)
        for following in below[rank]:
            waiting[following] -= 1
            if not waiting[following]:
                heapq.heappush(ready, (usual.get(following, len(usual)), seen[following], following))
    return ordered
