"""Fixtures that all tests share."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from taxo.taxonomy import Taxonomy, from_edges

# The networks of the tests are tiny: more threads would only wait for each other. Before torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Shared machines stall at times: a test must not fail for being slow.
settings.register_profile("taxo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("taxo")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with published files and data sets, beside the repository; tests skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not there")
    return folder


@pytest.fixture
def zoo() -> Taxonomy:
    r"""A tree of height 3 with leaves at three depths; heights in brackets.

                animal [3]
               /      \
          bird [2]     cat [0]
          /     \
      owl [1]   gull [0]
      /    \
    barn  snowy
    [0]    [0]

    Classes in file order: cat, gull, barn, snowy.
    """
    edges = ["animal cat", "animal bird", "bird owl", "bird gull", "owl barn", "owl snowy"]
    return from_edges([tuple(e.split()) for e in edges], name="zoo")  # type: ignore[misc]


@pytest.fixture
def diamond() -> Taxonomy:
    r"""A DAG in which pet has two parents; heights in brackets.

            thing [3]
            /       \
      living [2]    owned [2]
       /     \      /    \
    wild     pet [1]     car
    [0]      /   \       [0]
           cat   dog
           [0]   [0]
    """
    edges = ["thing living", "thing owned", "living wild", "living pet", "owned pet", "owned car"]
    edges += ["pet cat", "pet dog"]
    return from_edges([tuple(e.split()) for e in edges], name="diamond")  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _quiet_log(caplog: pytest.LogCaptureFixture) -> None:
    """Remarks go to caplog."""
    caplog.set_level(logging.INFO, logger="taxo")
