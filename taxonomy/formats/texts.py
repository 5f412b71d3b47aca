"""Names and texts that no hierarchy can hold, whatever file they come from."""

import re

_FORBIDDEN = re.compile("[\t\r\n\0\ud800-\udfff]")
_WORDS = {"\t": "a tab", "\r": "a line break", "\n": "a line break", "\0": "a NUL"}


def wrong_with_name(name: str) -> str:
    """What is wrong with the name of a node, as the end of a sentence; "" where it is a good one.

    Example:
        >>> wrong_with_name("Larus"), wrong_with_name("a\\tb"), wrong_with_name("")
        ('', 'holds a tab', 'is empty')
    """
    if not name:
        return "is empty"
    found = _FORBIDDEN.search(name)
    return f"holds {_WORDS.get(found[0], 'half of a surrogate pair')}" if found else ""


def wrong_with_text(text: str) -> str:
    """What is wrong with a label, a rank or a synonym, as `wrong_with_name`; tabs and line breaks are allowed."""
    found = _FORBIDDEN.search(text)
    return "" if not found or found[0] in "\t\r\n" else wrong_with_name(found[0])
