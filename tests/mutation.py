"""Random damage to the bytes of a file, for the fuzz tests."""

import numpy as np

POISON = [
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xc3",
        b"\r",
        b"\n\n",
        b"\t",
        b'"',
        b"'",
        b"''",
        b"\\",
        b"\\u0000",
        b"\\ud800",
    ),
    *(
        b"(" * 3000,
        b"[" * 3000,
        b'{"a":' * 3000,
        b"-" * 3000,
        b"  " * 3000,
        b"9" * 5000,
        b"1e999",
        b"-1",
        b"NaN",
        b"null",
    ),
    *(b"class=", b"class=99999999999999999999", b"=", b":", b";", b",", b"|", b"\x1c", b"\xe2\x80\xa8", b"\xc2\x85"),
    *(
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"is_a: a",
        b"[Term]",
        b"@prefix",
        b"<http://x/y>",
        b"cos\nsystem\n(S'true'\ntR.",
    ),
    *(
        b"#",
        b"# meta: ",
        b"-0",
        b"1_0",
        b"0x1p3",
        b" ",
        b"# labels: [9]\n",
        b"99999999999 99999999999\n",
        b"\x80\x04",
        b"PK\x03\x04",
        b"cos\nsystem\n",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f",
        b"\x00" * 64,
    ),
]
"""What has broken readers elsewhere: odd bytes, deep nesting, huge numbers, the marks of many formats."""


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
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
            data = data[:at] + POISON[int(rng.integers(len(POISON)))] + data[at:]
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
