"""What to train towards: from `--embedding` and `--hierarchy` to classes, class embeddings and a hierarchy."""

from taxo import hierarchies
from taxo.embeddings import Embedding, embed, load
from taxo.embeddings.files import is_embedding_file
from taxo.embeddings.origin import class_difference, fitted, same_hierarchy
from taxo.taxonomy import TaxoError, Taxonomy, flat, from_edges

from .config import TrainConfig
from .configure import ONEHOT

_OPTIONS = ("--embedding", "--hierarchy")


def wanted_embedding(config: TrainConfig) -> tuple[Embedding | None, Taxonomy | None]:
    """The class embedding, and the hierarchy that predictions are scored by.

    `embedding` is "onehot", a file with an embedding, or a hierarchy. Both values are None for "onehot" without a
    hierarchy: then the data say which classes there are, see `onehot_of`.

    Raises:
        TaxoError: The embedding and the hierarchy do not fit together, or one of them cannot be found.
    """
    given = hierarchies.resolve(config.hierarchy) if config.hierarchy else None
    if config.embedding == ONEHOT:
        return (embed(given, ONEHOT), given) if given is not None else (None, None)
    if is_embedding_file(config.embedding):
        return _stored(config.embedding, given)
    taxonomy = hierarchies.resolve(config.embedding)
    if given is not None and given.classes != taxonomy.classes:
        raise TaxoError(
            f"the hierarchies {taxonomy.name!r} (--embedding) and {given.name!r} (--hierarchy) do not have the same "
            f"classes in the same order: {class_difference(taxonomy.classes, given.classes, _OPTIONS)}"
        )
    return embed(taxonomy), given or taxonomy


def onehot_of(classes: tuple[str, ...]) -> tuple[Embedding, Taxonomy]:
    """One-hot vectors for classes without a hierarchy, and the hierarchy in which each is by itself."""
    taxonomy = flat(classes, ONEHOT)
    return embed(taxonomy, ONEHOT), taxonomy


def _stored(path: str, given: Taxonomy | None) -> tuple[Embedding, Taxonomy]:
    """A stored embedding and its hierarchy: the given one, else a built-in one, else just its classes.

    Raises:
        TaxoError: The given hierarchy is not the one that the embedding was made from.
    """
    embedding = load(path)
    if given is not None:
        return fitted(embedding, given, path), given
    if embedding.hierarchy in hierarchies.names():
        built_in = hierarchies.load(embedding.hierarchy)
        if same_hierarchy(embedding, built_in):
            return embedding, built_in
    return embedding, _only_classes(embedding)


def _only_classes(embedding: Embedding) -> Taxonomy:
    """The classes of an embedding as a forest of single nodes, with their numbers."""
    numbers = embedding.labels.tolist()
    # Class order goes by the numbers; a file in another order keeps its order and loses the numbers.
    if numbers != sorted(set(numbers)):
        return flat(embedding.classes, embedding.hierarchy)
    by_name = dict(zip(embedding.classes, numbers, strict=True))
    return from_edges([], nodes=embedding.classes, class_numbers=by_name, name=embedding.hierarchy)
