"""The channel "telegram", by aiogram. Import it only when the channel is on: the library takes seconds and 100 MB.

aiogram carries the calls and knows the server's errors. Its dispatcher and its models of updates and messages stay
unused: they cost more than all the rest of a turn together, and ``telegram.py`` reads what we need.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, cast

import aiohttp
import orjson
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

from .telegram import Call
from .telegram_channel import TelegramChannel
from .telegram_refusals import NO_ANSWER, Refused

PATIENCE = 30  # seconds for an answer, beyond those that a call for updates stays open
CONNECTIONS = 100


class Aiogram:
    """Carries calls by aiogram's Bot."""

    def __init__(self, token: str, api: str) -> None:
        self._session = LeanSession(TelegramAPIServer.from_base(api) if api else PRODUCTION)
        self._bot = Bot(token, session=self._session)

    def open(self) -> None:
        self._session.kept = True

    async def close(self) -> None:
        await self._session.close()

    async def call(self, one: Call) -> Any:
        """Make a call; its result as JSON. Raises Refused."""
        listening = int(one.params.get("timeout", 0))
        try:
            return await self._bot(AnyMethod(call=one), request_timeout=PATIENCE + listening)
        except TelegramRetryAfter as error:
            raise Refused(429, "flood", error.retry_after) from None
        except TelegramAPIError as error:
            status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), NO_ANSWER)
            raise Refused(status, error.message) from None
        except (AiogramError, TypeError) as error:  # the library expects words in every refusal, and trips over none
            raise Refused(NO_ANSWER, type(error).__name__) from None


class Telegram(TelegramChannel):
    """The channel as it runs by default."""

    carry = Aiogram


_STATUS: dict[type[TelegramAPIError], int] = {
    TelegramEntityTooLarge: 413,  # before its base, the network error
    TelegramNetworkError: NO_ANSWER,
    TelegramBadRequest: 400,
    TelegramMigrateToChat: 400,
    TelegramUnauthorizedError: 401,
    TelegramForbiddenError: 403,
    TelegramNotFound: 404,
    TelegramConflictError: 409,
    TelegramServerError: 500,
}


class AnyMethod(TelegramMethod[Any]):
    """Any method of the Bot API with plain parameters: the library's own classes check and copy each of them, which
    takes longer than the call. Ours are checked against the published schema by the tests."""

    __returning__ = object

    call: Call

    @property
    def __api_method__(self) -> str:  # type: ignore[override]  # there a class variable: here each call has its own
        return self.call.method


class LeanSession(BaseSession):
    """Calls as JSON over kept-alive connections; a result is given as plain JSON, whatever type a method declares."""

    def __init__(self, api: TelegramAPIServer) -> None:
        super().__init__(api=api, json_loads=orjson.loads)
        self._http: aiohttp.ClientSession | None = None
        self._under_way = 0
        self.kept = True

    async def close(self) -> None:
        self.kept = False
        await self._close_when_idle()

    async def _close_when_idle(self) -> None:
        if self._http and not self.kept and not self._under_way:
            http, self._http = self._http, None
            await http.close()

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - the library's signature
    ) -> TelegramType:
        one = cast(AnyMethod, method).call
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS))
        self._under_way += 1
        try:
            async with self._http.post(
                self.api.api_url(bot.token, one.method),
                data=_form(one) if one.file else orjson.dumps(one.params),
                headers=None if one.file else _JSON,
                timeout=aiohttp.ClientTimeout(total=timeout or PATIENCE),
            ) as response:
                content, status = await response.read(), response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The error's own words hold the address, and with it the token.
            raise TelegramNetworkError(method, type(error).__name__) from None
        finally:
            self._under_way -= 1
            await self._close_when_idle()
        return cast(TelegramType, self._result(bot, method, status, content))

    def _result(self, bot: Bot, method: TelegramMethod[TelegramType], status: int, content: bytes) -> Any:
        """The library looks only at refusals: to look at each result costs more than to send the message."""
        if status == 200:
            with suppress(orjson.JSONDecodeError, AttributeError):
                answer = orjson.loads(content)
                if answer.get("ok") is True:
                    return answer.get("result")
        return self.check_response(bot, method, status, content.decode(errors="replace")).result

    def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """Raises TypeError: nothing is ever downloaded. What people send is answered kindly and left where it is."""
        raise TypeError(f"not downloaded: {url}")


_JSON = {"Content-Type": "application/json"}


def _form(one: Call) -> aiohttp.FormData:
    """A call with a file: parameters as form fields, those that are not words as JSON."""
    form = aiohttp.FormData()
    for name, value in one.params.items():
        form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
    if one.file:
        name, text = one.file
        form.add_field("document", text.encode(), filename=name, content_type="text/plain; charset=utf-8")
    return form
