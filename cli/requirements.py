"""What a command needs beyond the base."""

NEEDS_TORCH = "training needs PyTorch; install it with: pip install 'taxo-toolkit[train]'"


def require_torch() -> None:
    """Raise where torch is not installed.

    Raises:
        TaxoError: Says what to install.
    """
    from importlib.util import find_spec

    from taxo.taxonomy import TaxoError

    if find_spec("torch") is None:
        raise TaxoError(NEEDS_TORCH)
