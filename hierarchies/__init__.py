"""The built-in hierarchies, and finding one by whatever the user typed."""

from .catalogue import describe, load, names, resolve

__all__ = ["describe", "load", "names", "resolve"]
