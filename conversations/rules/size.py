"""The length of texts as the platforms count it: in UTF-16 units, of which an emoji takes two or more."""

from __future__ import annotations


def size(words: str) -> int:
    """The length of a text in UTF-16 units.

    >>> size("Bu Siti"), size("é"), size("🙏"), size("👍🏽")
    (7, 1, 2, 4)
    """
    return len(words) if words.isascii() else len(words.encode("utf-16-le", "surrogatepass")) // 2


def beginning(words: str, room: int) -> str:
    """As much of a text as has room in so many units; no sign is cut in two.

    >>> beginning("soto", 3), beginning("🙏🙏", 3)
    ('sot', '🙏')
    """
    return (
        words
        if size(words) <= room
        else words.encode("utf-16-le", "surrogatepass")[: 2 * room].decode("utf-16-le", "ignore")
    )


def shortened(words: str, room: int) -> str:
    """The text, cut and ended by "…" where it is longer.

    >>> shortened("warung soto", 7), shortened("warung", 7)
    ('warung…', 'warung')
    """
    return words if size(words) <= room else f"{beginning(words, room - 1).rstrip()}…"
