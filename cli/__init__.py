"""The command `taxo`: each command parses, makes one library call, and prints."""

from .app import main

__all__ = ["main"]
