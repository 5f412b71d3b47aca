"""Pictures: what they say, that nothing overlaps, and that they are the same every time."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from taxo.embeddings import embed
from taxo.embeddings.plots import (
    class_map,
    dendrogram,
    encode,
    heatmap,
    loss_surfaces,
    of_embedding,
    of_hierarchy,
    save,
)
from taxo.embeddings.plots.heatmap import scale_of
from taxo.hierarchies import load
from taxo.taxonomy import NotATree, TaxoError, Taxonomy, from_edges

matplotlib = pytest.importorskip("matplotlib")

SVG = "{http://www.w3.org/2000/svg}"
Draw = Callable[[Taxonomy], Any]

DRAWN: dict[str, Draw] = {
    "heatmap": lambda t: heatmap(of_hierarchy(t)),
    "map": lambda t: class_map(of_hierarchy(t)),
    "dendrogram": dendrogram,
    "losses": lambda t: loss_surfaces(),
}


def texts(figure: Any) -> list[str]:
    """All texts of the picture, from its SVG."""
    root = ET.fromstring(encode(figure, "svg"))
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("kind", ["heatmap", "map", "dendrogram"])
def test_every_class_is_named(kind: str, zoo: Taxonomy) -> None:
    found = texts(DRAWN[kind](zoo))
    for name in (*zoo.classes, "bird"):
        assert name in found


@pytest.mark.parametrize(
    ("kind", "format"), [("heatmap", "png"), ("heatmap", "pdf"), *((kind, "svg") for kind in DRAWN)]
)
def test_the_same_bytes_every_time(kind: str, format: str, zoo: Taxonomy) -> None:
    first = encode(DRAWN[kind](zoo), format, dpi=50)
    with matplotlib.rc_context(
        {"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path", "text.usetex": False}
    ):
        assert encode(DRAWN[kind](zoo), format, dpi=50) == first


def test_the_settings_of_the_user_are_not_touched(zoo: Taxonomy) -> None:
    before = dict(matplotlib.rcParams)
    encode(heatmap(of_hierarchy(zoo)))
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("heatmap", "cifar100"), ("map", "cifar100"), ("dendrogram", "cifar100"), ("heatmap", "ilsvrc"),
        ("map", "cub-deep"), ("losses", "cifar10"),
    ],
)  # fmt: skip
def test_no_text_overlaps_another_or_leaves_the_page_or_is_too_small(kind: str, name: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

    figure = DRAWN[kind](load(name))
    figure.set_dpi(100)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    shown = [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible()]
    page = Bbox.from_bounds(-0.5, -0.5, *(size + 1 for size in figure.bbox.size))
    boxes = []
    for text in shown:
        assert text.get_fontsize() >= 4.5, text.get_text()
        box = text.get_window_extent(canvas.get_renderer())
        assert page.contains(*box.min), text.get_text()
        assert page.contains(*box.max), text.get_text()
        # Without the room above small letters and below the line; numbers at slanted lines have boxes of their own.
        margin = 0.12 * min(box.width, box.height)
        boxes.append((text.get_text(), Bbox([box.min + margin, box.max - margin])))
    assert len(boxes) > 10
    for (a, one), (b, other) in combinations(boxes, 2):
        assert not one.overlaps(other), (a, b)


@pytest.mark.parametrize("kind", DRAWN)
def test_size(kind: str, zoo: Taxonomy) -> None:
    sized = {
        "heatmap": lambda t: heatmap(of_hierarchy(t), size=(5, 4)),
        "map": lambda t: class_map(of_hierarchy(t), size=(5, 4)),
        "dendrogram": lambda t: dendrogram(t, size=(5, 4)),
        "losses": lambda t: loss_surfaces(size=(5, 4)),
    }
    png = encode(sized[kind](zoo), dpi=40)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (200, 160)


@pytest.mark.parametrize("kind", ["heatmap", "map", "dendrogram"])
def test_too_small_a_page(kind: str) -> None:
    sized = {
        "heatmap": lambda t: heatmap(of_hierarchy(t), size=(1, 1)),
        "map": lambda t: class_map(of_hierarchy(t), size=(1, 1)),
        "dendrogram": lambda t: dendrogram(t, size=(1, 1)),
    }
    with pytest.raises(TaxoError, match=r"^--size 1,1: "):
        sized[kind](load("cifar10"))
    with pytest.raises(TaxoError, match="three panels need at least"):
        loss_surfaces(size=(1, 1))


def test_labels_names_and_title() -> None:
    birds = load("cub-deep")
    labelled = texts(class_map(of_hierarchy(birds), levels="order"))
    named = texts(class_map(of_hierarchy(birds), levels="order", labels=False, title="Orders <&>"))
    assert "Perching Birds (133)" in labelled
    assert "Passeriformes (133)" in named
    assert "Orders <&>" in named
    assert any("colours: order" in text for text in named)


def test_groups_of_the_levels_asked_for() -> None:
    found = texts(heatmap(of_hierarchy(load("cub-deep")), levels="order,family"))
    assert any(text.endswith("bands: order, family") for text in found)
    assert "Auks" in found
    assert not any("bands" in text for text in texts(heatmap(of_hierarchy(load("cifar10")), levels="none")))
    with pytest.raises(TaxoError, match="a map has one colour per class; name one level"):
        class_map(of_hierarchy(load("cub-deep")), levels="order,family")


def test_names_that_look_like_markup(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    odd = ["$x_{1}$", "a_b^c \\frac{1}{2}", "<b> & </b>", "{", "$", "%s", "x\x01y", "\ud7ff"]
    t = from_edges([("$root$", name) for name in odd] + [("$root$", "動物"), ("動物", "猫"), ("動物", "犬")])
    for draw in (DRAWN["heatmap"], DRAWN["map"], dendrogram):
        figure = draw(t)
        found = texts(figure)
        for name in (*odd[:6], "x\ufffdy", "猫"):
            assert name in found, name
        encode(figure, "png", dpi=40)
    encode(figure, "pdf")
    # Whether a font has them depends on the machine; a warning would have failed the test.
    assert all(
        "no font on this machine has" in r.message
        for r in caplog.records
        if r.name == "taxo" and r.levelname == "WARNING"
    )


def test_one_class_flat_and_deep() -> None:
    chain = from_edges([(f"n{i}", f"n{i + 1}") for i in range(3000)] + [("n0", "x")])
    for t in (from_edges([], nodes=["solo"]), from_edges([], nodes=["a", "b"]), chain):
        for draw in (DRAWN["heatmap"], DRAWN["map"], dendrogram):
            assert t.classes[0] in texts(draw(t))


def test_classes_that_are_inner_nodes(zoo: Taxonomy) -> None:
    t = zoo.with_classes(["bird", "owl", "cat"])
    for draw in (DRAWN["heatmap"], DRAWN["map"], dendrogram):
        assert set(t.classes) <= set(texts(draw(t)))


def test_a_dag(diamond: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    for kind in ("heatmap", "map"):
        assert set(diamond.classes) <= set(texts(DRAWN[kind](diamond)))
    assert caplog.messages[0].startswith("diamond is a DAG: the similarities are its own, order and groups")
    with pytest.raises(
        NotATree, match="is a DAG, a dendrogram needs a tree: make one with taxo reduce, or draw --kind"
    ):
        dendrogram(diamond)


def test_many_classes_are_shown_by_means(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    from taxo.embeddings.plots.heatmap import cells

    module = sys.modules["taxo.embeddings.plots.heatmap"]
    monkeypatch.setattr(module, "MOST_CELLS", 50)
    monkeypatch.setattr(module, "_BINS", 20)
    subject = of_hierarchy(load("cifar100"))
    assert cells(subject).shape == (20, 20)
    assert any("means over blocks of 5 × 5 classes" in text for text in texts(heatmap(subject)))
    assert caplog.messages == ["100 classes: the heat map shows means over blocks of neighbours, 20 along a side"]


def test_a_dendrogram_is_cut(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    assert "animal (49)" not in texts(dendrogram(load("cifar100")))
    cut = texts(dendrogram(load("cifar100"), depth=1))
    assert {"artifact (30)", "food (5)", "natural scene (4)", "organism (61)"} <= set(cut)
    monkeypatch.setattr(sys.modules["taxo.embeddings.plots.dendrogram"], "MOST_ROWS", 50)
    assert "reptile (5)" in texts(dendrogram(load("cifar100")))
    assert caplog.messages == ["100 rows are too many to read: the tree is cut as with --depth 4, 48 rows"]
    with pytest.raises(TaxoError, match="a dendrogram with 60 rows cannot be read, the most that is drawn is 50"):
        dendrogram(from_edges([("r", f"n{i}") for i in range(60)]))


def test_heights_of_the_dendrogram(zoo: Taxonomy) -> None:
    found = texts(dendrogram(zoo, heights={"animal": 10, "bird": 6, "owl": 1}))
    assert {"0", "2", "4", "6", "8", "10"} <= set(found)


def test_colours_of_a_matrix() -> None:
    import numpy as np

    assert scale_of(np.array([[0.2, 1.0]]), signed=False)[1:] == (0, 1)
    assert scale_of(np.array([[-0.4, 1.0]]), signed=False)[1:] == (-1, 1)
    assert scale_of(np.array([[-3e-16, 1e-16]]), signed=True)[1:] == (-3e-16, 3e-16)
    assert scale_of(np.zeros((1, 1)), signed=True)[1:] == (-1e-16, 1e-16)


def test_embeddings(zoo: Taxonomy) -> None:
    found = texts(heatmap(of_embedding(embed(zoo), zoo)))
    assert "dot product of the class embeddings" in found
    assert "Class embeddings of zoo, method exact" in found
    minus = texts(heatmap(of_embedding(embed(zoo, "onehot"), zoo, minus=True)))
    assert "dot product of the class embeddings, minus the similarity" in minus
    assert "barn" in texts(class_map(of_embedding(embed(zoo, "nodes"))))


def test_unknown_formats_and_too_many_pixels(zoo: Taxonomy, tmp_path: Path) -> None:
    figure = heatmap(of_hierarchy(zoo))
    with pytest.raises(TaxoError, match=r"x.jpg: pictures are written as .png, .svg, .pdf, not as .jpg"):
        save(figure, "x.jpg")
    with pytest.raises(TaxoError, match="unknown format 'gif'; known are png, svg, pdf"):
        encode(figure, "gif")
    with pytest.raises(TaxoError, match="at 20000 dots per inch the picture would be"):
        encode(figure, dpi=20000)
    save(figure, tmp_path / "a.SVG")
    ET.parse(tmp_path / "a.SVG")


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch, zoo: Taxonomy) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in DRAWN.values():
        with pytest.raises(TaxoError) as error:
            draw(zoo)
        assert str(error.value) == "drawing needs matplotlib; install it with: pip install 'taxo-toolkit[plot]'"


def test_no_window_system_is_touched() -> None:
    code = (
        "import sys\nfrom taxo.embeddings.plots import encode, loss_surfaces\n"
        "assert 'matplotlib' not in sys.modules\n"
        "assert len(encode(loss_surfaces(), dpi=40)) > 1000\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_other_warnings_are_not_swallowed(monkeypatch: pytest.MonkeyPatch, zoo: Taxonomy) -> None:
    import warnings

    from matplotlib.figure import Figure

    figure = heatmap(of_hierarchy(zoo))
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: warnings.warn("something else", UserWarning, stacklevel=1))
    with pytest.warns(UserWarning, match="something else"):
        encode(figure)
