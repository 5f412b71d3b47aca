"""The recipes: what an option is where nobody says it, by the kind of data. A recipe is data, no code.

`reference` is the published recipe ([BD20] and the authors' code, see docs/training.md), `modern` what is usual today,
`quick` small and fast, to see a result on any machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from taxo.taxonomy.errors import TaxoError, unknown_choice

from .data.registry import DataSet

#: Up to this side, in pixels, images are small: they keep every pixel, and networks for small images take them.
SMALL_SIDE = 64

Options = Mapping[str, Any]
"""Values by the name of their field; "data.NAME" is a field of the data options."""


@dataclass(frozen=True)
class Recipe:
    """Values for the options that nobody gives.

    Attributes:
        name: What the user types.
        about: One line for a person.
        always: Whatever the data.
        small: For images up to `SMALL_SIDE`.
        photos: For larger images.
        texts: For texts.
        fine_tuning: Where training starts from weights of another one.
        follows_paper: Whether the constants of the paper for its data sets count: sizes, batches, learning rates, mean
            and deviation of the channels.
    """

    name: str
    about: str
    always: Options = field(default_factory=dict)
    small: Options = field(default_factory=dict)
    photos: Options = field(default_factory=dict)
    texts: Options = field(default_factory=dict)
    fine_tuning: Options = field(default_factory=dict)
    follows_paper: bool = False

    def values(
        self,
        entry: DataSet,
        *,
        image_size: int = 0,
        loss: str = "",
        smoothing: float = 0.0,
        fine_tuning: bool = False,
    ) -> dict[str, Any]:
        """The values for one data set.

        Args:
            entry: The data set.
            image_size: Side of the images where the user says it; 0 where not.
            loss: The loss where the user says it: it decides about the learning rate.
            smoothing: The label smoothing, likewise.
            fine_tuning: Whether training starts from weights of another one.
        """
        kind = self.kind_of(entry, image_size)
        found = {"recipe": self.name, **self.always, **getattr(self, kind)}
        found |= self.fine_tuning if fine_tuning else {}
        # On photographs `quick` too takes small images.
        if kind == "small" and entry.side and "data.image_size" in self.small:
            found["data.image_size"] = entry.side
        if self.follows_paper and entry.facts is not None:
            found |= _of_paper(entry, loss or found.get("loss", ""), smoothing)
        return found

    def kind_of(self, entry: DataSet, image_size: int) -> str:
        """Which of the three sets of values counts: "texts", "small" or "photos"."""
        if entry.kind == "texts":
            return "texts"
        side = image_size or entry.side or self.photos.get("data.image_size", 0)
        return "small" if side <= SMALL_SIDE else "photos"


def _of_paper(entry: DataSet, loss: str, smoothing: float) -> dict[str, Any]:
    """The constants of the paper for one of its data sets."""
    facts = entry.facts
    assert facts is not None  # for the type checker: the caller has looked
    found: dict[str, Any] = {"batch_size": facts.batch_size}
    if facts.image_size:
        found |= {"data.image_size": facts.image_size, "data.resize": facts.resize}
        found |= {"data.mean": facts.mean, "data.std": facts.std}
    rate = facts.lr.get("smoothed" if loss == "xent" and smoothing else loss)
    return found if rate is None else {**found, "lr": rate}


_REFERENCE = Recipe(
    "reference",
    "the published recipe: SGDR over 372 epochs, no weight decay on photographs",
    always={
        **{"loss": "cosine+xent", "xent_weight": 0.1, "head": "reference"},
        **{"schedule": "sgdr", "cycle": 12, "warmup": 0, "epochs": 372},
        **{"momentum": 0.9, "nesterov": False, "clip": 10.0, "ema": 0.0},
        **{"batch_norm": "local", "bn_momentum": 0.01, "precision": "no"},
    },
    small={
        **{"arch": "resnet-110-wfc", "batch_size": 100, "augment": ("flip", "shift")},
        "data.image_size": 32,
    },
    photos={
        **{"arch": "resnet-50-v1", "batch_size": 96, "augment": ("flip", "erase", "crop")},
        **{"data.image_size": 448, "data.resize": 512},
    },
    texts={"arch": "gru", "batch_size": 128, "epochs": 180, "augment": ()},
    # Nobody publishes weights for version 1 in torch's layout.
    fine_tuning={"arch": "resnet-50", "freeze_epochs": 8, "freeze_lr": 0.1},
    follows_paper=True,
)
_MODERN = Recipe(
    "modern",
    "weight decay, one cosine fall with warm-up, stronger augmentation, averaged weights",
    always={
        **{"loss": "cosine+xent", "xent_weight": 0.1, "head": "reference"},
        **{"schedule": "cosine", "warmup": 5, "epochs": 200},
        **{"momentum": 0.9, "nesterov": True, "clip": 10.0, "weight_decay": 1e-3, "ema": 0.998},
        **{"batch_size": 32, "precision": "auto"},
    },
    small={
        **{"arch": "resnet-20-wide", "augment": ("flip", "shift", "trivial", "erase")},
        "data.image_size": 32,
    },
    photos={
        **{"arch": "resnet-50", "augment": ("resized-crop", "flip", "trivial", "erase")},
        **{"data.image_size": 224, "data.resize": 256},
    },
    texts={"arch": "gru", "epochs": 60, "augment": ()},
)
_QUICK = Recipe("quick", "a small network for a few epochs", texts={"arch": "gru", "augment": ()})

RECIPES: Mapping[str, Recipe] = {recipe.name: recipe for recipe in (_QUICK, _REFERENCE, _MODERN)}
"""Recipes by name; the first is taken where none is named."""


def recipe(name: str) -> Recipe:
    """The recipe of a name.

    Raises:
        TaxoError: There is no such recipe.
    """
    if name not in RECIPES:
        raise TaxoError(unknown_choice("recipe", name, RECIPES))
    return RECIPES[name]
