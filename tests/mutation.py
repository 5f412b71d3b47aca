"""Random damage to the bytes of a file, for the fuzz tests."""

from collections.abc import Sequence

import numpy as np


def mutate(data: bytes, rng: np.random.Generator, poison: Sequence[bytes]) -> bytes:
    """One to four random changes: cuts, repeats, poison, single bytes and bits, lines that change places."""
    for _ in range(int(rng.integers(1, 5))):
        at, end = sorted(rng.integers(0, len(data) + 1, 2).tolist())
        end = min(end, at + int(rng.integers(1, 40)))
        kind = int(rng.integers(0, 7))
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data = data[:at] + data[end:]
        elif kind == 2:
            data = data[:at] + poison[int(rng.integers(len(poison)))] + data[at:]
        elif kind == 3:
            data = data[:end] + data[at:end] * int(rng.integers(1, 4)) + data[end:]
        elif kind == 6:
            lines = data.split(b"\n")
            i, j = rng.integers(0, len(lines), 2)
            lines[i], lines[j] = lines[j], lines[i]
            data = b"\n".join(lines)
        elif at < len(data):
            change = int(rng.integers(256)) if kind == 4 else data[at] ^ (1 << int(rng.integers(8)))
            data = data[:at] + bytes([change]) + data[at + 1 :]
    return data
