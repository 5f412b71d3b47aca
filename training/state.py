"""Everything of a training that changes while it runs: what a checkpoint holds."""

import time
from dataclasses import asdict
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim import Optimizer

from .average import Average
from .classifier import Classifier
from .epoch import Epoch


class State:
    """A training at one moment.

    All random numbers are functions of the seed and of the number of the step, so no generator belongs to it.

    Args:
        classifier: With its weights, on the device.
        optimizer: torch's SGD over its parameters.
        average: The moving average of the weights, if there is one.
        accelerator: Holds the scale of the loss with fp16.

    Attributes:
        step: Steps done since the start of the training.
        sums: Loss, right answers and items of the epoch that is under way, `(3,)`.
        epochs: The epochs that are done.
        votes: Sum over the ends of cycles of the votes for the classes, float32 `(n_items, n_classes)`.
        members: The epochs whose votes are in it.
        ensemble: The scores of the votes, once two members are there.
    """

    def __init__(
        self, classifier: Classifier, optimizer: Optimizer, average: Average | None, accelerator: Accelerator
    ) -> None:
        self.classifier = classifier
        self.optimizer = optimizer
        self.average = average
        self.accelerator = accelerator
        self.step = 0
        self.sums = torch.zeros(3, device=accelerator.device)
        self.epochs: list[Epoch] = []
        self.votes: Tensor | None = None
        self.members: list[int] = []
        self.ensemble: dict[str, Any] | None = None
        self._before = 0.0
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Time that the training has taken, also before it was interrupted."""
        return self._before + time.perf_counter() - self._started

    def weights(self) -> dict[str, Tensor]:
        """What predicts: the averages where there are any, else the weights."""
        return self.average.values if self.average is not None else self.classifier.state_dict()

    def tensors(self) -> dict[str, Tensor]:
        """The large part of a checkpoint."""
        found = {f"model.{name}": value for name, value in self.classifier.state_dict().items()}
        if self.average is not None:
            found |= {f"average.{name}": value for name, value in self.average.values.items()}
        found |= {f"momentum.{name}": value for name, value in self._momentum().items()}
        found["sums"] = self.sums
        if self.votes is not None:
            found["votes"] = self.votes
        return found

    def notes(self) -> dict[str, Any]:
        """The small part of a checkpoint, for JSON."""
        scaler = self.accelerator.scaler
        return {
            "step": self.step,
            "epochs": [asdict(epoch) for epoch in self.epochs],
            "lr": self.optimizer.param_groups[0]["lr"],
            "members": self.members,
            "ensemble": self.ensemble,
            "scaler": scaler.state_dict() if scaler is not None else None,
            "seconds": self.seconds,
        }

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor], notes: dict[str, Any]) -> None:
        """Go back to what `tensors` and `notes` gave.

        Raises:
            KeyError, RuntimeError: They are those of another network.
        """
        self.classifier.load_state_dict(_part(tensors, "model."))
        if self.average is not None:
            self.average.load(_part(tensors, "average."))
        device = self.accelerator.device
        parameters = dict(self.classifier.named_parameters())
        for name, value in _part(tensors, "momentum.").items():
            buffer = torch.empty_like(parameters[name]).copy_(value)
            self.optimizer.state[parameters[name]]["momentum_buffer"] = buffer
        for group in self.optimizer.param_groups:
            group["lr"] = notes["lr"]
        self.sums.copy_(tensors["sums"])
        self.votes = tensors["votes"].to(device) if "votes" in tensors else None
        self.step = notes["step"]
        self.epochs = [Epoch(**epoch) for epoch in notes["epochs"]]
        self.members = notes["members"]
        self.ensemble = notes["ensemble"]
        if self.accelerator.scaler is not None and notes["scaler"]:
            self.accelerator.scaler.load_state_dict(notes["scaler"])
        self._before = notes["seconds"]
        self._started = time.perf_counter()

    def _momentum(self) -> dict[str, Tensor]:
        names: dict[Tensor, str] = {parameter: name for name, parameter in self.classifier.named_parameters()}
        return {
            names[parameter]: values["momentum_buffer"]
            for parameter, values in self.optimizer.state.items()
            if values.get("momentum_buffer") is not None
        }


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
