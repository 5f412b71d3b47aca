"""From the options of a training to everything that it needs, loaded and checked."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from taxo.embeddings import Embedding
from taxo.embeddings.class_tree import TO_A_TREE
from taxo.taxonomy import TaxoError, Taxonomy

from .config import TrainConfig
from .data import DATASET_OF_HIERARCHY, DataConfig, Splits, load_splits
from .networks import network
from .targets import onehot_of, wanted_embedding

log = logging.getLogger("taxo")

Remark = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """Everything that a training needs, loaded and checked.

    Attributes:
        config: The options, every default filled in.
        embedding: The class embedding.
        taxonomy: The hierarchy that predictions are scored by.
        splits: The images.
    """

    config: TrainConfig
    embedding: Embedding
    taxonomy: Taxonomy
    splits: Splits


def prepare(config: TrainConfig, *, on_remark: Remark = log.info) -> Plan:
    """Load what a training needs, without training: also what a dry run shows.

    Args:
        config: The options.
        on_remark: Is told what was assumed, one sentence each.

    Raises:
        TaxoError: The embedding, the hierarchy or the data are missing, broken or do not fit together.
    """
    embedding, taxonomy = wanted_embedding(config)
    if taxonomy is not None and not taxonomy.is_tree:
        raise TaxoError(
            f"predictions are scored by a tree, and hierarchy {taxonomy.name!r} is a DAG: "
            f"{taxonomy.describe_multi_parents()}; {TO_A_TREE}"
        )
    data = _with_dataset(config.data, taxonomy, on_remark)
    splits = load_splits(data, taxonomy)
    if embedding is None or taxonomy is None:
        embedding, taxonomy = onehot_of(splits.classes)
    features = network(config.arch).features
    if config.loss in ("cosine", "mse") and features < embedding.dim:
        on_remark(
            f"{config.arch} has {features} features for the {embedding.dim} dimensions of the class embedding: f "
            "cannot come close to all classes, and some may be confused; a wider --arch or --loss cosine+xent helps"
        )
    return Plan(replace(config.resolved(), data=data), embedding, taxonomy, splits)


def _with_dataset(data: DataConfig, taxonomy: Taxonomy | None, on_remark: Remark) -> DataConfig:
    """The data options with a data set: the named one, else the one that belongs to the hierarchy.

    Raises:
        TaxoError: None is named and none belongs to the hierarchy.
    """
    if data.dataset:
        return data
    name = taxonomy.name if taxonomy else "onehot"
    if name in DATASET_OF_HIERARCHY:
        return replace(data, dataset=DATASET_OF_HIERARCHY[name])
    if data.data:
        on_remark(f"no data set is named: {data.data} is read as class folders (--dataset folder)")
        return replace(data, dataset="folder")
    raise TaxoError(
        f"no data set belongs to {name!r}; name one: --dataset folder --data DIR for images in class folders, "
        "or --dataset synthetic for images drawn for the hierarchy"
    )
