"""How a broadcast would look on each channel, and on WhatsApp also to somebody who has not written for a day."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcasts import fields
from bot.broadcasts.copies import rendered, say
from bot.broadcasts.text import Content, parse
from bot.channels.base import Outgoing
from bot.mail.mail import Services
from bot.whatsapp.templates import Form, forms, one_line
from conversations.engine.ask import command
from locales import SOURCE
from storage.outbox import templates

CHANNELS = ("telegram", "whatsapp")


@dataclass(frozen=True, slots=True)
class LateCopy:
    """What reaches a person on WhatsApp outside their service window: the body of a template and its buttons.

    ``whole``: the template holds the copy's words; otherwise it tells that something waits, and the copy follows.
    ``usable``: Meta has approved it; otherwise the copy waits until the person writes.
    """

    body: str
    labels: tuple[str, ...]
    whole: bool
    usable: bool


@dataclass(frozen=True, slots=True)
class ChannelPreview:
    """The copy on one channel, with example values, and what is sent late (None where a channel has no such limit)."""

    channel: str
    message: Outgoing
    late: LateCopy | None

    @property
    def labels(self) -> list[str]:
        return [key.label for row in self.message.keys for key in row]


async def previews(tx: AsyncConnection, services: Services, content: Content, role: str) -> list[ChannelPreview]:
    """The copy on Telegram and on WhatsApp, in the source language. Raises BadText."""
    words, values = parse(content.checked().text), fields.example(services)
    approved = await templates.approved(tx, SOURCE)
    found = []
    for channel in CHANNELS:
        copy = rendered(services, content, words, values, role, channel, SOURCE)
        windowed = services.limits(channel).window is not None
        late = _late(services, content, words.filled(values), role, approved) if windowed else None
        found.append(ChannelPreview(channel, replace(copy, media=content.media), late))
    return found


def _late(services: Services, content: Content, filled: str, role: str, approved: set[str]) -> LateCopy:
    """As ``copies.as_template`` and ``timers/reengagement.py`` choose."""
    told = replace(
        say(content, parse(content.text), fields.example(services), role),
        buttons=(command("stop", "", "knock.stop"),),
    )
    form = next(form for form in forms() if form.fits(told))
    words = form.filled(told, services.catalogs.of(SOURCE)).fields
    if not content.buttons and not content.media and words == (one_line(filled),) and form.name in approved:
        return _shown(form, words, whole=True, usable=True)
    knock = next(form for form in forms() if "knock.broadcast" in form.says)
    return _shown(knock, (), whole=False, usable=knock.name in approved)


def _shown(form: Form, words: tuple[str, ...], *, whole: bool, usable: bool) -> LateCopy:
    body = form.body.format(**dict(zip(form.fields, words, strict=True)))
    return LateCopy(body, tuple(label for _, label in form.buttons), whole, usable)
