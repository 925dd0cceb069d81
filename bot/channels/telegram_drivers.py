"""The channel "telegram" by one of its drivers, whose library is imported only when it is chosen."""

from __future__ import annotations

from .telegram_channel import TelegramChannel
from .unbuilt import unbuilt


def driver_of(name: str) -> type[TelegramChannel]:
    """The channel by one of its drivers, "aiogram" or "ptb", whose library is imported only now."""
    if name == "ptb":
        from .telegram_ptb import PtbTelegram as ByPtb

        return ByPtb
    with unbuilt():
        from .telegram_aiogram import AiogramTelegram as ByAiogram

    return ByAiogram
