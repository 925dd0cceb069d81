"""The links of a campaign, on Telegram and on WhatsApp, which ``bot/channels/linked_words.py`` reads again."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST = 40  # letters of a campaign's name; platforms take 64

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_BETWEEN = re.compile(r"[^a-z0-9]+", re.ASCII)
_DIGITS = re.compile(r"\d(?:-?\d){7}", re.ASCII)  # as long as somebody's number, which no campaign may hold


def campaign_named(said: str) -> str:
    """The name of a campaign as links carry it, from the words of a person; "" where they make none.

    >>> campaign_named("  Pasar Gedé 2026! "), campaign_named("0812 3456 7890"), campaign_named("?")
    ('pasar-gede-2026', '', '')
    """
    plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode().lower()
    name = _BETWEEN.sub("-", plain).strip("-")
    return name if is_campaign(name) else ""


def is_campaign(name: str) -> bool:
    """Whether links may carry this name: it outlives an erasure in the clear, so it holds no long number."""
    return bool(_NAME.fullmatch(name)) and len(name) <= LONGEST and not _DIGITS.search(name) and not name.isdecimal()


def on_telegram(bot: str, campaign: str) -> str:
    """https://core.telegram.org/bots/features#deep-linking

    >>> on_telegram("rangkul_bot", "pasar-gede")
    'https://t.me/rangkul_bot?start=pasar-gede'
    """
    return f"https://t.me/{bot}?start={campaign}"


def on_whatsapp(number: str, campaign: str) -> str:
    """The ready text names the campaign, as WhatsApp has no payload that a person does not see.

    >>> on_whatsapp("628110000000", "pasar-gede")
    'https://wa.me/628110000000?text=Halo%20Rangkul%20%28pasar-gede%29'
    """
    return f"https://wa.me/{number}?text={quote(f'Halo Rangkul ({campaign})')}"
