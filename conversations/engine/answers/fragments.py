"""Fragments: an answer in several messages, "0812" and "3344 5566", of which none alone is one.

The words that were not understood are kept while their question is open, and read once more before the next ones.
"""

from __future__ import annotations

MOST_LETTERS = 60  # of the pieces together: an answer, not a talk
_KEY = "\n"


def followed_by(fragment: str, key: str, text: str) -> str:
    """The fragment to keep after these words, too, were not understood at the question of this key."""
    both = joined_with(fragment, key, text) or " ".join(text.split())
    return f"{key}{_KEY}{both}" if both and len(both) <= MOST_LETTERS else ""


def joined_with(fragment: str, key: str, text: str) -> str:
    """What was said before at the same question with these words behind it; "" without any, or where it is too long.

    >>> joined_with("phone\\n0812", "phone", "3344 5566"), joined_with("phone\\n0812", "name", "Siti")
    ('0812 3344 5566', '')
    """
    at, _, before = fragment.partition(_KEY)
    both = f"{before} {' '.join(text.split())}"
    return both if before and text and at == key and len(both) <= MOST_LETTERS else ""
