"""What to train towards: from `--embedding` and `--hierarchy` to classes, class embeddings and a hierarchy."""

from taxo import hierarchies
from taxo.embeddings import Embedding, embed, load
from taxo.taxonomy import TaxoError, Taxonomy, flat, from_edges

from .config import TrainConfig

ONEHOT = "onehot"


def wanted_embedding(config: TrainConfig) -> tuple[Embedding | None, Taxonomy | None]:
    """The class embedding, and the hierarchy that predictions are scored by.

    `embedding` is "onehot", an `.npz` file or a hierarchy. Both values are None for "onehot" without a
    hierarchy: then the data say which classes there are, see `onehot_of`.

    Raises:
        TaxoError: The embedding and the hierarchy do not fit together, or one of them cannot be found.
    """
    given = hierarchies.resolve(config.hierarchy) if config.hierarchy else None
    if config.embedding == ONEHOT:
        return (embed(given, ONEHOT), given) if given is not None else (None, None)
    if config.embedding.endswith(".npz"):
        embedding = load(config.embedding)
        return embedding, _hierarchy_of(embedding, given)
    taxonomy = hierarchies.resolve(config.embedding)
    if given is not None and given.classes != taxonomy.classes:
        raise TaxoError(
            f"the hierarchies {taxonomy.name!r} (--embedding) and {given.name!r} (--hierarchy) do not have the same "
            f"classes in the same order{_first_difference(taxonomy.classes, given.classes)}"
        )
    return embed(taxonomy), given or taxonomy


def onehot_of(classes: tuple[str, ...]) -> tuple[Embedding, Taxonomy]:
    """One-hot vectors for classes without a hierarchy, and the hierarchy in which each is by itself."""
    taxonomy = flat(classes, ONEHOT)
    return embed(taxonomy, ONEHOT), taxonomy


def _hierarchy_of(embedding: Embedding, given: Taxonomy | None) -> Taxonomy:
    """The hierarchy of a stored embedding: the given one, else a built-in one, else just its classes.

    Raises:
        TaxoError: The given hierarchy is not the one that the embedding was made from.
    """
    if given is None and embedding.hierarchy in hierarchies.names():
        built_in = hierarchies.load(embedding.hierarchy)
        given = built_in if built_in.fingerprint == embedding.fingerprint else None
    if given is None:
        return _only_classes(embedding)
    if given.fingerprint != embedding.fingerprint:
        raise TaxoError(
            f"the embedding was made from the hierarchy {embedding.hierarchy!r} with fingerprint "
            f"{embedding.fingerprint}, but {given.name!r} has {given.fingerprint}; name the hierarchy that it was "
            f"made from, or build the embedding again{_first_difference(embedding.classes, given.classes)}"
        )
    return given


def _only_classes(embedding: Embedding) -> Taxonomy:
    """The classes of an embedding as a forest of single nodes, with their numbers."""
    numbers = embedding.labels.tolist()
    # Class order goes by the numbers; a file in another order keeps its order and loses the numbers.
    if numbers != sorted(set(numbers)):
        return flat(embedding.classes, embedding.hierarchy)
    by_name = dict(zip(embedding.classes, numbers, strict=True))
    return from_edges([], nodes=embedding.classes, class_numbers=by_name, name=embedding.hierarchy)


def _first_difference(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    if len(ours) != len(theirs):
        return f" ({len(ours)} and {len(theirs)} classes)"
    places = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    return f" (class {places[0]} is {ours[places[0]]!r} and {theirs[places[0]]!r})" if places else ""
