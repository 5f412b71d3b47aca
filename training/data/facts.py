"""What the paper says about its data sets: Table 1 of [BD20] and the constants of the authors' code.

[BD20]: Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Facts:
    """A data set as the published recipe takes it.

    Attributes:
        classes: Number of classes.
        train: Number of training items.
        test: Number of test items.
        batch_size: Items per step.
        resize: What the short side is resized to, in pixels; 0 for texts.
        image_size: Side of the crop, in pixels; 0 for texts.
        mean: `(3,)` mean of the channels, 0 to 255; empty for texts.
        std: `(3,)` standard deviation, likewise.
        lr: The largest learning rate that the paper found best, by loss; chosen by the best *test* epoch, among 2.5, 1,
            0.5, 0.1, 0.05, 0.01, 0.005 and 0.001, with one-hot embeddings. "smoothed" is xent with label smoothing.
    """

    classes: int
    train: int
    test: int
    batch_size: int
    resize: int = 0
    image_size: int = 0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    lr: Mapping[str, float] = field(default_factory=dict)


def _rates(xent: float, smoothed: float, cosine: float, both: float) -> dict[str, float]:
    return {"xent": xent, "smoothed": smoothed, "cosine": cosine, "cosine+xent": both}


FACTS = {
    "cub": Facts(
        200, 5994, 5794, 96, 512, 448, (123.83, 127.35, 110.26), (59.22, 58.07, 67.80), _rates(0.05, 0.05, 0.5, 0.5)
    ),
    "nab": Facts(
        555, 23929, 24633, 96, 512, 448, (125.31, 129.67, 118.45), (57.00, 56.70, 68.44), _rates(0.05, 0.1, 0.5, 0.5)
    ),
    "cars": Facts(
        196, 8144, 8041, 96, 512, 448, (120.04, 117.34, 116.01), (75.40, 75.15, 77.29), _rates(1.0, 1.0, 1.0, 0.5)
    ),
    "flowers": Facts(
        102, 2040, 6149, 96, 512, 448, (110.78, 97.66, 75.33), (74.90, 62.70, 69.77), _rates(1.0, 0.1, 0.5, 0.5)
    ),
    # The paper says 256 images per step, the code 96.
    "mit67": Facts(
        67, 5360, 1340, 256, 256, 224, (124.63, 110.01, 94.96), (68.57, 66.87, 67.36), _rates(0.05, 1.0, 2.5, 2.5)
    ),
    "cifar100": Facts(
        100, 50000, 10000, 100, 32, 32, (129.30, 124.07, 112.43), (68.17, 65.39, 70.42), _rates(0.1, 0.1, 0.05, 0.1)
    ),
    "ag-news": Facts(4, 120000, 7600, 128),
}
