"""Random embeddings for the property tests, and what the tests of their files share."""

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import NAMES

from taxo.embeddings import Embedding, Recipe, Verification
from taxo.embeddings.formats.registry import FORMATS

WITH_META = [name for name, format in FORMATS.items() if format.holds_meta]
SPARSE = [name for name, format in FORMATS.items() if format.holds_sparse]


def formats(names: list[str]) -> list[object]:
    """Parameters of a test over formats; `pt` is marked."""
    return [pytest.param(name, marks=pytest.mark.torch) if name == "pt" else name for name in names]


def needs(format: str) -> None:
    """Skip where the library behind a format is not installed."""
    if format == "pt":
        pytest.importorskip("torch")


@st.composite
def embeddings(draw: st.DrawFn, sparse: bool | None = None) -> Embedding:
    """Any names, numbers, class numbers, recipes; what no method would make, but files must hold."""
    classes = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    n, dim = len(classes), draw(st.integers(0, 5))
    width = draw(st.sampled_from([32, 64]))
    finite = st.floats(width=width, allow_nan=False, allow_infinity=False)
    vectors = draw(hnp.arrays(f"f{width // 8}", (n, dim), elements=st.one_of(st.just(0.0), finite)))
    if draw(st.booleans()) if sparse is None else sparse:
        from scipy.sparse import csr_array

        vectors = csr_array(vectors)
    measured = st.one_of(st.none(), st.floats(0, 2))
    return Embedding(
        classes=tuple(classes),
        vectors=vectors,
        labels=np.array(draw(st.lists(st.integers(0, 10**18), min_size=n, max_size=n, unique=True)), dtype=np.intp),
        axes=tuple(draw(st.lists(NAMES, min_size=dim, max_size=dim))),
        recipe=Recipe(method=draw(st.sampled_from(["exact", "made up"])), seed=draw(st.integers(0, 2**40))),
        hierarchy=draw(st.text(max_size=5)),
        fingerprint=draw(st.text("0123456789abcdef", min_size=16, max_size=16)),
        verification=Verification(
            max_deviation=draw(st.floats(0, 2)),
            mean_deviation=draw(st.floats(0, 2)),
            max_norm_error=draw(measured),
            pairs=draw(st.one_of(st.none(), st.integers(1, 10**9))),
        ),
    )
