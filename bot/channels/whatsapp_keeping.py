"""Meta's settings for us: the number, the subscription of our app, the templates. Checked regularly, and mended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Protocol

import structlog

from .base import Notice
from .receiving import Receiving
from .whatsapp import NAME
from .whatsapp_payload import Part, mark, part, parts, text

EVERY = timedelta(minutes=10)
_WORKS = ("CONNECTED", "FLAGGED", "RATE_LIMITED", "")  # statuses of a working number; "": Meta told none

log = structlog.get_logger()


class GraphCalls(Protocol):
    """Carries calls to the Graph API (``whatsapp_pywa.py``)."""

    async def call(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> Any: ...


class WhatsAppKeeping:
    """Checks and mends Meta's settings for one number. ``tell`` takes notices of templates."""

    def __init__(
        self,
        calls: GraphCalls,
        receiving: Receiving,
        phone_id: str,
        waba: str,
        tell: Callable[[Notice], Awaitable[Any]],
    ) -> None:
        self._calls, self._receiving, self._tell = calls, receiving, tell
        self._phone_id, self._waba = phone_id, waba
        self._told: dict[tuple[str, str], Notice] = {}

    async def look(self) -> None:
        """Check all settings, and mend them. Raises WhatsAppRefused where that cannot be done now."""
        status, works = await number_works(self._calls, self._phone_id)
        trouble = "" if works else f"the number is {status}"
        if not await subscribed(self._calls, self._waba):
            log.warning("whatsapp: no app was told of what happens to the account; ours is from now on")
            done = await self._calls.call("POST", f"/{self._waba}/subscribed_apps")
            is_told = isinstance(done, dict) and done.get("success") is True
            trouble = trouble or ("" if is_told else "no app is told of what happens")
        self._receiving.found(trouble)
        await self._tell_of_templates()

    async def _tell_of_templates(self) -> None:
        """Tell of templates that changed since the last look: a webhook that told of the change may have been lost."""
        now = {(each.name, each.language): each for each in await templates(self._calls, self._phone_id, self._waba)}
        for key, before in self._told.items():
            if key not in now:
                now[key] = Notice(NAME, self._phone_id, "template", before.name, before.language, status="DELETED")
        for key, notice in now.items():
            if notice != self._told.get(key):
                await self._tell(notice)
                self._told[key] = notice


async def number_works(calls: GraphCalls, phone_id: str) -> tuple[str, bool]:
    """Meta's status of a number, and whether messages come and go with it. Raises WhatsAppRefused."""
    told = await calls.call("GET", f"/{phone_id}?fields=status,quality_rating")
    status = mark(part({"number": told}, "number").get("status")).upper()
    return status, status in _WORKS


async def shown_number(calls: GraphCalls, phone_id: str) -> str:
    """The number itself, its digits alone; "" where Meta tells none. Raises WhatsAppRefused."""
    told = await calls.call("GET", f"/{phone_id}?fields=display_phone_number")
    shown = text(part({"number": told}, "number").get("display_phone_number"))
    return "".join(letter for letter in shown if letter in "0123456789")


async def subscribed(calls: GraphCalls, waba: str) -> bool:
    """Whether any app is subscribed to the account's events: Meta says only in words which one. Raises WhatsAppRefused."""
    told = await calls.call("GET", f"/{waba}/subscribed_apps")
    is_list = isinstance(told, dict) and isinstance(told.get("data"), list)
    return not is_list or next(parts(told, "data"), None) is not None


async def templates(calls: GraphCalls, phone_id: str, waba: str) -> list[Notice]:
    """Every template of the account as Meta has it. Raises WhatsAppRefused."""
    found: list[Notice] = []
    path, after = f"/{waba}/message_templates?fields=name,language,status,category&limit=200", ""
    while True:
        page = await calls.call("GET", path + (f"&after={after}" if after else ""))
        answer: Part = page if isinstance(page, dict) else {}
        found += _on(answer, phone_id)
        paging = part(answer, "paging")
        after = text(part(paging, "cursors").get("after")) if paging.get("next") else ""
        if not after:
            return found


def _on(page: Part, phone_id: str) -> Iterator[Notice]:
    for one in parts(page, "data"):
        name, language = mark(one.get("name")), mark(one.get("language"))
        if name and language:
            status, category = mark(one.get("status")).upper(), mark(one.get("category")).lower()
            yield Notice(NAME, phone_id, "template", name, language, status, category)
