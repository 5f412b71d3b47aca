"""Text from files that may hold what no name can: line breaks, control characters, half of a surrogate pair."""

import re

_NEVER = re.compile("[\0\ud800-\udfff]")


def tidy(text: str) -> str:
    """The text with white space of any kind as single blanks, and U+FFFD for what cannot be written as UTF-8.

    Example:
        >>> tidy(" Larus\\n argentatus ")
        'Larus argentatus'
        >>> tidy("a\\ud800") == "a\\ufffd"
        True
    """
    return " ".join(_NEVER.sub("\ufffd", text).split())
