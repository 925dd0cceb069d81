"""The channel "whatsapp", by pywa. Import it only when the channel is on.

pywa carries the calls and knows the errors of the Graph API. Its handlers stay unused: they see the first message of a
body only. So do its classes for messages: they check no limit, and ``whatsapp.py`` writes what we need.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import httpx
import orjson
from pywa_async.client import WhatsApp as Client
from pywa_async.errors import WhatsAppError

from .base import Media
from .whatsapp_channel import WhatsAppChannel, WhatsAppRefused

PATIENCE = 30.0  # seconds for an answer
IN_FLIGHT = 16  # calls at a time; httpx slows down with more (encode/httpx#3215)
VERSION = 25.0  # of the Graph API

for name in ("pywa", "pywa_async"):
    logging.getLogger(name).setLevel(logging.WARNING)  # below that pywa logs whole messages


class Pywa:
    """Carries calls by pywa's client."""

    def __init__(self, token: str, api: str) -> None:
        self._token, self._api = token, api
        self._session: httpx.AsyncClient | None = None
        self._client: Client | None = None
        self._turn = asyncio.Semaphore(IN_FLIGHT)
        self._under_way = 0
        self._kept = True

    def open(self) -> None:
        self._kept = True

    async def close(self) -> None:
        self._kept = False
        await self._close_when_idle()

    async def call(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> Any:
        """Make a call; its result as JSON. Raises WhatsAppRefused."""
        return await self._carried(lambda client: client.api.send_raw_request(method, path, json=json))

    async def upload(self, path: str, media: Media) -> str:
        """Upload a file; its id. Raises WhatsAppRefused."""
        account = path.strip("/").partition("/")[0]
        answer = await self._carried(
            lambda client: client.api.upload_media(account, media.content, media.mime, media.name)
        )
        if not isinstance(answer, dict) or "id" not in answer:
            raise WhatsAppRefused("upload not understood")
        return str(answer["id"])

    async def _carried(self, make: Callable[[Client], Awaitable[Any]]) -> Any:
        self._under_way += 1
        try:
            async with self._turn:
                return await make(self._open())
        except WhatsAppError as error:
            status, subcode = error.status_code or 0, error.subcode
            raise WhatsAppRefused(f"{status} {error.code}", code=error.code, subcode=subcode, status=status) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise WhatsAppRefused(type(error).__name__) from None
        except (httpx.HTTPError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
            # Cut off, or an answer of another shape than the library expects.
            raise WhatsAppRefused(type(error).__name__, unsure=True) from None
        finally:
            self._under_way -= 1
            await self._close_when_idle()

    def _open(self) -> Client:
        if self._client is None:
            limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
            self._session = httpx.AsyncClient(
                timeout=httpx.Timeout(PATIENCE), limits=limits, event_hooks={"response": [_must_be_metas]}
            )
            self._client = Client(token=self._token, session=self._session, api_version=VERSION)
            if self._api:  # after the client is made, for making it sets Meta's URL
                self._session.base_url = httpx.URL(f"{self._api.rstrip('/')}/v{VERSION}")
        return self._client

    async def _close_when_idle(self) -> None:
        if self._session and not self._kept and not self._under_way:
            session, self._session, self._client = self._session, None, None
            with suppress(httpx.HTTPError):
                await session.aclose()


async def _must_be_metas(answer: httpx.Response) -> None:
    """Check that a refusal is Meta's own, by its shape: a proxy, a filter or a login page on the way refuses too, and
    pywa would take its status for Meta's code. Raises WhatsAppRefused where it is not."""
    if answer.is_success:
        return
    await answer.aread()
    try:
        error = orjson.loads(answer.content)["error"]
        own = isinstance(error["code"], int) and isinstance(error["message"], str) and error["type"]
    except (ValueError, LookupError, TypeError):
        own = False
    if not own:
        status = answer.status_code  # a server's error may have come after the message left
        raise WhatsAppRefused(f"{status}, not Meta's", status=status, unsure=status >= 500)


class WhatsApp(WhatsAppChannel):
    """The channel "whatsapp" with its carrier."""

    carry = Pywa
