"""Ctrl-C and SIGTERM as a wish to stop after the step that is under way."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interrupted(KeyboardInterrupt):
    """A training was asked to stop, and has saved where it was.

    Attributes:
        signal: The number of the signal.
    """

    def __init__(self, signal: int) -> None:
        self.signal = signal
        super().__init__(f"stopped by signal {signal}")


class Interrupts:
    """Remembers the first signal; a second one interrupts at once, as if this were not here.

    Outside the main thread, where Python allows no handlers, it does nothing.

    Attributes:
        wanted: Number of the signal that came; 0 while none did.
    """

    def __init__(self) -> None:
        self.wanted = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.wanted = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
