"""The nearest similarities that are dot products of unit vectors."""

from .class_tree import Floats


def nearest_psd(similarities: Floats) -> Floats:
    """The positive semi-definite matrix with unit diagonal that is nearest in the Frobenius norm (Higham 2002)."""
    raise NotImplementedError
