"""Without torch only the tests of the evaluation run: it needs NumPy alone."""

from importlib.util import find_spec

if find_spec("torch") is None:
    collect_ignore_glob = ["test_[!e]*.py"]
