"""The effect of a change on class similarities: by hand, against the full matrices, samples."""

import json
from fractions import Fraction
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.taxonomy import Taxonomy, class_similarity, from_edges
from taxo.taxonomy.effects import PairChange
from taxo.taxonomy.effects import effect as compare

MODULE = import_module("taxo.taxonomy.effects")  # the package has a function of this name


def test_worked_out_on_the_drawn_tree(zoo: Taxonomy) -> None:
    # Without "owl" the height is 2; barn, snowy and gull meet in bird (1 of 2), before they met at 1 and 2 of 3.
    edges = ["animal cat", "animal bird", "bird gull", "bird barn", "bird hawk"]
    after = from_edges([tuple(e.split()) for e in edges])  # type: ignore[misc]
    found = compare(zoo, after)
    assert found.classes == 3
    assert (found.only_before, found.only_after) == (("snowy",), ("hawk",))
    assert (found.pairs, found.changed, found.sampled) == (3, 1, False)  # cat|gull, cat|barn: 0 in both
    assert found.largest == (PairChange("gull", "barn", 1 - 2 / 3, 0.5),)
    assert found.max_change == pytest.approx(1 / 6)
    assert found.mean_change == pytest.approx(1 / 18)
    assert found.lines() == [
        "1 of 3 pairs of classes (33.3%) change their similarity; by 0.0556 in the mean over all, by 0.1667 at most",
        "  0.3333 -> 0.5000  gull | barn",
        "classes only before, not compared (1): 'snowy'",
        "classes only after, not compared (1): 'hawk'",
    ]


def test_the_dag_that_is_drawn(diamond: Taxonomy) -> None:
    edges = ["thing living", "thing owned", "living wild", "living pet", "owned car", "pet cat", "pet dog"]
    found = compare(diamond, from_edges([tuple(e.split()) for e in edges]))  # type: ignore[misc]
    # Without owned -> pet, car has only thing in common with cat and dog: 1 - 2/3 becomes 0.
    assert [(p.a, p.b, p.after) for p in found.largest] == [("car", "cat", 0.0), ("car", "dog", 0.0)]


@given(attributed(dags() | trees(plain=True)), attributed(dags() | trees(plain=True)), st.integers(0, 6))
def test_agrees_with_the_full_matrices(before: Taxonomy, after: Taxonomy, largest: int) -> None:
    found = compare(before, after, largest=largest)
    common = [c for c in before.classes if c in after.classes]
    s, t = (
        class_similarity(x)[np.ix_(*[[x.classes.index(c) for c in common]] * 2)].tolist() if common else []
        for x in (before, after)
    )
    pairs = [(i, j) for i in range(len(common)) for j in range(i + 1, len(common))]
    # Heights differ by whole numbers: fractions tell equal changes from nearly equal ones.
    change = {(i, j): abs(_fraction(t[i][j]) - _fraction(s[i][j])) for i, j in pairs}
    assert (found.classes, found.pairs, found.sampled) == (len(common), len(pairs), False)
    assert found.changed == sum(c > 0 for c in change.values())
    assert found.mean_change == pytest.approx(float(sum(change.values())) / max(1, len(pairs)))
    assert found.max_change == pytest.approx(float(max(change.values(), default=0)))
    expected = sorted((p for p in pairs if change[p]), key=lambda p: (-change[p], p))[:largest]
    assert [(p.a, p.b) for p in found.largest] == [(common[i], common[j]) for i, j in expected]
    assert [(p.before, p.after) for p in found.largest] == [(s[i][j], t[i][j]) for i, j in expected]
    assert json.loads(json.dumps(found.to_json()))["largest"] == [vars(p) for p in found.largest]


def _fraction(value: float) -> Fraction:
    return Fraction(value).limit_denominator(1000)


@given(attributed(dags() | trees()))
def test_nothing_changes_against_itself(t: Taxonomy) -> None:
    found = compare(t, t)
    assert (found.changed, found.mean_change, found.max_change, found.largest) == (0, 0, 0, ())


def test_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = _big(300, 1), _big(300, 2)
    whole = compare(before, after, largest=25)
    monkeypatch.setattr(MODULE, "_BLOCK", 1000)
    assert compare(before, after, largest=25) == whole
    assert len(whole.largest) == 25


def test_a_sample_is_near_the_truth_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = _big(400, 1), _big(400, 2)
    whole = compare(before, after)
    monkeypatch.setattr(MODULE, "EXACT_CLASSES", 100)
    monkeypatch.setattr(MODULE, "SAMPLED_PAIRS", 5000)
    found = compare(before, after)
    assert found.sampled
    assert not whole.sampled
    assert 4000 < found.pairs <= 5000
    assert found.mean_change == pytest.approx(whole.mean_change, rel=0.1)
    assert found.changed / found.pairs == pytest.approx(whole.changed / whole.pairs, rel=0.1)
    assert compare(before, after) == found
    assert "a random sample of" in found.lines()[0]


def _big(n: int, seed: int) -> Taxonomy:
    """A random tree of 20 inner nodes with n leaves."""
    rng = np.random.default_rng(seed)
    edges = [(f"i{rng.integers(v)}", f"i{v}") for v in range(1, 20)]
    return from_edges(edges + [(f"i{rng.integers(20)}", f"c{c}") for c in range(n)])
