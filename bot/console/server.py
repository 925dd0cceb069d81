"""The web server: health, and the simulator where it is on. The product lives exactly as long as the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from bot.app import Product, opened, running
from bot.channels.base import Channel, Unavailable
from bot.leases import held
from bot.now import now
from bot.platforms import CHANNELS, Wiring
from bot.roles import EVERYTHING, Role
from bot.settings import Settings, only_here
from storage.leads import officers
from storage.people.people import Where

from .health import Health

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.channels.simulator_screen import PastEvent, PastMessage

# Kota Surakarta, from where the usual owner of demonstrations is: there the officer hired on the simulator keeps the
# promise that a real office makes. Leads from elsewhere reach them as the admin that they are, too.
LOOKED_AFTER = "33.72"


def build(
    settings: Settings,
    roles: frozenset[Role] = EVERYTHING,
    loaded: Callable[[], None] = lambda: None,
    *,
    holds: bool = False,
) -> Starlette:
    """The web application. Its product is opened when the server starts and closed, losing nothing, when it ends.

    ``loaded`` is called once everything is in memory, before the first event. ``holds``: this process holds the database.
    """
    channels: dict[str, Channel] = {}
    routes: list[BaseRoute] = []
    if roles & {Role.WEB, Role.TELEGRAM, Role.DELIVERY}:  # these talk with platforms
        wiring = Wiring(roles, now, lambda name: held(app.state.product.database, name, app.state.product.owner, now))
        for name in settings.real_channels:
            channel = channels[name] = CHANNELS[name].build(settings, wiring)
            routes += channel.routes() if Role.WEB in roles else ()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(settings, channels, roles, held=holds) as product:
            loaded()
            async with running(product):
                app.state.product = product
                try:
                    yield
                finally:
                    app.state.product = None

    simulates = Role.CONSOLE in roles and settings.simulates
    app = _with_simulator(settings, channels, lifespan) if simulates else Starlette(lifespan=lifespan)
    app.add_exception_handler(Unavailable, _come_again)
    health = Health(lambda: getattr(app.state, "product", None), token=settings.metrics_token)
    if settings.console and roles & {Role.WEB, Role.CONSOLE}:
        from bot.console.office.app import mounted  # a process without pages loads no templates

        simulated = simulates and plays_officer(settings)
        routes += mounted(
            lambda: getattr(app.state, "product", None), public_url=settings.public_url, simulated=simulated
        )
    # The routes used most come first; all before the simulator's, which take every path.
    app.router.routes[:0] = [*routes, *health.routes()]
    return app


def web(
    settings: Settings, roles: frozenset[Role] = EVERYTHING, loaded: Callable[[], None] = lambda: None
) -> Starlette:
    """The web application of a process that is ``ready``: health, webhooks, the simulator where it is on.

    The product starts and stops with it.
    """
    return build(settings, roles, loaded, holds=True)


def plays_officer(settings: Settings) -> bool:
    """Whether whoever is at this machine may go in on the office's pages as the simulator's officer."""
    return settings.console and not settings.real_channels and only_here(settings.host)


def _with_simulator(
    settings: Settings, channels: dict[str, Channel], lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]]
) -> FastAPI:
    """The application for NiceGUI's pages, with the simulator added to the channels."""
    from fastapi import FastAPI

    from bot.channels.simulator import Simulator

    from .history import before
    from .phone import Hiring
    from .simulator import mount

    app = FastAPI(title="Rangkul", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    simulator = channels["simulator"] = Simulator(now)

    def where(address: str) -> Where:
        return Where(simulator.name, simulator.account, address)

    async def invite() -> str:
        product: Product = app.state.product
        async with product.database.write() as tx:
            return await officers.invite(
                tx, product.vault, name="Petugas Simulasi", role="admin", regencies=(LOOKED_AFTER,), now=now()
            )

    async def hired(address: str) -> bool:
        product: Product = app.state.product
        async with product.database.read() as tx:
            return await officers.is_one(tx, product.vault, where(address))

    async def past(address: str) -> list[PastEvent | PastMessage] | None:
        product: Product = app.state.product
        return await before(product.database, product.vault, where(address))

    hiring = None if simulator.name in settings.owners_only else Hiring(invite, hired)
    mount(app, simulator, hiring, past, anywhere=settings.simulator_anywhere, office=plays_officer(settings))
    return app


async def _come_again(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "the database is away, come again"}, 503, {"Retry-After": "1"})
