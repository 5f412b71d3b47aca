"""Names of axes that stand for nothing of their own."""


def numbered(what: str, count: int) -> tuple[str, ...]:
    """The names "WHAT 1", "WHAT 2" ..., `(count,)`.

    Example:
        >>> numbered("dimension", 2)
        ('dimension 1', 'dimension 2')
    """
    return tuple(f"{what} {k}" for k in range(1, count + 1))
