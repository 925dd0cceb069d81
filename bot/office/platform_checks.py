"""Checks of ``rangkul check`` that ask the platforms, and a server that runs here: whether people's messages come to us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels import telegram_webhook
from bot.channels.telegram import Call
from bot.channels.telegram_refusals import Api, TelegramRefused
from bot.now import now
from bot.office.database import tables_of
from bot.office.finding import Finding
from bot.settings import Settings
from storage.engine import leases

LISTEN = 4  # seconds: who asks for updates beside us comes again within them, and one of us is refused


async def server(settings: Settings) -> AsyncIterator[Finding]:
    """Findings of a server with these settings about itself, if one answers."""
    parts = await _parts(settings)
    for name, part in parts.items():
        if not part.get("ok"):
            yield Finding("wrong", f"server: {name}: {part.get('seen', '')}")
    if parts and all(part.get("ok") for part in parts.values()):
        yield Finding("ok", "server: ready")


async def telegram(settings: Settings) -> AsyncIterator[Finding]:
    """Findings about the token, and whether updates come the way the settings say, to us and nobody else."""
    from bot.channels.telegram_drivers import driver_of

    channel = driver_of("aiogram")
    driver = channel.carry(settings.telegram_token, settings.telegram_api)
    driver.open()
    try:
        me, hook = await driver.call(Call("getMe")), await telegram_webhook.webhook_state(driver.call)
        yield Finding("ok", f"telegram: @{me['username']}, {hook.waits} updates waiting")
        if settings.telegram_mode == "webhook":
            yield _webhook(settings, hook)
        elif hook.url:
            yield Finding("wrong", f"telegram: somebody has set a webhook ({_host(hook.url)}); polling takes it away")
        else:
            async for finding in _poller(settings, driver.call):
                yield finding
        if hook.last_error:
            yield Finding("warning", f"telegram: last webhook error: {hook.last_error}")
    except TelegramRefused as refused:
        yield Finding("wrong", f"telegram: {refused.reason} (RANGKUL_TELEGRAM_TOKEN, RANGKUL_TELEGRAM_API)")
    finally:
        await driver.close()


async def whatsapp(settings: Settings) -> AsyncIterator[Finding]:
    """Findings about the number, and whether an app is subscribed to its events."""
    from bot.channels.whatsapp_channel import WhatsAppRefused
    from bot.channels.whatsapp_keeping import number_works, subscribed
    from bot.channels.whatsapp_pywa import Pywa

    carrier = Pywa(settings.whatsapp_token, settings.whatsapp_api)
    carrier.open()
    try:
        status, works = await number_works(carrier, settings.whatsapp_phone_id)
        yield Finding("ok" if works else "wrong", f"whatsapp: the number is {status.lower() or 'there'}")
        if not await subscribed(carrier, settings.whatsapp_waba_id):
            yield Finding("wrong", "whatsapp: no app is told of what happens to the account; the server mends it")
    except WhatsAppRefused as refused:
        yield Finding("wrong", f"whatsapp: refused ({refused}); see RANGKUL_WHATSAPP_TOKEN, RANGKUL_WHATSAPP_PHONE_ID")
    finally:
        await carrier.close()


def _webhook(settings: Settings, hook: telegram_webhook.WebhookState) -> Finding:
    secret = settings.telegram_webhook_secret or telegram_webhook.own_secret(settings.telegram_token)
    if hook.is_set_to(telegram_webhook.address(settings.public_url, settings.telegram_token, secret)):
        return Finding("ok", "telegram: the webhook is ours")
    what = f"the webhook leads to {_host(hook.url)} or is not as we set it" if hook.url else "no webhook is set"
    return Finding("wrong", f"telegram: {what}; the server sets it, at its start and every minute")


async def _poller(settings: Settings, api: Api) -> AsyncIterator[Finding]:
    """Whether somebody else polls for updates. To find out this polls too, and confirms nothing; not where that would
    disturb our own server, which knows by itself."""
    if await _parts(settings) or await _is_asked_by_us(settings):
        yield Finding("ok", "telegram: updates are asked for by our server")
        return
    try:
        await api(Call("getUpdates", {"limit": 1, "timeout": LISTEN}))
    except TelegramRefused as refused:
        if refused.status != 409:
            raise
        yield Finding("wrong", "telegram: somebody else asks for updates with this token, and gets a part of them")
    else:
        yield Finding("ok", "telegram: nobody else asks for updates")


async def _is_asked_by_us(settings: Settings) -> bool:
    """Whether a process of ours polls: on PostgreSQL it holds a lease."""
    if not settings.database_url.startswith("postgres"):
        return False
    bot = settings.telegram_token.partition(":")[0]
    with suppress(Exception):  # another part of the check tells of the database
        async with tables_of(settings) as database, database.read() as tx:
            return await leases.is_held(tx, f"telegram:{bot}", now())
    return False


async def _parts(settings: Settings) -> dict[str, Any]:
    """The parts of ``/health/ready`` of our server on this machine; {} where none answers."""
    here = "127.0.0.1" if settings.host in ("0.0.0.0", "localhost") else settings.host  # noqa: S104 - read, not bound
    url = f"http://{f'[{here}]' if ':' in here else here}:{settings.port}/health/ready"
    try:
        async with httpx.AsyncClient(timeout=6, trust_env=False) as web:
            parts = (await web.get(url, headers={"Host": "localhost"})).json()["parts"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError):
        return {}
    return parts if isinstance(parts, dict) else {}


def _host(url: str) -> str:
    with suppress(ValueError):
        return urlsplit(url).hostname or "elsewhere"
    return "elsewhere"
