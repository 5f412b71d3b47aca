"""From what a user says to a configuration: the recipe, then the file, then the flags."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from taxo import hierarchies
from taxo.embeddings import load
from taxo.embeddings.files import is_embedding_file
from taxo.taxonomy import TaxoError

from .config import TrainConfig
from .data.config import DataConfig
from .data.registry import DATASET_OF_HIERARCHY, dataset
from .recipes import RECIPES, recipe
from .toml import read_values

log = logging.getLogger("taxo")

ONEHOT = "onehot"

DATA_KEYS = frozenset(f.name for f in fields(DataConfig))
"""Options that belong to the data set. No option of the training has one of these names, but for `data` itself."""


def configure(
    given: Mapping[str, Any], file: Path | None = None, *, on_remark: Callable[[str], None] = log.info
) -> TrainConfig:
    """The configuration of a training.

    Args:
        given: What the user says, by the names of the fields of `TrainConfig`; "data.NAME" is a field of `DataConfig`.
            It stands above the file.
        file: A configuration, whole or in part; what it says stands above the recipe.
        on_remark: Is told what was assumed, one sentence each.

    Raises:
        TaxoError: No embedding is named; values that are unknown, of a wrong type or out of range; a recipe other than
            the one of the file.
    """
    stored = _of_file(file) if file is not None else {}
    if "recipe" in given and given["recipe"] != stored.get("recipe", given["recipe"]):
        raise TaxoError(
            f"{file} was made by the recipe {stored['recipe']!r} and says every value of it, so --recipe "
            f"{given['recipe']} would change nothing; leave one of the two away"
        )
    said = {**stored, **given}
    if not said.get("embedding"):
        raise TaxoError("no --embedding: name a hierarchy (`taxo list`), a file of embeddings, or onehot")
    said["data.dataset"] = dataset_for(
        said["embedding"],
        said.get("hierarchy", ""),
        said.get("data.dataset", ""),
        said.get("data.data", ""),
        on_remark=on_remark,
    )
    defaults = recipe(said.get("recipe", next(iter(RECIPES)))).values(
        dataset(said["data.dataset"]),
        image_size=said.get("data.image_size", 0),
        loss=said.get("loss", ""),
        smoothing=said.get("label_smoothing", 0.0),
        fine_tuning=bool(said.get("pretrained") or said.get("weights")),
    )
    return _built({**_fitting(defaults, said), **said}, file)


MAY_CHANGE = frozenset({"output", "workers", "device", "logs", "checkpoint_minutes"})
"""Options that may be others when a training is resumed: they do not decide what it comes to."""


def resumed(folder: Path, given: Mapping[str, Any]) -> TrainConfig | None:
    """The configuration of a run that is to go on; None where the folder holds none.

    Args:
        folder: The run folder.
        given: What the user says, as for `configure`.

    Raises:
        TaxoError: The user says something else than the run; all of it.
    """
    file = folder / "config.toml"
    if not file.is_file():
        return None
    stored = _of_file(file)
    wrong = [
        f"{name.removeprefix('data.')} ({stored[name]!r})"
        for name, value in given.items()
        if name not in MAY_CHANGE and name in stored and stored[name] != value
    ]
    if wrong:
        raise TaxoError(
            f"{folder}: a training goes on with the options that it began with; leave away what is another there: "
            f"{', '.join(wrong)}"
        )
    kept = {name: value for name, value in given.items() if name in MAY_CHANGE}
    return _built({**stored, **kept, "output": str(folder)}, file)


def dataset_for(
    embedding: str, hierarchy: str, named: str, data: str, *, on_remark: Callable[[str], None] = log.info
) -> str:
    """The data set: the named one, else the one that belongs to the hierarchy, else what `data` looks like.

    Args:
        embedding: The option of that name.
        hierarchy: The option of that name.
        named: The named data set, or "".
        data: Where the data lie, or "".
        on_remark: Is told what was assumed.

    Raises:
        TaxoError: None is named and none belongs to the hierarchy.
    """
    if named:
        return named
    name = _hierarchy_name(embedding, hierarchy)
    if name in DATASET_OF_HIERARCHY:
        return DATASET_OF_HIERARCHY[name]
    if data:
        on_remark(f"no data set is named: {data} is read as class folders (--dataset folder)")
        return "folder"
    raise TaxoError(
        f"no data set belongs to {name!r}; name one: --dataset folder --data DIR for images in class folders, "
        "or --dataset synthetic for images drawn for the hierarchy"
    )


def _hierarchy_name(embedding: str, hierarchy: str) -> str:
    """The name of the hierarchy that predictions will be scored by."""
    if hierarchy or embedding != ONEHOT:
        source = hierarchy or embedding
        return load(source).hierarchy if is_embedding_file(source) else hierarchies.resolve(source).name
    return ONEHOT


def _of_file(file: Path) -> dict[str, Any]:
    """What a file says, with "data.NAME" for the options of the data set."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TaxoError(f"{file}: cannot be read: {error}") from error
    values = read_values(TrainConfig, text, str(file))
    found = {**values, **{f"data.{name}": value for name, value in values.pop("data", {}).items()}}
    found.pop("data", None)
    # The configuration in a run folder names that folder, which must not be written over by chance.
    if found.get("output") and Path(found["output"]).expanduser().resolve() == file.parent.resolve():
        del found["output"]
    return found


def _fitting(defaults: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's values without those that go with others which the user has changed."""
    left = dict(defaults)
    # The short side that a recipe names belongs to the recipe's crop, mean and deviation to its data.
    if "data.image_size" in said and said["data.image_size"] != defaults.get("data.image_size"):
        left.pop("data.resize", None)
    if said.get("data.channels", 3) != 3:
        left.pop("data.mean", None)
        left.pop("data.std", None)
    return left


def _built(values: Mapping[str, Any], file: Path | None) -> TrainConfig:
    data = {name.removeprefix("data."): value for name, value in values.items() if name.startswith("data.")}
    own = {name: value for name, value in values.items() if not name.startswith("data.")}
    try:
        return TrainConfig(**own, data=DataConfig(**data))
    except TaxoError as error:
        if file is None:
            raise
        where = f"{file}, or a flag beside it"
        raise TaxoError("\n".join(f"{where}: {line}" for line in str(error).split("\n"))) from None
