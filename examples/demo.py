"""The main job on embedded data: what `make demo` runs. Everything it makes goes to the folder demo/.

The commands are printed as they are typed, and run as they are printed. No data are downloaded: the images are drawn,
so that species that are close in the hierarchy look alike.
"""

import json
import shlex
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path("demo")
RUN = FOLDER / "run"
STEPS = [
    ("A hierarchy of 200 birds: the top of it.", "taxo show cub-deep --depth 2 --labels"),
    (
        "Its class embeddings: unit vectors whose dot products are the similarities.",
        f"taxo build-embeddings cub-deep -o {FOLDER}/cub-deep.npz",
    ),
    ("Are they right?", f"taxo check {FOLDER}/cub-deep.npz cub-deep"),
    (
        "A network learns them, from ten drawn images of each species.",
        f"taxo train --embedding {FOLDER}/cub-deep.npz --dataset synthetic --image-size 24 --augment shift "
        f"--loss cosine+xent --lr 0.3 --epochs 12 --seed 0 -o {RUN} --overwrite",
    ),
    ("How good is it, level by level of the hierarchy?", f"taxo evaluate {RUN}"),
]
NEXT = """
Done in {seconds:.0f} s. The picture is {picture}, the run is in {run}.

What to type next ({python} -m taxo, or activate the environment: source .venv/bin/activate):

  taxo list                                            the built-in hierarchies
  taxo show nab --depth 1 --labels                     another one
  taxo build-embeddings your-tree.txt                  indented text, edge list, or a tree of class folders
  taxo train --embedding photos/train --data photos    your own images: photos/train/CLASS/*.jpg, photos/test/...
"""


def main() -> None:
    """Run all steps, draw the picture, say what to type next."""
    started = time.perf_counter()
    FOLDER.mkdir(exist_ok=True)
    for title, command in STEPS:
        print(f"\n# {title}\n$ {command}", flush=True)
        subprocess.run([sys.executable, "-m", *shlex.split(command)], check=True)
    picture = draw(FOLDER / "demo.png")
    seconds = time.perf_counter() - started
    print(NEXT.format(seconds=seconds, picture=picture, run=RUN, python=sys.executable))


def draw(target: Path) -> Path:
    """A picture of the similarities, of some drawn birds, and of the accuracy by level."""
    import matplotlib

    matplotlib.use("Agg")  # no screen is needed
    import matplotlib.pyplot as plt

    from taxo.taxonomy import class_similarity
    from taxo.training.data import load_splits
    from taxo.training.data.frames import Centre
    from taxo.training.data.synthetic import prototypes
    from taxo.training.run import load_run

    run = load_run(RUN)
    figure = plt.figure(figsize=(13, 4.6), layout="constrained")
    left, middle, right = figure.subfigures(1, 3, width_ratios=[1, 1, 1.05])

    # In depth-first order related classes stand together.
    order = [run.classes.index(axis) for axis in run.embedding.axes]
    axes = left.subplots()
    image = axes.imshow(class_similarity(run.taxonomy)[order][:, order], cmap="viridis")
    axes.set(title="Similarity of the 200 classes", xlabel="class, in the order of the tree", yticks=[])
    left.colorbar(image, shrink=0.75)

    splits = load_splits(run.config.data, run.taxonomy)
    clean = prototypes(run.taxonomy, 96, run.config.data.data_seed).transpose(0, 2, 3, 1)
    middle.suptitle("Drawn birds: relatives look alike.\nLeft without noise, then as the network sees them")
    shown = [run.classes.index(name) for name in PICTURED]
    for row, cells in zip(shown, middle.subplots(len(shown), 5), strict=True):
        of_class = (splits.train.targets == row).nonzero().flatten()[:4]
        cells[0].imshow((0.5 + clean[row] / 5).clip(0, 1))
        drawings = splits.train.source.fetch(of_class.tolist(), Centre(run.config.data.image_size)).inputs
        for cell, drawing in zip(cells[1:], drawings, strict=True):
            cell.imshow(drawing.permute(1, 2, 0).numpy())
        for cell in cells:
            cell.set(xticks=[], yticks=[])
        cells[2].set_title(run.taxonomy.class_labels[row], fontsize=8, pad=2)

    scores = run.result["last"]
    epochs = [json.loads(line) for line in (RUN / "metrics.jsonl").read_text().splitlines()]
    upper, lower = right.subplots(2, 1)
    levels = scores["levels"]
    bars = upper.barh(list(levels)[::-1], list(levels.values())[::-1], color="#4c78a8")
    upper.bar_label(bars, fmt="{:.0%}", padding=2, fontsize=8)
    upper.set(title="Accuracy on test images, by level", xlim=(0, 1.15), xticks=[])
    for name, values in (("train", [e["accuracy"] for e in epochs]), ("test", [e["test"]["accuracy"] for e in epochs])):
        lower.plot(range(1, len(epochs) + 1), values, marker=".", label=name)
    lower.set(title="Accuracy by epoch", xlabel="epoch", ylim=(0, 1))
    lower.legend()
    figure.savefig(target, dpi=110)
    return target


PICTURED = ("Larus argentatus", "Larus californicus", "Sterna hirundo", "Colaptes auratus", "Archilochus colubris")
"""Two gulls, a tern of the same family, a woodpecker, a hummingbird."""

if __name__ == "__main__":
    main()
