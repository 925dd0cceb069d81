"""Templates: what Meta would refuse is refused here first, and what they say is what the message would have said."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Notice, decode
from bot.channels.whatsapp_channel import WhatsAppRefused
from bot.office.whatsapp_templates import compared, fetched, review, submit
from bot.whatsapp import templates
from bot.whatsapp.review import noted
from bot.whatsapp.templates import Form, forms
from conversations.dialogues.officer import lead_button
from conversations.engine.ask import command
from conversations.engine.core import Button, Lines, Press, Say, Text
from locales import BOLD_OFF, BOLD_ON, Catalog
from storage.engine.database import Database
from storage.outbox import templates as states
from storage.outbox.templates import State
from tests.conftest import Clock

CATALOG = Catalog.load()
ALL = {form.name: form.category for form in forms()}
CHANGED = Say(Text("card.note_changed", {"code": "RK-222AAA", "changes": Lines(("Nama: A → B", "Kecamatan: C → D"))}))


def test_every_template_keeps_the_rules_of_the_platform() -> None:
    assert templates.problems(CATALOG) == []


@pytest.mark.parametrize(
    "body",
    [
        "{code} berubah.",
        "Berubah: {code}",
        "Kode {code}\nberubah.",
        "Kode     {code} berubah.",
        "Kode {secret} berubah.",
    ],
)
def test_what_meta_would_refuse_is_found(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Form("rangkul_x", "id", "utility", body, ("card.note_changed",))
    monkeypatch.setattr(templates, "forms", lambda language="id": (wrong,))
    assert len(templates.problems(CATALOG)) >= 1


def test_every_key_that_officers_and_owners_are_told_unasked_has_a_template() -> None:
    told = {key for form in forms() for key in form.says}
    assert {
        "card", "card.note_changed", "next.due", "next.due_many", "next.also_offered", "next.overdue",
        "notice.wants_human", "nudge.unfinished", "reminder.contribution", "reminder.appointment", "knock",
    } <= told  # fmt: skip


def test_a_template_says_in_one_line_what_the_message_would_have_said() -> None:
    found = templates.template(CHANGED, CATALOG, ALL)
    assert found
    assert found.name == "rangkul_data_berubah"
    assert found.fields == ("RK-222AAA", "Nama: A → B; Kecamatan: C → D")


def test_its_quick_replies_press_what_the_buttons_of_the_message_would_have_pressed() -> None:
    say = Say(
        Text("next.due", {"code": "RK-222AAA", "step": Text("next.call")}),
        (lead_button("show", "RK-222AAA"), lead_button("note", "RK-222AAA")),
    )
    found = templates.template(say, CATALOG, ALL)
    assert found
    assert [decode(data) for data in found.data] == [
        Press("lead", "show", "RK-222AAA"),
        Press("lead", "note", "RK-222AAA"),
    ]


def test_of_two_the_one_whose_buttons_the_message_has_is_taken() -> None:
    fields = dict.fromkeys(("code", "state", "rows", "indication", "seen", "reach", "history"), "x")
    free = Say(Text("card", fields), (lead_button("take", "RK-222AAA"),))
    mine = Say(Text("card", fields), (lead_button("note", "RK-222AAA"),))
    found = [templates.template(say, CATALOG, ALL) for say in (free, mine, Say(Text("card", fields)))]
    assert [one and one.name for one in found] == ["rangkul_calon_peserta", "rangkul_calon_anda", None]


def test_one_that_is_not_approved_is_not_used() -> None:
    assert templates.template(CHANGED, CATALOG, {}) is None


def test_it_is_billed_as_the_platform_has_classed_it() -> None:
    found = templates.template(CHANGED, CATALOG, {**ALL, "rangkul_data_berubah": "marketing"})
    assert found
    assert found.category == "marketing"


WORDS = st.text(st.sampled_from(f"ab. \n\t{BOLD_ON}{BOLD_OFF}"), max_size=1500)


@given(WORDS, WORDS)
def test_whatever_fills_it_no_field_is_empty_or_has_lines_and_the_body_stays_within_its_length(
    code: str, changes: str
) -> None:
    say = Say(Text("card.note_changed", {"code": code, "changes": changes}))
    found = templates.template(say, CATALOG, ALL)
    assert found
    form = next(form for form in forms() if form.name == found.name)
    assert len(form.body.format(**dict(zip(form.fields, found.fields, strict=True)))) <= 1024
    for field in found.fields:
        assert field
        assert not set(field) & {"\n", "\t", BOLD_ON, BOLD_OFF}
        assert "  " not in field


def test_a_field_that_may_be_empty_has_words_of_its_own() -> None:
    say = Say(
        Text("reminder.contribution", {"name": "Bu Siti", "month": "Desember 2026", "price": ""}),
        (Button(Press("command", "faq", "payment_how"), "x"), command("stop", "", "reminder.stop")),
    )
    found = templates.template(say, CATALOG, ALL)
    assert found
    assert found.fields[2] == "Besarnya tertera di tempat bayar"


def test_submitted_fields_are_numbered_and_have_examples() -> None:
    for form in forms():
        [body, *rest] = templates.as_submitted(form)["components"]
        numbers = [
            name
            for _, name, _, _ in string.Formatter().parse(body["text"].replace("{{", "{").replace("}}", "}"))
            if name
        ]
        assert numbers == [str(number) for number in range(1, len(form.fields) + 1)]
        assert len(body.get("example", {}).get("body_text", [[]])[0]) == len(numbers)
        assert len(rest) == bool(form.buttons)


# ------------------------------------------------------------------------------------------------ the platform


class Graph:
    """What the platform has, in pages of two; what is submitted waits for its decision."""

    def __init__(self, *there: dict[str, str], refused: str = "") -> None:
        self.there, self.refused = list(there), refused

    async def call(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> Any:
        assert path.startswith("/55/message_templates")
        if json is not None:
            assert method == "POST"
            if json["name"] == self.refused:
                raise WhatsAppRefused("400 100", code=100, status=400)
            self.there.append({**{k: json[k] for k in ("name", "language", "category")}, "status": "PENDING"})
            return {"id": "1", "status": "PENDING"}
        start = int(path.partition("&after=")[2] or 0)
        paging = {"cursors": {"after": str(start + 2)}}
        more = {"next": "…"} if self.there[start + 2 :] else {}
        return {"data": self.there[start : start + 2], "paging": {**paging, **more}}


async def test_what_the_platform_does_not_have_is_submitted_once() -> None:
    graph = Graph({"name": "rangkul_ada_kabar", "language": "id", "status": "APPROVED", "category": "UTILITY"})
    lines = await submit(graph, "55", forms(), await fetched(graph, "55"))
    assert {line.removeprefix("submitted: ") for line in lines} == set(ALL) - {"rangkul_ada_kabar"}
    assert await submit(graph, "55", forms(), await fetched(graph, "55")) == []
    wrong = {form.name for form, _ in compared(forms(), await fetched(graph, "55"))}
    assert wrong == set(ALL) - {"rangkul_ada_kabar"}


async def test_one_that_is_refused_is_named_and_holds_back_no_other() -> None:
    graph = Graph(refused="rangkul_iuran")
    lines = await submit(graph, "55", forms(), [])
    assert "refused: rangkul_iuran (400 100)" in lines
    assert {each["name"] for each in graph.there} == set(ALL) - {"rangkul_iuran"}


async def test_what_is_approved_as_something_else_or_paused_is_named() -> None:
    known = [
        State("rangkul_ada_kabar", "id", "APPROVED", "marketing"),
        State("rangkul_iuran", "id", "PAUSED", "utility"),
    ]
    why = {form.name: why for form, why in compared(forms(), known)}
    assert why["rangkul_ada_kabar"] == "approved as marketing, not utility"
    assert why["rangkul_iuran"] == "paused"
    assert why["rangkul_ditawarkan_juga"] == "not submitted"


async def test_only_what_the_platform_approved_may_be_sent_and_its_news_are_kept(
    database: Database, clock: Clock
) -> None:
    async def usable() -> dict[str, str]:
        async with database.read() as tx:
            return (await states.usable(tx, "7001")).get("id", {})

    async def told(status: str = "", category: str = "") -> None:
        notice = Notice("whatsapp", "7001", "template", "rangkul_iuran", "id", status, category)
        await noted(database, "7001", notice, clock())

    await told("APPROVED")
    assert await usable() == {"rangkul_iuran": ""}
    await told(category="MARKETING")
    assert await usable() == {"rangkul_iuran": "marketing"}
    await told("FLAGGED")
    assert await usable(), "it is at risk, and may be sent"
    await told("PAUSED")
    assert await usable() == {}
    await told("LOCKED")
    assert await usable() == {}, "only its words cannot be changed now"
    await told("REINSTATED")
    assert await usable()
    await told("DISABLED")
    assert await usable() == {}
    async with database.read() as tx:
        assert await states.usable(tx, "7002") == {}, "another number has its own"


async def test_news_of_the_account_are_for_the_operator_alone(sqlite_database: Database, clock: Clock) -> None:
    await noted(sqlite_database, "7001", Notice("whatsapp", "7001", "account", status="DISABLED_UPDATE"), clock())
    async with sqlite_database.read() as tx:
        assert await states.states(tx, "7001") == {}


def test_without_whatsapp_the_templates_are_printed_and_none_can_be_submitted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from bot.settings import BadSetting, Settings

    settings = Settings(_env_file=None)
    import asyncio

    asyncio.run(review(settings, submitting=False))
    assert "rangkul_ada_kabar\tutility\tnot compared" in capsys.readouterr().out
    with pytest.raises(BadSetting, match="RANGKUL_WHATSAPP_TOKEN"):
        asyncio.run(review(settings, submitting=True))
