"""Pictures drawn for a hierarchy: alike as the classes are, repeatable, whatever else is drawn."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
from taxo.hierarchies import load  # noqa: E402
from taxo.taxonomy import TaxoError, Taxonomy, class_similarity, flat, from_edges  # noqa: E402
from taxo.training.data import DataConfig, Samples, Splits, load_splits  # noqa: E402
from taxo.training.data.frames import Centre  # noqa: E402
from taxo.training.data.memory import Memory  # noqa: E402
from taxo.training.data.patterns import BAND, fourier_basis, low_frequency_fields, stable_seed  # noqa: E402
from taxo.training.data.synthetic import pattern_weights, prototypes  # noqa: E402

pytestmark = pytest.mark.torch


def draw(taxonomy: Taxonomy, **options: object) -> Splits:
    return load_splits(DataConfig(dataset="synthetic", **options), taxonomy)  # type: ignore[arg-type]


def correlations(taxonomy: Taxonomy, size: int = 32, seed: int = 0) -> np.ndarray:
    pictures = prototypes(taxonomy, size, seed)
    return np.corrcoef(pictures.reshape(len(pictures), -1))


@pytest.mark.parametrize("name", ["cub-deep", "cub-flat", "cub-wikispecies", "cifar100"])
def test_pictures_correlate_as_the_classes_do(name: str) -> None:
    t = load(name)
    wanted = class_similarity(t)
    pairs = np.triu_indices(t.n_classes, 1)
    several = [correlations(t, seed=seed) for seed in range(6)]
    assert all(np.corrcoef(found[pairs], wanted[pairs])[0, 1] > 0.9 for found in several)
    # What chance adds goes away in the mean over seeds; a wrong weight would not.
    assert np.abs(np.mean(several, axis=0) - wanted).mean() < 0.03


def gram(taxonomy: Taxonomy) -> np.ndarray:
    """Dot products of the classes in the basis of the patterns."""
    basis = np.sqrt(pattern_weights(taxonomy))
    return np.asarray((basis @ basis.T).todense())


@given(st.integers(0, 2**32))
def test_weights_give_the_similarity_on_any_forest_with_inner_classes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = [(f"n{rng.integers(i)}", f"n{i}") for i in range(1, 10)] + [("m0", "m1"), ("m0", "m2")]
    t = from_edges(edges)
    t = t.with_classes([t.names[v] for v in rng.permutation(t.n_nodes)[:7]])
    np.testing.assert_allclose(gram(t), class_similarity(t), atol=1e-12)


def test_weights_by_hand(zoo: Taxonomy) -> None:
    """`zoo`: animal [3] -> bird [2], cat; bird -> owl [1], gull; owl -> barn, snowy."""
    found = pattern_weights(zoo)[[zoo.classes.index("barn")]].toarray()[0]
    # s: animal 0, bird 1/3, owl 2/3, barn 1; so every step down from animal adds 1/3.
    steps = {zoo.names[v]: float(found[v]) for v in np.flatnonzero(found)}
    assert steps == {"bird": pytest.approx(1 / 3), "owl": pytest.approx(1 / 3), "barn": pytest.approx(1 / 3)}


def test_without_a_hierarchy_every_class_has_its_own_picture() -> None:
    np.testing.assert_allclose(gram(flat(["a", "b", "c"])), np.eye(3))


def test_dag_weights(diamond: Taxonomy) -> None:
    """`diamond`: thing [3] -> living, owned [2]; living -> wild, pet [1]; owned -> pet, car; pet -> cat, dog."""
    similarity = gram(diamond)
    np.testing.assert_allclose(np.diag(similarity), 1)
    place = {name: c for c, name in enumerate(diamond.classes)}
    # cat: living 1/3, owned 1/3, pet 2/3 - 1/3, cat 1/3: sum 4/3, so each becomes 1/4. dog shares three.
    assert similarity[place["cat"], place["dog"]] == pytest.approx(3 / 4)
    # wild: living 1/3, itself 2/3. Shared with cat: sqrt(1/4 * 1/3).
    assert similarity[place["cat"], place["wild"]] == pytest.approx((1 / 12) ** 0.5)
    assert similarity[place["car"], place["wild"]] == 0


def test_dags_are_remarked_on(diamond: Taxonomy, zoo: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    draw(zoo, samples=1)
    assert not caplog.messages
    draw(diamond, samples=1)
    assert caplog.messages == ["'diamond' is a DAG: pictures follow its similarity roughly"]


def test_patterns_are_nearly_orthogonal_and_of_unit_variance() -> None:
    fields = low_frequency_fields([np.random.default_rng(i) for i in range(420)], 32)
    np.testing.assert_allclose(fields.mean((1, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(fields.var((1, 2, 3)), 1, rtol=1e-5)
    dots = np.cov(fields.reshape(420, -1))[np.triu_indices(420, 1)]
    free = 3 * ((2 * BAND + 1) ** 2 - 1)
    assert dots.std() == pytest.approx(free**-0.5, rel=0.05)
    assert np.abs(dots).max() < 0.4


def test_patterns_are_low_frequency() -> None:
    (field,) = low_frequency_fields([np.random.default_rng(0)], 32)
    power = np.abs(np.fft.fft2(field)) ** 2
    frequency = np.abs(np.fft.fftfreq(32, 1 / 32))
    outside = (frequency[:, None] > BAND) | (frequency > BAND)
    assert power[:, outside].sum() < 1e-9 * power.sum()


def test_another_size_shows_the_same_pattern() -> None:
    large, small = (low_frequency_fields([np.random.default_rng(5)], size)[0] for size in (64, 32))
    np.testing.assert_allclose(large[:, ::2, ::2], small, atol=1e-4)


@pytest.mark.parametrize("size", [4, 5, 9, 32])
def test_waves_are_orthonormal_at_any_size(size: int) -> None:
    waves = fourier_basis(size, min(BAND, (size - 1) // 2))
    np.testing.assert_allclose(waves @ waves.T, np.eye(len(waves)), atol=1e-6)
    splits = draw(flat(["a", "b"]), image_size=size, samples=1)
    assert drawn(splits.train).shape == (2, 3, size, size)


def test_numbers_targets_and_names(zoo: Taxonomy) -> None:
    splits = draw(zoo, samples=3, test_samples=2)
    assert splits.classes == zoo.classes
    assert splits.train.targets.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert splits.test is not None
    assert splits.test.counts.tolist() == [2, 2, 2, 2]
    assert splits.train.names[4] == "train drawing 1 of 'gull'"
    assert drawn(splits.train).dtype == torch.uint8


def drawn(images: Samples) -> torch.Tensor:
    """All pictures of a split, uint8 `(n, 3, size, size)`."""
    assert isinstance(images.source, Memory)
    return images.source.tensor


def pixels(splits: Splits, split: str = "train") -> dict[str, torch.Tensor]:
    images = getattr(splits, split)
    return dict(zip(images.names, drawn(images), strict=True))


def test_more_samples_change_nothing(zoo: Taxonomy) -> None:
    few, many = pixels(draw(zoo, samples=3)), pixels(draw(zoo, samples=7))
    assert few.keys() < many.keys()
    assert all(torch.equal(few[name], many[name]) for name in few)


def test_a_new_class_changes_no_other_picture(zoo: Taxonomy) -> None:
    edges = [(zoo.names[p], zoo.names[v]) for v in range(zoo.n_nodes) for p in zoo.parents_of(v)]
    before, after = pixels(draw(zoo)), pixels(draw(from_edges([("bird", "auk"), *edges])))
    assert len(after) == len(before) + 10
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_every_draw_is_another(zoo: Taxonomy) -> None:
    splits = draw(zoo, samples=5, test_samples=5)
    both = torch.cat([drawn(splits.train), drawn(splits.test)])  # type: ignore[union-attr]
    assert len(both.flatten(1).unique(dim=0)) == 40


def test_seeds(zoo: Taxonomy) -> None:
    first, again, other = (drawn(draw(zoo, data_seed=s).train) for s in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    # Another seed draws other pictures of the classes, not only other noise.
    assert abs(np.corrcoef(prototypes(zoo, 32, 0).ravel(), prototypes(zoo, 32, 1).ravel())[0, 1]) < 0.2


def test_the_same_in_another_process(zoo: Taxonomy) -> None:
    """Python's own `hash` of text differs from process to process."""
    program = "from taxo.training.data.patterns import stable_seed; print(stable_seed(1, 'gull'))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out.strip() == str(stable_seed(1, "gull"))
    assert stable_seed(1, "gull") != stable_seed("1gull")


def test_one_by_one_as_all_together(zoo: Taxonomy) -> None:
    images = draw(zoo).train
    listing = load_splits(DataConfig(dataset="synthetic", per_class=2), zoo).train
    by_name = dict(zip(images.names, drawn(images), strict=True))
    assert len(listing) == 8
    assert all(torch.equal(drawn(listing)[i], by_name[name]) for i, name in enumerate(listing.names))
    # Without a cache they are drawn when they are asked for.
    source = load_splits(DataConfig(dataset="synthetic", cache="none"), zoo).train.source
    assert torch.equal(source.fetch([7, 3], Centre(32)).inputs, drawn(images)[[7, 3]])


def test_more_noise_hides_the_picture_more(zoo: Taxonomy) -> None:
    picture = prototypes(zoo, 32, 0)
    likeness = []
    for noise in (0.0, 0.5, 2.0):
        splits = draw(zoo, noise=noise, samples=20)
        found = drawn(splits.train).numpy().astype(float)
        # The best match over all circular shifts, which a sample may have.
        spectrum = np.fft.fft2(found) * np.conj(np.fft.fft2(picture[splits.train.targets.numpy()]))
        match = np.fft.ifft2(spectrum).real.sum(1).max((1, 2))
        likeness.append((match / (found.std((1, 2, 3)) * 3 * 32 * 32)).mean())
    # Without noise the whole variance is the picture's (but for clipping); with noise n it is 1 / (1 + n^2).
    assert likeness[0] > 0.97
    assert likeness[1] == pytest.approx((1 + 0.5**2) ** -0.5, abs=0.03)
    assert likeness[2] == pytest.approx((1 + 2.0**2) ** -0.5, abs=0.06)
    assert all(more > less for more, less in pairwise(likeness))


def test_pixels_use_the_range_without_much_clipping(zoo: Taxonomy) -> None:
    found = drawn(draw(zoo, samples=20).train).numpy()
    assert found.mean() == pytest.approx(127.5, abs=3)
    assert found.std() == pytest.approx(48, rel=0.1)
    assert np.isin(found, (0, 255)).mean() < 0.03


def test_needs_a_hierarchy() -> None:
    with pytest.raises(TaxoError, match="--embedding"):
        load_splits(DataConfig(dataset="synthetic"))
