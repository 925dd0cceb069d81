"""The platforms of this program, in one table: the limits of each channel, and how it is made from settings.

To add a channel: its file in ``bot/channels/`` (see ``base.py``), its entry in ``CHANNELS``, the setting that switches it
on (``SWITCHES`` in ``bot/settings.py``), its name in ``bot.po`` ("channel.<name>"). The simulator is no platform: it lives
on the page of one process.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from starlette.routing import Route

from bot.channels import telegram, whatsapp
from bot.channels.base import Channel, Limits
from bot.roles import Role
from bot.rules import Rules
from bot.settings import Settings

ANY = Limits(text=4096, buttons=20, label=40)  # of a channel that is not in the table: the simulator, the terminal


class WebChannel(Channel, Protocol):
    """A channel that may also receive by webhook."""

    def routes(self) -> Sequence[Route]:
        """The routes of the web server by which the platform reaches this channel; none where the channel polls."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a channel gets from its process: roles, clock, leases.

    ``lease`` holds a name for as long as no other process may do the same work ("telegram:<bot>": poll for updates).
    """

    roles: frozenset[Role]
    clock: Callable[[], datetime]
    lease: Callable[[str], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform. ``rate``: messages a second over all chats, 0 without a limit; ``daily``: different people who may
    get a template in 24 hours, None where the platform has no such limit."""

    limits: Limits
    build: Callable[[Settings, Wiring], WebChannel]
    by_webhook: Callable[[Settings], bool]
    rate: Callable[[Settings], float]
    daily: Callable[[Settings], int] | None = None


def _telegram(settings: Settings, wiring: Wiring) -> WebChannel:
    """The Telegram bot; of all processes with this token, the one that holds the lease polls."""
    from bot.channels.telegram_channel import Mode
    from bot.channels.telegram_drivers import driver_of

    by_webhook = settings.telegram_mode == "webhook"
    receives = (Role.WEB if by_webhook else Role.TELEGRAM) in wiring.roles
    mode: Mode = ("webhook" if by_webhook else "polling") if receives else "none"
    channel = driver_of(settings.telegram_driver)(
        settings.telegram_token,
        api=settings.telegram_api,
        mode=mode,
        secret=settings.telegram_webhook_secret,
        public_url=settings.public_url,
        lease=lambda: wiring.lease(f"telegram:{channel.account}"),
        clock=wiring.clock,
    )
    return channel


def _whatsapp(settings: Settings, wiring: Wiring) -> WebChannel:
    """The WhatsApp number: every process with a role for platforms may send, those with the webhook receive."""
    from bot.channels.whatsapp_pywa import WhatsApp
    from bot.whatsapp.templates import choose

    return WhatsApp(
        settings.whatsapp_token,
        phone_id=settings.whatsapp_phone_id,
        waba_id=settings.whatsapp_waba_id,
        app_secret=settings.whatsapp_app_secret,
        verify_token=settings.whatsapp_verify_token,
        choose=choose,
        api=settings.whatsapp_api,
        clock=wiring.clock,
        receives=Role.WEB in wiring.roles,
    )


CHANNELS: Mapping[str, Platform] = {
    telegram.NAME: Platform(
        telegram.LIMITS,
        _telegram,
        by_webhook=lambda settings: settings.telegram_mode == "webhook",
        rate=lambda settings: settings.telegram_rate,
    ),
    whatsapp.NAME: Platform(
        whatsapp.LIMITS,
        _whatsapp,
        by_webhook=lambda _: True,
        rate=lambda settings: settings.whatsapp_rate,
        daily=lambda settings: settings.whatsapp_daily,
    ),
}


def limits_of(channel: str) -> Limits:
    """The limits of a channel, also of one that another process sends on."""
    return CHANNELS[channel].limits if channel in CHANNELS else ANY


def rules(settings: Settings, holidays: Container[date]) -> Rules:
    """The rules of sending, from the settings of every channel and of broadcasts."""
    rates = {name: platform.rate(settings) for name, platform in CHANNELS.items()}
    daily = {name: platform.daily(settings) for name, platform in CHANNELS.items() if platform.daily}
    return Rules.of(settings, holidays, rates, daily)


def webhooks(settings: Settings) -> tuple[str, ...]:
    """The channels, of those that are on, that receive by webhook."""
    return tuple(name for name in settings.real_channels if CHANNELS[name].by_webhook(settings))
