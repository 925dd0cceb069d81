"""The web server: health, and the simulator where it is on. The product lives exactly as long as the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from bot.app import Product, now, opened, running
from bot.channels.base import Channel, Unavailable
from bot.leases import held
from bot.roles import EVERYTHING, Role
from bot.settings import Settings
from storage.leads import officers
from storage.people.people import Where

from .health import Health

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.channels.telegram_channel import Mode, TelegramChannel
    from bot.channels.whatsapp_channel import WhatsAppChannel


def build(
    settings: Settings,
    roles: frozenset[Role] = EVERYTHING,
    loaded: Callable[[], None] = lambda: None,
    *,
    held: bool = False,
) -> Starlette:
    """The application. Its product is opened when the server starts and closed, losing nothing, when it ends.

    ``loaded`` is called once everything is in memory, before the first event. ``held``: this process holds the database.
    """
    channels: dict[str, Channel] = {}
    routes: list[BaseRoute] = []
    talks = bool(roles & {Role.WEB, Role.TELEGRAM, Role.DELIVERY})  # with platforms
    if talks and "telegram" in settings.real_channels:
        telegram = channels["telegram"] = _telegram(settings, roles, lambda: app.state.product)
        routes += telegram.routes()
    if talks and "whatsapp" in settings.real_channels:
        whatsapp = channels["whatsapp"] = _whatsapp(settings)
        routes += whatsapp.routes() if Role.WEB in roles else ()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(settings, channels, roles, held=held) as product:
            loaded()
            async with running(product):
                app.state.product = product
                try:
                    yield
                finally:
                    app.state.product = None

    simulates = Role.CONSOLE in roles and settings.simulates
    app = _with_simulator(channels, lifespan) if simulates else Starlette(lifespan=lifespan)
    app.add_exception_handler(Unavailable, _come_again)
    health = Health(lambda: getattr(app.state, "product", None), token=settings.metrics_token)
    # Those that are asked most first; all of them before the simulator's, which take every path.
    app.router.routes[:0] = [*routes, *health.routes()]
    return app


def _telegram(settings: Settings, roles: frozenset[Role], product: Callable[[], Product]) -> TelegramChannel:
    """The Telegram driver; of all processes with this token, the one that holds the lease asks for updates."""
    from bot.channels.telegram_channel import driver_of

    def lease() -> AbstractAsyncContextManager[None]:
        return held(product().database, f"telegram:{driver.account}", product().owner, now)

    driver = driver_of(settings.telegram_driver)(
        settings.telegram_token,
        api=settings.telegram_api,
        mode=_receiving(settings, roles),
        secret=settings.telegram_webhook_secret,
        public_url=settings.public_url,
        lease=lease,
        clock=now,
    )
    return driver


def _whatsapp(settings: Settings) -> WhatsAppChannel:
    """The WhatsApp driver: every process with a role for platforms may send, those with the webhook receive."""
    from bot.channels.whatsapp_pywa import WhatsApp
    from bot.whatsapp.templates import choose

    return WhatsApp(
        settings.whatsapp_token,
        phone_id=settings.whatsapp_phone_id,
        waba_id=settings.whatsapp_waba_id,
        app_secret=settings.whatsapp_app_secret,
        verify_token=settings.whatsapp_verify_token,
        choose=choose(),
        api=settings.whatsapp_api,
        clock=now,
    )


def _receiving(settings: Settings, roles: frozenset[Role]) -> Mode:
    """How this process gets Telegram's updates, if at all."""
    if settings.telegram_mode == "webhook":
        return "webhook" if Role.WEB in roles else "none"
    return "polling" if Role.TELEGRAM in roles else "none"


def _with_simulator(
    channels: dict[str, Channel], lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]]
) -> FastAPI:
    """The application that NiceGUI's pages need; the simulator joins the channels."""
    from fastapi import FastAPI

    from bot.channels.simulator import Simulator

    from .phone import Hiring
    from .simulator import mount

    app = FastAPI(title="Rangkul", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    simulator = channels["simulator"] = Simulator(now)

    async def invite() -> str:
        product: Product = app.state.product
        async with product.database.write() as tx:
            return await officers.invite(
                tx, product.vault, name="Petugas Simulasi", role="admin", regencies=(), now=now()
            )

    async def hired(address: str) -> bool:
        product: Product = app.state.product
        async with product.database.read() as tx:
            return await officers.is_one(tx, product.vault, Where(simulator.name, simulator.account, address))

    mount(app, simulator, Hiring(invite, hired))
    return app


async def _come_again(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "the database is away, come again"}, 503, {"Retry-After": "1"})
