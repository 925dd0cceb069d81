"""The web server: health, and the simulator where it is on. The product lives exactly as long as the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from bot.app import Product, now, opened, running
from bot.channels.base import Channel, Unavailable
from bot.leases import held
from bot.settings import Settings
from storage import officers

from .health import Health

if TYPE_CHECKING:
    from bot.channels.telegram_aiogram import Telegram


def build(settings: Settings) -> FastAPI:
    """The application. Its product is opened when the server starts and closed, losing nothing, when it ends."""
    channels: dict[str, Channel] = {}
    simulator = None
    routes: list[BaseRoute] = []
    if settings.simulates:
        from bot.channels.simulator import Simulator

        simulator = channels["simulator"] = Simulator(now)
    if "telegram" in settings.real_channels:
        telegram = channels["telegram"] = _telegram(settings, lambda: app.state.product)
        routes += telegram.routes()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings, channels) as product, running(product):
            app.state.product = product
            try:
                yield
            finally:
                app.state.product = None

    app = FastAPI(title="Rangkul", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(Unavailable, _come_again)
    health = Health(lambda: getattr(app.state, "product", None), token=settings.metrics_token)
    app.router.routes.extend([*health.routes(), *routes])
    if simulator:
        _mount_simulator(app, simulator)
    return app


def _telegram(settings: Settings, product: Callable[[], Product]) -> Telegram:
    """The Telegram driver; of all processes with this token, the one that holds the lease asks for updates."""
    from bot.channels.telegram_aiogram import Telegram

    def lease() -> AbstractAsyncContextManager[None]:
        return held(product().database, f"telegram:{driver.account}", product().owner, now)

    driver = Telegram(
        settings.telegram_token,
        api=settings.telegram_api,
        mode="webhook" if settings.telegram_mode == "webhook" else "polling",
        secret=settings.telegram_webhook_secret,
        public_url=settings.public_url,
        lease=lease,
        clock=now,
    )
    return driver


def _mount_simulator(app: FastAPI, simulator: Channel) -> None:
    from bot.channels.simulator import Simulator

    from .simulator import mount

    assert isinstance(simulator, Simulator)  # noqa: S101 - narrows the type for mypy

    async def invite() -> str:
        product: Product = app.state.product
        async with product.database.write() as tx:
            return await officers.invite(
                tx, product.shell.vault, name="Petugas Simulasi", role="admin", regencies=(), now=now()
            )

    mount(app, simulator, invite)


async def _come_again(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "the database is away, come again"}, 503, {"Retry-After": "1"})
