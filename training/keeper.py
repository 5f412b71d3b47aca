"""When a training is saved: at the end of every epoch, every few minutes, and when it is asked to stop."""

import time
from collections.abc import Callable

import torch
from accelerate import Accelerator

from taxo.taxonomy import TaxoError

from .checkpoints import Checkpoints
from .interrupts import Interrupted, Interrupts
from .state import State


class Keeper:
    """Saves a training to the checkpoints of its run.

    Several processes must all save at the same step, so they agree on it, which they can only do now and then: at the
    steps where the loop looks at the loss. A single process is asked after every step.

    Args:
        checkpoints: Where to save; None saves nothing.
        interrupts: The wish to stop.
        accelerator: How many processes there are.
        minutes: Longest time between two checkpoints.
    """

    def __init__(
        self, checkpoints: Checkpoints | None, interrupts: Interrupts, accelerator: Accelerator, minutes: float
    ) -> None:
        self.checkpoints = checkpoints
        self.interrupts = interrupts
        self.accelerator = accelerator
        self.seconds = 60 * minutes
        self._saved = time.monotonic()

    @property
    def hurries(self) -> bool:
        """Whether a single process is to stop after this step: then the loop should look at the loss first."""
        return bool(self.interrupts.wanted) and self.accelerator.num_processes == 1

    def restore(self, state: State, on_remark: Callable[[str], None]) -> bool:
        """Go back to the newest checkpoint; False where there is none.

        Raises:
            TaxoError: It is one of another network.
        """
        found = self.checkpoints.newest(on_remark) if self.checkpoints is not None else None
        if found is None:
            return False
        try:
            state.restore(*found)
        except (KeyError, RuntimeError) as error:
            raise TaxoError(
                f"{self.checkpoints.folder if self.checkpoints else ''}: the checkpoint is of another network than "
                f"config.toml says ({str(error).splitlines()[0]}); train into a new folder"
            ) from error
        return True

    def after_step(self, state: State, *, looked: bool) -> None:
        """Save where it is time to, and stop where that is wanted.

        Args:
            state: After the step.
            looked: Whether the loop has looked at the loss: then it is known to be finite, and all processes are here.

        Raises:
            Interrupted: A signal came; the state is saved.
        """
        if self.accelerator.num_processes > 1 and not looked:
            return
        wanted, due = self.interrupts.wanted, time.monotonic() - self._saved >= self.seconds
        if self.accelerator.num_processes > 1:
            wanted, due = self._agreed(wanted, due)
        if wanted or (due and looked):
            self.save(state)
        if wanted:
            raise Interrupted(wanted)

    def save(self, state: State) -> None:
        """Save now."""
        if self.checkpoints is not None and self.accelerator.is_main_process:
            self.checkpoints.save(state.tensors(), state.notes())
        self._saved = time.monotonic()

    def _agreed(self, wanted: int, due: bool) -> tuple[int, bool]:
        mine = torch.tensor([wanted, int(due)], device=self.accelerator.device)
        highest = self.accelerator.gather(mine[None]).amax(dim=0)
        return int(highest[0]), bool(highest[1])
