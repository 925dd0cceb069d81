"""The same words as other people would type them: capitals, particles, held-down letters, no full stops, thumbs that slip.

A line of the corpus in another dress means the same, so one written line stands for many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

SLANG = {
    "yang": "yg", "tidak": "gak", "sudah": "udah", "untuk": "utk", "dengan": "dgn", "saya": "sy", "berapa": "brp",
    "bagaimana": "gmn", "kalau": "klo", "belum": "blm", "bisa": "bs", "saja": "aja", "jangan": "jgn", "karena": "krn",
    "banyak": "bnyk", "sekarang": "skrg", "orang": "org", "juta": "jt", "ribu": "rb", "bulan": "bln", "tahun": "thn",
}  # fmt: skip
PARTICLES = ("kak", "mas", "lho", "pak", "bu", "mbak")  # "ya" and "nggih" say yes as well


def capitals(text: str, chance: Random) -> str:
    return text.upper()


def particle(text: str, chance: Random) -> str:
    """A word of politeness behind."""
    return f"{text} {chance.choice(PARTICLES)}"


def held_down(text: str, chance: Random) -> str:
    """The last letter of a last word drawn out: "bolehhh"."""
    return re.sub(r"([a-z])$", r"\1\1\1", text) if len(text) > 2 else text


def marks(text: str, chance: Random) -> str:
    return f"  {text.rstrip('. ')}.. 🙏"


def slang(text: str, chance: Random) -> str:
    return " ".join(SLANG.get(word, word) for word in text.split())


def slipped(text: str, chance: Random) -> str:
    """Two neighbouring letters inside one long word changed places."""
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) > 6 and word.isascii() and word.isalpha()]
    if not long:
        return text
    at = chance.choice(long)
    spot = chance.randrange(2, len(words[at]) - 2)
    word = words[at]
    words[at] = word[:spot] + word[spot + 1] + word[spot] + word[spot + 2 :]
    return " ".join(words)


DRESSES: Mapping[str, Callable[[str, Random], str]] = {
    dress.__name__: dress for dress in (capitals, particle, held_down, marks, slang, slipped)
}
