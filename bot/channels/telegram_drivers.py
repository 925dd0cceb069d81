"""The drivers of the channel "telegram"; the library of a driver is imported only when the driver is chosen."""

from __future__ import annotations

from .telegram_channel import TelegramChannel
from .unbuilt import unbuilt


def driver_of(name: str) -> type[TelegramChannel]:
    """The channel class of a driver, "aiogram" or "ptb"; imports its library."""
    if name == "ptb":
        from .telegram_ptb import PtbTelegram as ByPtb

        return ByPtb
    with unbuilt():
        from .telegram_aiogram import AiogramTelegram as ByAiogram

    return ByAiogram
