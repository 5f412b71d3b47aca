"""Pictures of hierarchies and class embeddings, drawn with matplotlib (extra `plot`), one picture per module."""

from .class_map import class_map
from .dendrogram import dendrogram
from .encoding import encode, format_of, save
from .heatmap import heatmap
from .losses import loss_surfaces
from .subject import Subject, of_embedding, of_hierarchy

__all__ = [
    "Subject",
    "class_map",
    "dendrogram",
    "encode",
    "format_of",
    "heatmap",
    "loss_surfaces",
    "of_embedding",
    "of_hierarchy",
    "save",
]
