"""How an embedding was made, as a value that is stored with it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to give `embed` to make the same embedding again.

    Attributes:
        method: One of `METHODS`, or what another program says.
        measure: The similarity that is reproduced, such as "lcs-height".
        heights: Heights of the nodes for the measure lcs-height: a name of `taxo.taxonomy.heights.HEIGHTS`, or "given"
            for a column of the user's.
        ic: Information content of the measures lin and resnik; "" for the others.
        dag: What was done about nodes with several parents: "" where there are none or it does not matter, else
            "reduce:STRATEGY" or "nearest-psd".
        seed: Of methods that draw random numbers; 0 for the others.
        extended: How many classes `extend` has added since.
    """

    method: str
    measure: str = "lcs-height"
    heights: str = "levels"
    ic: str = ""
    dag: str = ""
    seed: int = 0
    extended: int = 0
