"""The channel "telegram", by aiogram. Import it only when the channel is on: the library takes seconds and 100 MB.

aiogram carries the calls and knows the server's errors. Its dispatcher and its models of updates and messages stay
unused: they cost more than all the rest of a turn together, and ``telegram.py`` reads what we need.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

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
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

from .telegram import Call
from .telegram_channel import TelegramChannel
from .telegram_refusals import NO_ANSWER, TelegramRefused, must_be_telegrams
from .wire import NoAnswer, Wire

PATIENCE = 30  # seconds for an answer, beyond those that a call for updates stays open
CONNECTING = 10  # seconds for a connection, the wait for a free one included
CONNECTIONS = 256  # divided by the seconds that a call takes: the most calls a second


class Aiogram:
    """Carries calls by aiogram's Bot."""

    def __init__(self, token: str, api: str) -> None:
        self._session = LeanSession(TelegramAPIServer.from_base(api) if api else PRODUCTION)
        self._bot = Bot(token, session=self._session)

    def open(self) -> None:
        self._session.wire.open()

    async def close(self) -> None:
        await self._session.close()

    async def call(self, one: Call) -> Any:
        """Make a call; its result as JSON. Raises TelegramRefused."""
        listening = int(one.params.get("timeout", 0))
        try:
            return await self._bot(cast("TelegramMethod[Any]", AnyMethod(one)), request_timeout=PATIENCE + listening)
        except TelegramRetryAfter as error:
            raise TelegramRefused(429, "flood", error.retry_after) from None
        except TelegramAPIError as error:
            status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), NO_ANSWER)
            raise TelegramRefused(status, error.message) from None
        except (AiogramError, TypeError) as error:  # the library fails on a refusal without a description
            raise TelegramRefused(NO_ANSWER, type(error).__name__, unsure=True) from None


class AiogramTelegram(TelegramChannel):
    """The channel "telegram" with its default driver."""

    carry = Aiogram


_STATUS: dict[type[TelegramAPIError], int] = {
    TelegramEntityTooLarge: 413,
    TelegramBadRequest: 400,
    TelegramMigrateToChat: 400,
    TelegramUnauthorizedError: 401,
    TelegramForbiddenError: 403,
    TelegramNotFound: 404,
    TelegramConflictError: 409,
    TelegramServerError: 500,
}


@dataclass(frozen=True, slots=True)
class AnyMethod:
    """Any method of the Bot API with plain parameters, in the place of aiogram's own classes: those check and copy each
    parameter, which takes longer than the call. The tests check our parameters against the published schema."""

    call: Call
    __returning__: ClassVar[type] = object


class LeanSession(BaseSession):
    """aiogram's session: calls as JSON over kept-alive connections; a result is plain JSON, whatever type a method
    declares."""

    def __init__(self, api: TelegramAPIServer) -> None:
        super().__init__(api=api, json_loads=orjson.loads)
        self.wire = Wire(api.base, CONNECTIONS)

    async def close(self) -> None:
        self.wire.close()

    async def __call__(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - the library's signature
    ) -> TelegramType:
        """Make a call at once: there are no middlewares, and wrapping a call in none costs a third as much as making it."""
        return await self.make_request(bot, method, timeout)

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - the library's signature
    ) -> TelegramType:
        one = cast(AnyMethod, method).call
        kind, body = _form(one) if one.file else (_JSON, orjson.dumps(one.params))
        path = urlsplit(self.api.api_url(bot.token, one.method)).path
        try:
            status, content = await self.wire.post(
                path, body, kind=kind, connecting=CONNECTING, patience=timeout or PATIENCE
            )
        except NoAnswer as none:
            raise TelegramRefused(NO_ANSWER, str(none), unsure=none.written) from None
        return cast(TelegramType, self._result(bot, method, status, content))

    def _result(self, bot: Bot, method: TelegramMethod[TelegramType], status: int, content: bytes) -> Any:
        """The result of a successful call; aiogram checks only refusals, as checking each result costs more than sending."""
        if status == 200:
            with suppress(orjson.JSONDecodeError, AttributeError):
                answer = orjson.loads(content)
                if answer.get("ok") is True:
                    return answer.get("result")
        elif not 200 <= status < 300:
            must_be_telegrams(status, content)
        return self.check_response(bot, method, status, content.decode(errors="replace")).result

    def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """Raises TypeError: nothing is ever downloaded. Files that people send are answered kindly and left where they
        are."""
        raise TypeError(f"not downloaded: {url}")


_JSON = "application/json"


def _form(one: Call) -> tuple[str, bytes]:
    """Content type and body of a call with a file (RFC 7578): each parameter is a field, as JSON where it is no string."""
    mark = token_hex(16)
    fields = [
        (name, "", value.encode() if isinstance(value, str) else orjson.dumps(value))
        for name, value in one.params.items()
    ]
    if file := one.file:
        name = file.name.translate(_QUOTED)
        fields.append((file.kind, f'; filename="{name}"\r\nContent-Type: {file.mime}', file.content))
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"
        for name, more, value in fields
    ]
    return f"multipart/form-data; boundary={mark}", b"".join(parts) + f"--{mark}--\r\n".encode()


_QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})  # as browsers write them
