"""Random low-frequency pictures: the material of the synthetic data set."""

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: Highest frequency, in periods per side. Five in either direction give 11 * 11 - 1 = 120 numbers per channel,
#: so that two random patterns correlate by only 1 / sqrt(3 * 120) = 0.053 on average. More would make them still
#: less alike, but finer, and a small network needs longer to learn fine patterns.
BAND = 5


def stable_seed(*parts: int | str) -> list[int]:
    """Seed that is the same in every process and version: the words of a SHA-256 over the parts."""
    text = "\0".join(str(part) for part in parts)
    return [int(word) for word in np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype="<u4")]


def low_frequency_fields(generators: list[np.random.Generator], size: int) -> Floats:
    """One random RGB field per generator, `(n, 3, size, size)`, mean 0 and variance 1 each.

    The numbers drawn belong to frequencies, not to pixels: another size shows the same picture, as long as it
    can show the frequencies.

    Args:
        generators: One per field.
        size: Side in pixels.
    """
    weights = np.stack([g.standard_normal((3, 2 * BAND + 1, 2 * BAND + 1), dtype=np.float32) for g in generators])
    weights[..., 0, 0] = 0  # the constant part
    kept = min(BAND, (size - 1) // 2)  # more cannot be told apart by `size` pixels
    weights = weights[..., : 2 * kept + 1, : 2 * kept + 1]
    basis = fourier_basis(size, kept)
    fields = basis.T @ weights @ basis
    # The basis is orthonormal, so the variance of a field is the squared sum of its weights over its pixels.
    power = np.sqrt((weights**2).sum(axis=(1, 2, 3), keepdims=True) / (3 * size * size))
    return np.asarray(fields / power, dtype=np.float32)


def fourier_basis(size: int, band: int) -> Floats:
    """Orthonormal waves of up to `band` periods: 1, cos, sin, cos, sin ..., `(2 * band + 1, size)`."""
    phase = 2 * np.pi * np.outer(np.arange(1, band + 1), np.arange(size) / size)
    waves = np.sqrt(2) * np.stack([np.cos(phase), np.sin(phase)], axis=1).reshape(-1, size)
    return np.asarray(np.vstack([np.ones(size), waves]) / np.sqrt(size), dtype=np.float32)
