"""``rangkul check``: everything that can be checked before somebody notices. One line each; warnings do not fail."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path

from bot.catalog_checks import missing_words, wide_labels
from bot.loading import knowledge
from bot.now import now
from bot.office import platform_checks, refusals
from bot.office.database import tables_of
from bot.office.finding import Finding
from bot.office.released import offered
from bot.office.stored_checks import stored
from bot.settings import BadSetting, Settings
from bot.timers.upkeep import Kept
from bot.translations import problems
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import Lead, World
from conversations.rules.form_versions import unmapped
from conversations.rules.rates import EndingRow
from conversations.rules.rates_over import EnteredRate, laid_over
from locales import SOURCE, Catalogs, MissingWords
from storage import reference
from storage.console import entered_rates
from storage.engine.database import head
from storage.engine.engines import address
from storage.sealing import key_check

LOW_DISK = 500 * 2**20  # bytes; a week of a busy bot, and room for the write-ahead log
SOON = 45  # days
STALE = timedelta(days=365)  # since figures were last compared with their source


async def check_all(settings: Settings) -> bool:
    """Print every finding; True when none is wrong."""
    fine = True
    async for finding in findings(settings):
        mark = {"ok": "ok     ", "warning": "warning", "wrong": "WRONG  "}[finding.level]
        sys.stdout.write(f"{mark}  {finding.what}\n")
        fine = fine and finding.level != "wrong"
    return fine


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    yield Finding("ok", f"settings: channels {', '.join(settings.real_channels) or 'simulator only'}")
    entered = list[EnteredRate]()
    async for finding in _database(settings, entered):
        yield finding
    if settings.telegram_token:
        async for finding in platform_checks.telegram(settings):
            yield finding
    if settings.whatsapp_token:
        async for finding in platform_checks.whatsapp(settings):
            yield finding
        async for finding in _templates(settings):
            yield finding
    async for finding in platform_checks.server(settings):
        yield finding
    for finding in (*_files(settings, entered), *_machine(settings)):
        yield finding


async def _database(settings: Settings, entered: list[EnteredRate]) -> AsyncIterator[Finding]:
    """Findings about the database; the rates that were entered there are added to ``entered``."""
    if _not_made_yet(settings.database_url):
        yield Finding("ok", "database: none yet; the first start makes it")
        return
    try:
        async with tables_of(settings) as database:
            yield Finding("ok", f"database: {database.dialect}, schema {head()}")
            vault = await key_check.unlocked(database, settings.secret_key, settings.key_file, make=False)
            yield Finding("ok", "key: fits the database")
            async with database.read() as tx:
                entered += await entered_rates.known(tx)
            async for finding in stored(database, vault, now(), Kept.of(settings)):
                yield finding
    except Exception as problem:
        if refusals.is_fault(problem):
            raise
        yield Finding("wrong", refusals.line(problem))


async def _templates(settings: Settings) -> AsyncIterator[Finding]:
    """Findings about our templates: whether WhatsApp has approved each."""
    from bot.office.whatsapp_templates import called, compared, of_the_platform
    from bot.whatsapp import templates

    forms = templates.every_form()
    try:
        known = await of_the_platform(settings, forms, submitting=False)
    except BadSetting as refused:
        yield Finding("wrong", str(refused))
        return
    wrong = list(compared(forms, known))
    for form, why in wrong:
        yield Finding("warning", f"template {called(form)}: {why} (`rangkul whatsapp templates --submit`)")
    if not wrong:
        yield Finding("ok", f"templates: {len(forms)} approved")


def _not_made_yet(url: str) -> bool:
    """Whether the SQLite file does not exist yet: opening it would make it, without tables."""
    where = address(url)
    return where.get_backend_name() == "sqlite" and not Path(str(where.database)).exists()


def _files(settings: Settings, entered: Sequence[EnteredRate] = ()) -> Iterator[Finding]:
    """Findings about words, released options and rates, entered ones over those that ship; one line when words are missing,
    as nothing else is read without them."""
    try:
        knows = knowledge(settings.shown_controller)
        knows = replace(knows, rates=laid_over(knows.rates, entered))
        yield from (*_words(knows), *_form(knows), *_rates(knows))
    except MissingWords as missing:
        yield Finding("wrong", f"words: {missing}")


def _words(knows: Knowledge) -> Iterator[Finding]:
    """Findings about languages: the source must have every sentence; any other language's own sentences must fit it."""
    catalogs = Catalogs.load()
    world = World(now=now(), knows=knows, lead=Lead("", "registered", now(), {}))
    missing = missing_words(catalogs.source)
    yield Finding("wrong" if missing else "ok", f"words: {', '.join(missing) or 'complete'}")
    for catalog in catalogs:
        language, which = catalog.language, "" if catalog is catalogs.source else f" {catalog.language}"
        wide = wide_labels(catalog, world)
        yield Finding(
            "wrong" if wide else "ok", f"labels{which}: {', '.join(wide) or 'within the limits of every channel'}"
        )
        for problem in problems(language):
            yield Finding("wrong", f"locales/{language}: {problem}")
        if which:
            yield Finding("ok", f"words{which}: {len(catalog.own)} of {len(catalogs.source.own)}, the rest in {SOURCE}")


def _form(knows: Knowledge) -> Iterator[Finding]:
    """The finding whether stored sessions, half-way through a form, will find their answers understood."""
    gone = unmapped(reference.released_options(), offered(knows, now()))
    what = (
        f"{', '.join(gone)} gone: map in conversations/rules/form_versions.py"
        if gone
        else "every released option is understood"
    )
    yield Finding("wrong" if gone else "ok", f"form: {what}")


def _rates(knows: Knowledge) -> Iterator[Finding]:
    today = now().date()
    rows = [row for row in knows.rates.ending(today, SOON) if _is_news(row, today)]
    for row in rows:
        level = "wrong" if row.ended and row.name.startswith("bpu") else "warning"
        yield Finding(level, f"rate {row.name}: {'ended' if row.ended else 'ends'} on {row.valid_to} ({row.source})")
    if not rows:
        yield Finding("ok", f"rates: none ends within {SOON} days")
    for file, day in reference.checked(today).items():
        if today - day > STALE:
            yield Finding("warning", f"{file}: last checked on {day}, over a year ago: compare it with its sources")


def _is_news(row: EndingRow, today: date) -> bool:
    """Whether a row that ended is worth a line: a rate always, as without it nothing can be priced; a cut only for a
    while."""
    return row.name.startswith("bpu") or row.valid_to >= today - timedelta(days=SOON)


def _machine(settings: Settings) -> Iterator[Finding]:
    folder = next(p for p in (settings.key_file.parent, Path.cwd()) if p.exists())
    free = shutil.disk_usage(folder).free
    yield Finding("warning" if free < LOW_DISK else "ok", f"disk: {free // 2**20} MiB free")
    if settings.database_url.startswith("postgres") and not shutil.which("pg_dump"):
        yield Finding("warning", "backup: pg_dump is not installed; `rangkul backup` needs it")
    at = now().astimezone(UTC)
    yield Finding("ok" if at.year >= 2026 else "wrong", f"clock: {at.isoformat(timespec='seconds')}")
