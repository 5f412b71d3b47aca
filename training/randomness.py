"""All randomness of a training: a function of the seed, what it is for, and a place in the stream of training items.

Nothing is drawn from a generator that runs on, so there is no state to save: the number of worker processes, of
training processes, and a crash in between change nothing.
"""

import numpy as np
import torch
from torch import Generator, Tensor

PURPOSES = ("weights", "order", "augmentation", "network")
"""What random numbers are for. Their order is part of every result: new ones go to the end."""


def seed_for(seed: int, purpose: str, *numbers: int) -> int:
    """A seed of its own for every purpose and place, so that none shares its random numbers; 63 bits.

    Args:
        seed: Seed of the run.
        purpose: One of `PURPOSES`.
        numbers: Pass, step, process or kind, where they matter.
    """
    sequence = np.random.SeedSequence([seed, PURPOSES.index(purpose), *numbers])
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator(seed: int, purpose: str, *numbers: int, device: torch.device | str = "cpu") -> Generator:
    """A generator started by `seed_for`."""
    return Generator(device).manual_seed(seed_for(seed, purpose, *numbers))


def hashes(key: int, positions: Tensor, count: int) -> Tensor:
    """Random 64-bit numbers that depend on the key, the position and their own number only, `(n, count)`.

    SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), its stream started
    anew for every position. The same numbers on every device.

    Args:
        key: From `seed_for`.
        positions: int64 `(n,)`.
        count: Numbers per position.
    """
    return hash_of(streams(key, positions)[:, None], torch.arange(1, count + 1, device=positions.device))


def streams(key: int, positions: Tensor) -> Tensor:
    """Where the stream of every position starts, int64 of the shape of `positions`."""
    return _mix(key + positions * _GOLDEN)


def hash_of(streams: Tensor, numbers: Tensor) -> Tensor:
    """The numbers `numbers` of some streams, random 64 bits each; both are broadcast against each other.

    Args:
        streams: int64, from `streams`.
        numbers: int64, which ones, from 1 on.
    """
    return _mix(streams + numbers * _GOLDEN)


def uniform(key: int, positions: Tensor, count: int) -> Tensor:
    """As `hashes`, as numbers in [0, 1): float32 `(n, count)`, multiples of 2^-24."""
    return _shifted(hashes(key, positions, count), 40).to(torch.float32) * 2.0**-24


def precise(values: Tensor) -> Tensor:
    """As float64, or as float32 on Apple's devices, which have nothing more."""
    return values.to(torch.float32 if values.device.type == "mps" else torch.float64)


# As int64, whose products wrap around as those of unsigned numbers do.
_GOLDEN = 0x9E3779B97F4A7C15 - 2**64
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64


def _mix(z: Tensor) -> Tensor:
    """In place: `z` is always a result of its own."""
    z = z.bitwise_xor_(_shifted(z, 30)).mul_(_FIRST)
    z = z.bitwise_xor_(_shifted(z, 27)).mul_(_SECOND)
    return z.bitwise_xor_(_shifted(z, 31))


def _shifted(z: Tensor, bits: int) -> Tensor:
    """The highest `64 - bits` bits of int64 numbers, as numbers of their own: shifted to the right without the sign."""
    return (z >> bits).bitwise_and_((1 << (64 - bits)) - 1)
