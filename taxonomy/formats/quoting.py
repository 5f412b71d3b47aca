"""Names that a plain line cannot hold: written as JSON strings, read back as they were."""

import json

_BREAKS = frozenset("\t\r\n")


def quote(name: str) -> str:
    """The name as it stands in a file.

    Only names that begin with `"`, `#` or white space, or end with white space, and texts that are empty or hold
    tabs or line breaks are quoted.

    Example:
        >>> quote("Larus argentatus"), quote("#1 ")
        ('Larus argentatus', '"#1 "')
    """
    plain = name and name == name.strip() and not name.startswith(('"', "#", "\ufeff")) and not _BREAKS & set(name)
    return name if plain else json.dumps(name, ensure_ascii=False)


def unquote(text: str) -> str:
    """The name that `quote` was given; text that is no JSON string is a name as it stands.

    Example:
        >>> unquote('"#1 "'), unquote('"Bob" the gull')
        ('#1 ', '"Bob" the gull')
    """
    text = text.strip()
    if len(text) >= 2 and text.startswith('"') and text.endswith('"'):
        try:
            return str(json.loads(text))
        except json.JSONDecodeError:
            return text
    return text
