"""Data sets: the official files of those in the paper and of others, class folders, CSV files, drawings."""

from .config import DataConfig
from .matching import ClassMismatch, match_classes
from .paths import data_root
from .registry import DATASET_OF_HIERARCHY, DATASETS
from .samples import Samples
from .splits import Splits, find_splits, load_splits

__all__ = [
    "DATASETS",
    "DATASET_OF_HIERARCHY",
    "ClassMismatch",
    "DataConfig",
    "Samples",
    "Splits",
    "data_root",
    "find_splits",
    "load_splits",
    "match_classes",
]
