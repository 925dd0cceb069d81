"""Words that come by a link of ours: the campaign is kept, and words that the person added are read. Pure."""

from __future__ import annotations

import re

from conversations.engine.core import Heard

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)  # https://core.telegram.org/bots/features#deep-linking
_MARKED = re.compile(r"[0-9_-]")  # characters that no spoken word has

# The ready text of a link of ours, https://wa.me/<number>?text=Halo%20Rangkul%20(pasar-gede): WhatsApp has no
# payload that a person does not see.
_READY = re.compile(r"halo[,.!]*\s*rangkul[,.!]*\s*\(\s*([a-z0-9_-]{1,64})\s*\)", re.ASCII | re.IGNORECASE)


def after_start(rest: str) -> Heard:
    """The event of the words behind /start: a link's payload, with words added behind it, or just words.

    >>> after_start("pasar-gede").start, after_start("mau daftar").text
    ('pasar-gede', 'mau daftar')
    >>> after_start("pasar-gede saya mau daftar")
    Heard(text='saya mau daftar', pressed=None, contact=None, other='', start='pasar-gede', masked=False)
    """
    payload, *words = rest.split(maxsplit=1)
    if not _PAYLOAD.fullmatch(payload) or (words and not _MARKED.search(payload)):
        return Heard(text=rest)
    return Heard(start=payload, text=words[0] if words else "")


def of_a_ready_text(said: str) -> Heard:
    """The event of a text: the campaign in a link's ready text, and the words around it; or just words.

    >>> of_a_ready_text("Halo Rangkul (pasar-gede)").start, of_a_ready_text("mau daftar").text
    ('pasar-gede', 'mau daftar')
    >>> heard = of_a_ready_text("Assalamualaikum. Halo Rangkul (pasar-gede), saya mau daftar 🙏")
    >>> heard.start, heard.text
    ('pasar-gede', 'Assalamualaikum. saya mau daftar 🙏')
    """
    linked = _READY.search(said)
    if not linked:
        return Heard(text=said)
    around = (said[: linked.start()].strip(), said[linked.end() :].lstrip(" \t\n.,;:!-"))
    words = " ".join(filter(None, around)).strip()
    return Heard(start=linked[1], text=words if any(c.isalnum() for c in words) else "")
