"""``rangkul whatsapp templates``: our templates shown, submitted, and compared with WhatsApp's."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from bot.channels import whatsapp_keeping
from bot.channels.whatsapp_channel import WhatsAppRefused
from bot.channels.whatsapp_keeping import GraphCalls
from bot.now import now
from bot.office.database import tables_of
from bot.settings import BadSetting, Settings
from bot.whatsapp import templates
from bot.whatsapp.templates import Form
from locales import SOURCE, Catalogs
from storage.outbox import templates as states
from storage.outbox.templates import APPROVED, State


async def fetched(calls: GraphCalls, waba: str) -> list[State]:
    """Every template of the account, as the platform has it. Raises the carrier's errors."""
    return [
        State(one.name, one.language, one.status, one.category)
        for one in await whatsapp_keeping.templates(calls, "", waba)
    ]


async def submit(calls: GraphCalls, waba: str, forms: Sequence[Form], known: Sequence[State]) -> list[str]:
    """Submit our templates that the platform does not have; one line for each, whether it was accepted."""
    there = {(state.name, state.language) for state in known}
    lines = []
    for form in (form for form in forms if (form.name, form.language) not in there):
        try:
            await calls.call("POST", f"/{waba}/message_templates", templates.as_submitted(form))
        except WhatsAppRefused as refused:  # the others may be taken
            lines.append(f"refused: {called(form)} ({refused})")
        else:
            lines.append(f"submitted: {called(form)}")
    return lines


def called(form: Form) -> str:
    """A template's name for an operator, with its language where that is not the source."""
    return form.name if form.language == SOURCE else f"{form.name} ({form.language})"


def compared(forms: Sequence[Form], known: Sequence[State]) -> Iterator[tuple[Form, str]]:
    """Each of our templates that cannot be used as we mean it, with the reason."""
    by_name = {(state.name, state.language): state for state in known}
    for form in forms:
        state = by_name.get((form.name, form.language))
        if state is None:
            yield form, "not submitted"
        elif state.status != APPROVED:
            yield form, state.status.lower() or "not decided"
        elif state.category and state.category != form.category:
            yield form, f"approved as {state.category}, not {form.category}"


async def review(settings: Settings, *, submitting: bool) -> None:
    """``rangkul whatsapp templates``: print our templates of every language with the platform's present state, and
    store that state.

    Without WhatsApp switched on the templates are printed alone. Raises BadSetting for a template that cannot be
    submitted.
    """
    for catalog in Catalogs.load():
        if problems := templates.problems(catalog):
            raise BadSetting(f"locales/{catalog.language}/whatsapp.toml: {problems[0]}")
    forms = templates.every_form()
    if not settings.whatsapp_token:
        if submitting:
            raise BadSetting("RANGKUL_WHATSAPP_TOKEN: is needed to submit templates")
        _print(forms, None)
        return
    known = await of_the_platform(settings, forms, submitting=submitting)
    async with tables_of(settings) as database, database.write() as tx:
        await states.note(tx, settings.whatsapp_phone_id, known, now())
    _print(forms, known)


async def of_the_platform(settings: Settings, forms: Sequence[Form], *, submitting: bool) -> list[State]:
    """WhatsApp's templates, after submitting missing ones if ``submitting``. Raises BadSetting where WhatsApp refuses."""
    from bot.channels.whatsapp_pywa import Pywa

    carrier = Pywa(settings.whatsapp_token, settings.whatsapp_api)
    carrier.open()
    try:
        known = await fetched(carrier, settings.whatsapp_waba_id)
        if submitting and (lines := await submit(carrier, settings.whatsapp_waba_id, forms, known)):
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            known = await fetched(carrier, settings.whatsapp_waba_id)
    except WhatsAppRefused as refused:
        raise BadSetting(f"RANGKUL_WHATSAPP_TOKEN: WhatsApp refused ({refused})") from None
    finally:
        await carrier.close()
    return known


def _print(forms: Sequence[Form], known: Sequence[State] | None) -> None:
    wrong = {called(form): why for form, why in compared(forms, known)} if known is not None else {}
    for form in forms:
        state = wrong.get(called(form), "approved") if known is not None else "not compared"
        buttons = "".join(f" [{label}]" for _, label in form.buttons)
        sys.stdout.write(f"{called(form)}\t{form.category}\t{state}\n    {form.body}{buttons}\n")
