"""The 1000 classes of ILSVRC 2012 over WordNet: what a DAG does to similarities, and how far the two ways out go.

python examples/dag_distances.py            prints the tables of docs/dags.md, and the one of docs/measures.md
"""

import time
from dataclasses import replace

import numpy as np

from taxo.embeddings import embed
from taxo.embeddings.nearest import nearest_psd
from taxo.embeddings.target import Target
from taxo.hierarchies import load
from taxo.taxonomy import STRATEGIES, Taxonomy, class_similarity, reduce
from taxo.taxonomy.wordnet.snapshot import load as load_wordnet


def graphs() -> dict[str, Taxonomy]:
    """The classes over all nouns, and over only what lies above them."""
    classes, nouns = load("ilsvrc").classes, load_wordnet()
    return {
        "all nouns": nouns.to_taxonomy().with_classes(classes),
        "above the classes": nouns.to_taxonomy([nouns.index(c) for c in classes]),
    }


def least_by_deepest_ancestor(graph: Taxonomy) -> float:
    """Least eigenvalue where the deepest common ancestor counts, as in the published code, of several the lowest."""
    classes = graph.class_nodes
    a, b = np.triu_indices(len(classes), 1)
    order = np.lexsort((graph.heights, -graph.depths))
    place = np.argsort(order)
    s = np.eye(len(classes))
    for common in graph.ancestry.common(classes[a], classes[b]):
        starts = common.starts()
        heights = graph.heights[order[np.minimum.reduceat(place[common.ancestor], starts)]]
        pair = common.pair[starts]
        s[a[pair], b[pair]] = s[b[pair], a[pair]] = 1 - heights / graph.height
    return float(np.linalg.eigvalsh(s)[0])


def ways_out(name: str, graph: Taxonomy) -> None:
    """Print a row for every way."""
    target, s = Target(graph), class_similarity(graph)
    values = np.linalg.eigvalsh(s)
    print(
        f"\n{name}: {graph.n_nodes} nodes, {len(graph.multi_parent_nodes)} with several parents, height {graph.height}"
    )
    print(f"least eigenvalue {values[0]:.4f}, {(values < 0).sum()} negative ones")
    print(f"least eigenvalue by the deepest common ancestor {least_by_deepest_ancestor(graph):.4f}")
    print("way                 pairs changed  by > 0.1  mean    largest  Frobenius  dimensions  seconds")
    for strategy in STRATEGIES:
        start = time.perf_counter()
        tree = replace(target, taxonomy=reduce(graph, strategy).taxonomy)
        print_row(f"reduce:{strategy}", s, tree.matrix(), time.perf_counter() - start)
    start = time.perf_counter()
    nearest = nearest_psd(s)
    print_row("nearest-psd", s, nearest.matrix, time.perf_counter() - start)
    same = int((np.triu(nearest.matrix, 1) > 1 - 1e-9).sum())
    print(f"nearest-psd: {nearest.iterations} steps; {same} pairs of classes have the same vector")


def print_row(way: str, before: np.ndarray, after: np.ndarray, seconds: float) -> None:
    """How far one matrix of similarities is from another; both are symmetric."""
    change = np.abs(after - before)[np.triu_indices(len(before), 1)]
    counts = f"{(change > 1e-12).sum():13,}  {(change > 0.1).sum():8,}"
    sizes = f"{change.mean():.4f}  {change.max():7.4f}  {np.sqrt(2) * np.linalg.norm(change):9.2f}"
    rank = int((np.linalg.eigvalsh(after) > 1e-10).sum())
    print(f"{way:<18}  {counts}  {sizes}  {rank:10}  {seconds:7.2f}")


def measures() -> None:
    """Print a row for every measure on three built-in trees."""
    print("\nmeasure           classes  largest deviation  least eigenvalue  seconds for S  seconds in all")
    for name in ("cub-deep", "nab", "ilsvrc"):
        taxonomy = load(name)
        for measure, ic in (("wup", None), ("path", None), ("lin", "seco"), ("resnik", "seco"), ("resnik", "sanchez")):
            start = time.perf_counter()
            Target(taxonomy, measure, ic=ic).matrix()
            middle = time.perf_counter()
            found = embed(taxonomy, measure=measure, ic=ic).verification
            end = time.perf_counter()
            label = f"{measure} {ic or ''}"
            times = f"{middle - start:13.2f}  {end - middle:14.2f}"
            row = f"{taxonomy.n_classes:7}  {found.max_deviation:17.1e}  {found.least_eigenvalue:16.3f}  {times}"
            print(f"{label:<16}  {row}")


if __name__ == "__main__":
    for title, dag in graphs().items():
        ways_out(title, dag)
    measures()
