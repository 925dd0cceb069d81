"""A broadcast is written on one page: the questions of the chat (``conversations/dialogues/compose.py``) as a form, read
by the same readers, with what it would look like and how many it would reach beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from bot.broadcasts import acts, plans, views
from bot.broadcasts.answers import answers_of, audience_of, content_of
from bot.broadcasts.plans import AudienceEstimate
from bot.broadcasts.previews import ChannelPreview, previews
from bot.broadcasts.text import DOCUMENT_BYTES, DOCUMENTS, PHOTO_BYTES, PHOTOS, BadText, Content, media_of
from bot.channels.base import Media
from bot.console.office import render
from bot.console.office.desk import Desk
from bot.console.office.steering import plan_of, steering
from conversations.dialogues.compose import FIELDS_SHOWN, FILE, NOW, compose
from conversations.engine.ask import SKIP
from conversations.engine.core import Ask, Heard, NotUnderstood, Press, Question, Reading, Scene, Text
from conversations.engine.world import World
from conversations.hear.redact import redact
from storage.broadcasts import broadcasts

LONGEST_NAME = 80  # letters of a file's name
TYPED = ("regency", "campaign", "words", "when")  # questions whose answer is typed; of the others one is chosen
LIMITS = {"photo": PHOTO_BYTES >> 20, "document": DOCUMENT_BYTES >> 20}  # MB


@dataclass
class BroadcastForm:
    """A form as it was filled in. ``said``: by question, as sent; ``answers``: what the readers made of it; ``wrong``:
    by question, what could not be read."""

    said: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Markup] = field(default_factory=dict)
    media: Media | None = None

    @property
    def has_audience(self) -> bool:
        keys = ("purpose", "audience", "regency", "sector", "program", "status", "campaign")
        return "audience" in self.answers and not self.wrong.keys() & set(keys)

    @property
    def has_words(self) -> bool:
        return "words" in self.answers and not self.wrong.keys() & {"words", "button", FILE}


async def blank(desk: Desk) -> Response:
    """The form, empty or (``?ubah=<id>``) with the answers of a draft."""
    usual = {"purpose": "news", "audience": "everyone"}
    written, changes = BroadcastForm(dict(usual), dict(usual)), desk.asked("ubah")
    if changes:
        plan, content = await _draft(desk, changes)
        written.answers = answers_of(plan, content)
        written.said = _said(desk, written.answers, plan.start_at)
        written.media = content.media if content else None
    return await _shown(desk, written, changes)


async def write(desk: Desk) -> Response:
    """Show what was written so far, or keep it as a draft (a form)."""
    changes = await desk.said("changes")
    before = (await _draft(desk, changes))[1] if changes else None
    written = await _read(desk, before.media if before else None)
    if await desk.said("act") != "save":
        return await _shown(desk, written, changes, look=True)
    content = _content(written)
    if written.wrong or content is None:
        return await _shown(desk, written, changes, 400)
    async with desk.writing() as mail:
        by = await steering(desk, mail)
        beside = bool(changes) and not await acts.discarded(mail, by, int(changes))
        drafted = await acts.draft(mail, by, written.answers, written.media)
    return desk.go(f"/siaran/{drafted}", "broadcast_beside" if beside else "broadcast_kept")


async def _draft(desk: Desk, number: str) -> tuple[broadcasts.Plan, Content | None]:
    """The draft that is changed. Raises HTTPException 404 for none."""
    async with desk.product.database.read() as tx:
        plan = await plan_of(tx, number)
        stored = await broadcasts.content(tx, desk.services.vault, plan.id)
    if plan.state != "draft":
        raise HTTPException(404)
    return plan, Content.of(stored) if stored else None


# ------------------------------------------------------------------------------------------------ reading the form


async def _read(desk: Desk, kept: Media | None) -> BroadcastForm:
    """What the form says. ``kept``: the file of the draft that is changed, which stays unless another one is chosen."""
    written = BroadcastForm({question.key: await desk.said(question.key) for question in compose.questions})
    written.media = None if await desk.said("without_file") else kept
    await _read_file(desk, written)
    if written.media:
        written.answers[FILE] = written.media.name
    world = World(now=desk.now, knows=desk.services.knowledge, officer=desk.officer)
    for question in compose.questions:
        scene = Scene(written.answers, world)
        if not question.when(scene):
            continue
        try:
            written.answers[question.key] = _answer(question, written.said[question.key], scene)
        except NotUnderstood as no:
            key = f"compose.{question.key}.unclear" if no.key == "not_a_choice" else no.key
            written.wrong[question.key] = render.said(Text(key, no.facts))
        except Ask:  # two readings: on a page the whole name is written
            written.wrong[question.key] = render.said(Text(f"compose.{question.key}.unclear"))
    if redact(written.said["words"])[1]:
        written.wrong["words"] = Markup(render.words("siaran.nik"))  # noqa: S704 - words of ours
    return written


def _answer(question: Question, said: str, scene: Scene) -> Any:
    """The answer to a question. Raises NotUnderstood, Ask."""
    if not said and question.optional:
        return None
    if not said and question.key == "when":
        return NOW
    if question.key in TYPED:
        read = question.hears(Heard(text=said.replace("\r\n", "\n")), scene)
    elif said in question.choices(scene):
        read = question.hears(Heard(pressed=Press(compose.name, question.key, said)), scene)
    else:
        raise NotUnderstood("not_a_choice")
    return read.value if isinstance(read, Reading) else read


async def _read_file(desk: Desk, written: BroadcastForm) -> None:
    sent = (await desk.form()).get(FILE)
    if not isinstance(sent, UploadFile) or not sent.filename:
        return
    name = sent.filename.replace("\\", "/").rpartition("/")[2][-LONGEST_NAME:]
    try:
        if redact(name)[1]:
            raise BadText("file", "another name")
        written.media = media_of(name, await sent.read())
    except BadText:
        written.wrong[FILE] = Markup(render.words("siaran.wrong_file", **LIMITS))  # noqa: S704 - words of ours


def _said(desk: Desk, answers: Mapping[str, Any], start_at: Any) -> dict[str, str]:
    """The answers of a draft as the fields of the form show them."""
    name = desk.services.knowledge.ear.places.name
    said = {key: value for key, value in answers.items() if isinstance(value, str)}
    said["regency"] = ", ".join(name(code) for code in answers.get("regency") or ())
    said["when"] = render.moment(start_at) if start_at and start_at > desk.now else ""
    return said


# ------------------------------------------------------------------------------------------------ showing it


async def _shown(
    desk: Desk, written: BroadcastForm, changes: str, status: int = 200, *, look: bool = False
) -> HTMLResponse:
    """The form; ``look``: whoever writes only looks, so what is still missing is not called wrong."""
    content, found, part = _content(written), None, await desk.said("part") if look else ""
    looks: list[ChannelPreview] = []
    async with desk.product.database.read() as tx:
        if content and part != "count":
            looks = await previews(tx, desk.services, content, audience_of(written.answers).role)
        if written.has_audience and part != "words":
            found = await plans.estimate(tx, desk.services, audience_of(written.answers), desk.now)
    wrong = {key: said for key, said in written.wrong.items() if not look or written.said.get(key) or key == FILE}
    return desk.page(
        "siaran_write.html",
        status,
        written=written,
        wrong=wrong,
        changes=changes,
        choices=_choices(desk),
        previews=looks,
        file=f"/kantor/siaran/{changes}/berkas" if changes and content and content.media else "",
        found=found,
        cost=cost_of(found, desk),
        fields=FIELDS_SHOWN,
        endings=",".join((*PHOTOS, *DOCUMENTS)),
        limits=LIMITS,
        waits_for=desk.services.rules.approval,
    )


def _content(written: BroadcastForm) -> Content | None:
    """The content as far as it can be shown; None while there are no words, or wrong ones."""
    if not written.has_words or "audience" not in written.answers:
        return None
    try:
        return content_of(written.answers, written.media).checked()
    except BadText as bad:  # a file with a text that was within the limit without one
        key = "siaran.too_long" if bad.why == "long" else "siaran.bad_text"
        written.wrong["words"] = Markup(render.words(key, most=bad.what))  # noqa: S704 - words of ours
        return None


def cost_of(found: AudienceEstimate | None, desk: Desk) -> str | None:
    return views.cost(found, desk.now.date()) if found else None


def _choices(desk: Desk) -> dict[str, list[tuple[str, Markup]]]:
    """The choices of each question that offers some: (value, label)."""
    scene = Scene({"audience": "leads"}, World(now=desk.now, knows=desk.services.knowledge, officer=desk.officer))
    found = {}
    for question in compose.questions:
        if question.key in TYPED:
            continue
        found[question.key] = [
            ("" if value == SKIP else value, render.said(question.label(value, scene)))
            for value in question.choices(scene)
        ]
    return found
