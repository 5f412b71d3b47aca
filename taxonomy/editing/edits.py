"""Edits: functions from a hierarchy to a new one, on trees and on DAGs.

An edit is local: what it does not name keeps its place among its siblings, and classes keep their order and their
numbers. Where the classes are exactly the leaves, they stay so: a new leaf becomes a class with the next free
number, a leaf that gets a child is no class any more, which is said. Where the classes are others, a new leaf is
none unless it is given a number. An inner node that loses its last child stays as a leaf that is no class, which is
said, unless `emptied` tells otherwise.

Among siblings of a tree every order can be had. In a DAG, nodes of one parent stand by level first, then by their
first parent, so an order is kept only among those that agree in both.
"""

from .levels import collapse, insert_level, merge, prune, split
from .nodes import add, move, remove, rename

__all__ = ["add", "collapse", "insert_level", "merge", "move", "prune", "remove", "rename", "split"]
