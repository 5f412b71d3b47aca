"""Without torch only the tests of the evaluation run: it needs NumPy alone."""

from importlib.util import find_spec
from pathlib import Path

if find_spec("torch") is None:
    collect_ignore = [
        path.name for path in Path(__file__).parent.glob("test_*.py") if path.name != "test_evaluation.py"
    ]
