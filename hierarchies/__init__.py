"""The built-in hierarchies, and finding one by whatever the user typed."""

from .catalogue import describe, document, load, names, resolve

__all__ = ["describe", "document", "load", "names", "resolve"]
