"""What a reader may be told."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """Options of all readers; each heeds those that concern it.

    Attributes:
        is_a: For pairs: True for `child parent`, False for `parent child`, None to infer it. For JSON links: True turns
            them round.
    """

    is_a: bool | None = None
