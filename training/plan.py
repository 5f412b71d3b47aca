"""From the options of a training to everything that it needs, loaded and checked."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from taxo.embeddings import Embedding
from taxo.embeddings.class_tree import TO_A_TREE
from taxo.taxonomy import TaxoError, Taxonomy

from .config import TrainConfig
from .configure import dataset_for
from .data import Splits, load_splits
from .logs import check_installed
from .networks import InputSpec, network
from .stream import Stream
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
        splits: The items.
    """

    config: TrainConfig
    embedding: Embedding
    taxonomy: Taxonomy
    splits: Splits

    @property
    def inputs(self) -> InputSpec:
        """What the network is fed with."""
        vocabulary, data = self.splits.vocabulary, self.config.data
        if vocabulary is None:
            return InputSpec(data.channels, data.image_size)
        return InputSpec(n_words=len(vocabulary), word_dim=vocabulary.dim, word_vectors=vocabulary.vectors)

    @property
    def stream(self) -> Stream:
        """Which items stand in which batch."""
        return Stream(len(self.splits.train), self.config.batch_size, self.config.seed)

    @property
    def steps_per_epoch(self) -> int:
        """Batches per epoch: as many as the data set gives before items were drawn from it."""
        return self.config.steps_per_epoch or self.stream.steps(self.splits.full_size)


def prepare(
    config: TrainConfig,
    *,
    targets: tuple[Embedding, Taxonomy] | None = None,
    on_remark: Remark = log.info,
) -> Plan:
    """Load what a training needs, without training: also what a dry run shows.

    Args:
        config: The options.
        targets: The class embedding and the hierarchy, where they are at hand; by default what `config` names.
        on_remark: Is told what was assumed, one sentence each.

    Raises:
        TaxoError: The embedding, the hierarchy or the data are missing, broken or do not fit together.
    """
    data = replace(
        config.data,
        dataset=dataset_for(
            config.embedding, config.hierarchy, config.data.dataset, config.data.data, on_remark=on_remark
        ),
    )
    embedding, taxonomy = targets or wanted_embedding(config)
    if taxonomy is not None and not taxonomy.is_tree:
        raise TaxoError(
            f"predictions are scored by a tree, and hierarchy {taxonomy.name!r} is a DAG: "
            f"{taxonomy.describe_multi_parents()}; {TO_A_TREE}"
        )
    splits = load_splits(data, taxonomy)
    if embedding is None or taxonomy is None:
        embedding, taxonomy = onehot_of(splits.classes)
    plan = Plan(replace(config.resolved(), data=data), embedding, taxonomy, splits)
    check(plan, on_remark)
    return plan


def check(plan: Plan, on_remark: Remark) -> None:
    """What does not fit together in a plan.

    Raises:
        TaxoError: The network is one for other items, or there is nothing to choose the last epoch by.
    """
    config = plan.config
    entry = network(config.arch)
    kind = "images" if plan.splits.vocabulary is None else "texts"
    if entry.kind != kind:
        other = "--arch gru" if kind == "texts" else "--arch resnet-20"
        raise TaxoError(
            f"{config.arch} is a network for {entry.kind}, and data set {config.data.dataset!r} holds {kind}; "
            f"take another one: {other}"
        )
    for kind in config.logs:
        check_installed(kind)
    if config.patience and plan.splits.val is None:
        raise TaxoError(
            f"patience is {config.patience}, but there are no validation items to judge by; hold some out with "
            "--val-fraction 0.2, or leave patience at 0"
        )
    if config.loss in ("cosine", "mse"):
        check_distinct(plan.embedding)
    if config.loss in ("cosine", "mse") and entry.features < plan.embedding.dim:
        on_remark(
            f"{config.arch} has {entry.features} features for the {plan.embedding.dim} dimensions of the class "
            "embedding: f cannot come close to all classes, and some may be confused; a wider --arch or "
            "--loss cosine+xent helps"
        )


def check_distinct(embedding: Embedding) -> None:
    """Raise where classes have the same vector, to six digits; sparse embeddings are not looked at.

    Raises:
        TaxoError: Names two of these classes.
    """
    if not isinstance(embedding.vectors, np.ndarray):
        return
    _, first, place = np.unique(np.round(embedding.vectors, 6), axis=0, return_index=True, return_inverse=True)
    # A vector stands for the first class that has it; the others are too many.
    double = np.flatnonzero(first[place.ravel()] != np.arange(len(place.ravel())))
    if len(double):
        one, other = (embedding.classes[c] for c in (first[place.ravel()[double[0]]], double[0]))
        raise TaxoError(
            f"the class embedding has {embedding.dim} dimensions, in which {len(double)} classes have the vector of "
            f"another one ({other!r} that of {one!r}): the nearest embedding cannot tell them apart; take more "
            "dimensions (taxo build-embeddings --dim), or a loss that predicts otherwise (--loss cosine+xent)"
        )
