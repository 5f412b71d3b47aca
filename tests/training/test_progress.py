"""What is shown while training: lines where nobody watches, a bar in a terminal, nothing when quiet."""

import io

from rich.console import Console

from taxo.training.progress import Progress


def shown(*, terminal: bool, quiet: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120, color_system=None)
    with Progress(quiet=quiet, console=console) as progress:
        progress.start(12, 40)
        progress.steps(20, 0.75, 0.1, 0.05)
        progress.steps(20, 0.7, 0.2, 0.05)
        progress.epoch(1, 0.7, 0.2, 0.05, {"val": {"accuracy": 0.5}, "test": {"accuracy": 0.125}})
    return out.getvalue()


def test_one_plain_line_per_epoch_without_a_terminal() -> None:
    assert shown(terminal=False) == "epoch  1/12  loss 0.700  train  20.0%  val  50.0%  test  12.5%  lr 0.05\n"


def test_a_bar_with_loss_accuracy_rate_and_remaining_time_in_a_terminal() -> None:
    text = shown(terminal=True)
    assert "epoch  1/12" in text
    assert "loss 0.700  accuracy  20.0%  lr 0.05" in text
    assert "━" in text  # the bar
    assert "-:--:--" in text or "0:" in text  # the remaining time
    assert "test  12.5%" in text


def test_nothing_when_quiet() -> None:
    assert shown(terminal=True, quiet=True) == ""
    assert shown(terminal=False, quiet=True) == ""
