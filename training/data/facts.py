"""What the paper says about its data sets: Table 1 of [BD20] and the constants of the authors' code.

[BD20]: Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

from dataclasses import dataclass


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
    """

    classes: int
    train: int
    test: int
    batch_size: int
    resize: int = 0
    image_size: int = 0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()


FACTS = {
    "cub": Facts(200, 5994, 5794, 96, 512, 448, (123.83, 127.35, 110.26), (59.22, 58.07, 67.80)),
    "nab": Facts(555, 23929, 24633, 96, 512, 448, (125.31, 129.67, 118.45), (57.00, 56.70, 68.44)),
    "cars": Facts(196, 8144, 8041, 96, 512, 448, (120.04, 117.34, 116.01), (75.40, 75.15, 77.29)),
    "flowers": Facts(102, 2040, 6149, 96, 512, 448, (110.78, 97.66, 75.33), (74.90, 62.70, 69.77)),
    # The paper says 256 images per step, the code 96.
    "mit67": Facts(67, 5360, 1340, 256, 256, 224, (124.63, 110.01, 94.96), (68.57, 66.87, 67.36)),
    "cifar100": Facts(100, 50000, 10000, 100, 32, 32, (129.30, 124.07, 112.43), (68.17, 65.39, 70.42)),
    "ag-news": Facts(4, 120000, 7600, 128),
}
