"""The attributes of a node in indented text: what stands behind its name, after tabs."""

import math

from ..build import NO_NUMBER
from ..taxonomy import Taxonomy
from .branch_lengths import number as branch_length
from .branch_lengths import written_length
from .numbering import class_number
from .quoting import quote, unquote
from .source import Faults

_ONCE = ("rank", "class", "label", "length")
"""What a node has once; it may have several synonyms."""


def parse_attributes(fields: list[str], number: int, faults: Faults) -> tuple[dict[str, str], tuple[str, ...]]:
    """Attributes that may stand once, and the synonyms."""
    values: dict[str, str] = {}
    synonyms: list[str] = []
    for text in fields:
        key, equals, value = text.partition("=")
        if not equals or key not in (*_ONCE, "synonym"):
            message = f"unknown attribute {text!r}; after a tab stand rank=, class=, label=, length= or synonym="
            faults.add(number, message, "attribute")
        elif key in values:
            faults.add(number, f"attribute {key!r} is given twice", "attribute")
        elif not value.strip():
            faults.add(number, f"attribute {key!r} has no value; give one or leave it out", "attribute")
        elif key == "synonym":
            synonyms.append(unquote(value))
        else:
            values[key] = unquote(value)
    return values, tuple(synonyms)


def parse_class(text: str | None, number: int, faults: Faults) -> int:
    """The class number that an attribute gives."""
    if text is None:
        return NO_NUMBER
    value = class_number(text)
    if value is None:
        faults.add(
            number, f"class={text} is no class number; give a whole number from 0, or - for no class", "class-number"
        )
        return NO_NUMBER
    return value


def parse_length(text: str | None, number: int, faults: Faults) -> float:
    """The branch length that an attribute gives, NaN for none."""
    value = math.nan if text is None else branch_length(text)
    if value is None:
        faults.add(
            number, f"length={text} is no branch length; give a number such as 1.5, or leave it out", "attribute"
        )
        return math.nan
    return value


def node_text(taxonomy: Taxonomy, node: int, class_number: str | None) -> str:
    """Name and attributes of a node, as they stand on its line behind the indentation."""
    name, rank, label = taxonomy.names[node], taxonomy.ranks[node], taxonomy.labels[node]
    fields = [quote(name)]
    fields += [f"rank={quote(rank)}"] if rank else []
    fields += [f"class={class_number}"] if class_number is not None else []
    fields += [f"label={quote(label)}"] if label != name else []
    fields += [f"length={length}"] if (length := written_length(taxonomy, node)) else []
    fields += [f"synonym={quote(synonym)}" for synonym in taxonomy.synonyms[node]]
    return "\t".join(fields)
