"""The registration: an owner of a small business leaves their details, so that an officer helps them to register.

Questions that may rule a person out, and the price, come before contact details.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.engine.answers.notes import kin_of
from conversations.engine.ask import YES_NO, ask, changes, pick, place, review
from conversations.engine.core import Dialogue, Effect, Field, Heard, Lines, NotUnderstood, Say, Scene, Text
from conversations.engine.effects import ChangeLead, ForgetMe, GiveConsent, SubmitLead
from conversations.hear import readers as hear
from conversations.hear.trades import CATEGORIES
from conversations.rules.formatting import (
    CHANNEL,
    call_by_name,
    called,
    show_age,
    show_card,
    show_days,
    show_income,
    show_name,
    show_phone,
    show_program,
    show_sector,
    show_time,
    show_wages,
    show_workers,
)
from conversations.rules.indication import Facts, Indication, indicate
from conversations.rules.pricing import brackets, estimate, has_workers, price, program_prompt
from conversations.rules.promises import in_office_hours, named_day, promised_day, wants_no_contact

CONSENT_VERSION = "2026-11-30"  # of registration.consent.ask and registration.notice; change it with their words
PROFILE = "profile"  # the value of the button with the name on the profile: no name travels in its data
MILLION = 1_000_000  # rupiah
CREWS = (
    "0",
    "1_all",
    "2_all",
    "3_all",
    "4_all",
    "1_none",
    "2_none",
    "3_none",
    "more",
)  # head counts, and are they paid
# What most people answer, by which the questions still to come are counted.
MOST: Mapping[str, Any] = {
    "consent": "yes", "regency": "33.72", "workers": [0, 0], "member": "no", "under_65": "yes", "program": "two",
}  # fmt: skip
MOST_DISTRICTS = 9  # with one for passing over these are all the rows that WhatsApp shows
WAITING_DAYS = 90  # how long a lead from outside the area is kept: docs/privacy.md, retention


# ------------------------------------------------------------------------------------------------ when it applies


def served(scene: Scene) -> bool:
    """Whether the business lies where officers work."""
    return scene.world.knows.ear.places.served(scene.answers.get("regency", ""))


def elsewhere(scene: Scene) -> bool:
    return "regency" in scene.answers and not served(scene)


def employs(scene: Scene) -> bool:
    return served(scene) and has_workers(scene)


def builds(scene: Scene) -> bool:
    return employs(scene) and (scene.answers.get("sector") or {}).get("category") == "bangunan"


def too_old(scene: Scene) -> bool:
    return served(scene) and scene.answers.get("under_65") == "no"


def in_age(scene: Scene) -> bool:
    return served(scene) and scene.answers.get("under_65") != "no"


def is_member(scene: Scene) -> bool:
    return in_age(scene) and scene.answers.get("member") == "yes"


def may_join(scene: Scene) -> bool:
    """Whether the owner may become a new participant: under 65 and without a workers' card that is in use."""
    return in_age(scene) and scene.answers.get("member") in ("no", "once", "unsure")


def by_day_or_week(scene: Scene) -> bool:
    said = scene.answers.get("income") or {}
    return may_join(scene) and said.get("period") in ("day", "week")


def own_number(scene: Scene) -> dict[str, str] | None:
    """The number of this very chat, once the owner has consented to keeping data."""
    if not scene.world.phone or scene.answers.get("consent") != "yes":
        return None
    return {"kind": "phone", "e164": scene.world.phone, "source": CHANNEL}


# ------------------------------------------------------------------------------------------------ what is not asked


def in_age_by_default(scene: Scene) -> str:
    """The age of who answered for the card and not that they are 65."""
    return "yes"


def nothing(scene: Scene) -> None:
    """No answer: who wants to tell it tells it by the way, or by its name."""


# ------------------------------------------------------------------------------------------------ what it offers


def over_age_choices(scene: Scene) -> tuple[str, ...]:
    return ("workers", "officer", "leave") if has_workers(scene) else ("officer", "leave")


def member_choices(scene: Scene) -> tuple[str, ...]:
    return ("workers", "officer", "leave") if has_workers(scene) else ("officer", "leave")


def opening(scene: Scene) -> Text:
    return Text("registration.consent.ask", {"controller": scene.world.knows.controller})


def without_permission(said: str, scene: Scene) -> str:
    """The key of the reply to words that give no clear permission: who wishes to be registered, or names a limit, is
    answered first."""
    reason = scene.world.knows.ear.yesno.held_back(said)
    return {"wish": "registration.consent.wish", "limit": "registration.consent.limit"}.get(reason, "not_a_choice")


def on_profile(scene: Scene) -> dict[str, str] | None:
    """The name on the profile of who registers themselves, where it is plainly a person's; only after the consent."""
    if scene.answers.get("consent") != "yes" or kin_of(scene.answers):
        return None
    return hear.profile_name(scene.world.profile, scene)


def name_choices(scene: Scene) -> tuple[str, ...]:
    return (PROFILE,) if on_profile(scene) else ()


def name_label(value: str, scene: Scene) -> Text | str:
    found = on_profile(scene)
    return show_name(found, scene) if found else ""


def offers_profile(say: Say) -> bool:
    """Whether a message shows the name of somebody's profile, which nobody has told us yet."""
    return any(button.press[:3] == ("registration", "name", PROFILE) for button in say.buttons)


def name_given(heard: Heard, scene: Scene) -> Any:
    """The name as it is told, or taken over from the profile by the button or its number."""
    choices = scene.world.knows.ear.choices
    if not heard.pressed and choices.read(heard.text, "registration.name", name_choices(scene)) is None:
        return hear.person_name(heard, scene)
    if found := on_profile(scene):
        return found
    raise NotUnderstood("registration.name.unclear")


def name_prompt(scene: Scene) -> Text:
    """The question for the name, of the person for whom somebody else answers."""
    if kin := kin_of(scene.answers):
        return Text(f"registration.name.ask_{kin}")
    return Text("registration.name.ask_profile" if on_profile(scene) else "registration.name.ask")


def elsewhere_prompt(scene: Scene) -> Text:
    return Text(
        "registration.outside.ask",
        {"place": scene.world.knows.ear.places.name(scene.answers["regency"]), "days": WAITING_DAYS},
    )


def staffed_choices(scene: Scene) -> tuple[str, ...]:
    """The regencies where officers work, where they are few enough for buttons; any other is written."""
    found = tuple(sorted(filter(scene.world.knows.ear.places.served, scene.world.staffed)))
    return found if len(found) <= MOST_DISTRICTS else ()


def district_prompt(scene: Scene) -> Text:
    return Text("registration.district.ask", {"place": scene.world.knows.ear.places.name(scene.answers["regency"])})


def district_again(scene: Scene) -> Text:
    return Text("registration.district.again", district_prompt(scene).fields)


def district_choices(scene: Scene) -> tuple[str, ...]:
    """All districts of a town, where they are few enough for buttons; () otherwise."""
    found = scene.world.knows.ear.places.districts(scene.answers["regency"])
    return found if len(found) <= MOST_DISTRICTS else ()


def days_prompt(scene: Scene) -> Text:
    return Text(f"registration.work_days.ask_{scene.answers['income']['period']}")


def days_choices(scene: Scene) -> tuple[str, ...]:
    return ("20", "25", "26", "30") if scene.answers["income"]["period"] == "day" else ("2", "3", "4")


def number_label(value: str, scene: Scene) -> Text | str:
    """A button of the head count: "2 dibayar" answers beside it whether they are paid."""
    number, _, pay = value.partition("_")
    return Text(f"registration.workers.{pay}", {"count": int(number)}) if pay else _plain_count(value)


def _plain_count(value: str) -> Text | str:
    return Text(f"registration.workers.{value}") if value in ("0", "more") else value


def income_label(value: str, scene: Scene) -> Text | str:
    """A range of incomes as people speak of it: by whole millions a month, "3 sampai 5 juta"."""
    if ":" in value:
        return show_income(hear.offered_income(value), scene)
    chosen = next((r for r in scene.world.knows.rates.ranges if r.key == value), None)
    if chosen is None:
        return Text(f"registration.income.{value}")
    ends = {"low": chosen.min // MILLION, "high": (chosen.max or 0) // MILLION}
    kind = "up_to" if not chosen.min else "from" if chosen.max is None else "between"
    return Text(f"registration.income.range_{kind}", ends)


def spoken_income(value: Any, scene: Scene) -> Field:
    """An income as it was told: a button's in the words of the button."""
    chosen = value.get("range", "")
    return income_label(chosen, scene) if chosen in income_choices(scene) else show_income(value, scene)


def program_choices(scene: Scene) -> tuple[str, ...]:
    """The programmes; while the prices only begin somewhere, also to have them calculated."""
    known = brackets(scene) is not None or price("two", scene) is None
    return hear.PROGRAMS if known else (*hear.PROGRAMS, "calculate")


def income_choices(scene: Scene) -> tuple[str, ...]:
    return tuple(r.key for r in scene.world.knows.rates.ranges)


def time_label(value: str, scene: Scene) -> Text | str:
    return Text(f"contact_time.{value}")


# ------------------------------------------------------------------------------------------------ what follows


def facts(scene: Scene) -> Facts:
    answers = scene.answers
    low = (answers.get("workers") or (0, 0))[0] or 0
    return Facts(
        has_workers=has_workers(scene) if "workers" in answers else None,
        workers_low=low,
        wages=answers.get("wages"),
        project={"yes": True, "no": False}.get(answers.get("project", "")),
        under_65={"yes": True, "no": False}.get(answers.get("under_65", "")),
        member=answers.get("member"),
    )


def indication(scene: Scene) -> Indication:
    """The indication for the officer, never a verdict."""
    return indicate(facts(scene))


def kept(scene: Scene) -> dict[str, Any]:
    """The answers as a lead keeps them: of the income only the brackets."""
    answers = {key: value for key, value in scene.answers.items() if key not in ("confirm", "consent", "work_days")}
    if answers.get("income"):
        found = brackets(scene)
        answers["income"] = list(found) if found else None
    return answers


def submit(scene: Scene) -> tuple[Effect, ...]:
    earlier = next((lead for lead in scene.world.leads if lead.code == scene.about), None)
    answers, seen = kept(scene), estimate(scene)
    kind = indication(scene).kind if served(scene) else ""
    status = "new" if served(scene) else "waiting"
    if earlier:
        changes = changed(earlier.answers, answers, scene)
        said = Say(Text("registration.changed", {"code": earlier.code}))
        return (ChangeLead(earlier.code, status, answers, kind, seen, changes), said) if changes else (said,)
    code = scene.world.fresh
    by = served(scene) and promised(scene)
    return SubmitLead(code, answers, status, kind, seen, promised=by), Say(farewell(code, scene))


def farewell(code: str, scene: Scene) -> Text:
    """The text after *Kirim*: the code, what may be relied on, and one's rights."""
    if not served(scene):
        return Text("registration.waiting", {"code": code, "days": WAITING_DAYS})
    fields: dict[str, Field] = {"name": called(scene.answers.get("name")), "code": code, "next": expected(scene)}
    return Text("registration.done", fields)


def expected(scene: Scene) -> Text:
    """The text that says who contacts the owner and when, as far as somebody can keep that, and as the owner asked."""
    world, regency = scene.world, scene.answers["regency"]
    place = world.knows.ear.places.name(regency)
    if wants_no_contact(scene.answers):
        return Text("registration.done.quiet")
    if regency not in world.staffed:
        return Text(
            "registration.done.above" if world.is_overseen(regency) else "registration.done.nobody", {"place": place}
        )
    days = world.knows.working_days(regency)
    by, named = promised_day(scene.answers, world.now, days), named_day(scene.answers)
    phone = (scene.answers.get("phone") or {}).get("kind") in ("phone", "landline")
    fields: dict[str, Field] = {
        "office": world.knows.office_name(regency),
        "how": Text("registration.done.how_any" if phone else "registration.done.how_chat"),
    }
    wish = scene.answers.get("contact_time") or {}
    if not in_office_hours(wish, days):
        return Text("registration.done.wish", {**fields, "day": by})
    if by != named:
        return Text("registration.done.by", {**fields, "day": by})
    return Text("registration.done.on", {**fields, "when": by if wish["part"] == "any" else show_time(wish, scene)})


def promised(scene: Scene) -> bool:
    """Whether :func:`expected` names a day, so that the owner is told when it has passed and nobody kept it."""
    return bool({"day", "when"} & expected(scene).fields.keys())


def changed(old: Mapping[str, Any], new: Mapping[str, Any], scene: Scene) -> Lines:
    """The differences between two versions of a lead, as lines "label: old → new"."""
    lines = []
    for question in registration.questions:
        before, after = old.get(question.key), new.get(question.key)
        if before == after or question.key in ("consent", "confirm", "outside"):
            continue
        label = Text(f"registration.{question.key}.label")
        lines.append(
            Text(
                "change.line",
                {"label": label, "old": shown(question.key, before, scene), "new": shown(question.key, after, scene)},
            )
        )
    return Lines(lines)


def shown(key: str, value: Any, scene: Scene) -> Field:
    """An answer of a lead as people read it; income is a bracket range only."""
    if value is None:
        return Text("not_given")
    if key == "income":
        low, high = value
        rows = scene.world.knows.rates.brackets
        return show_income({"low": rows[low - 1].low, "high": rows[high - 1].high, "period": "month"}, scene)
    question = registration.question(key)
    return question.show(value, scene) if question else str(value)


def left(key: str, scene: Scene) -> tuple[Effect, ...]:
    """Effects of leaving the registration before it was sent: nothing is kept of a person who has no lead."""
    effects: list[Effect] = []
    if key == "consent":
        effects.append(GiveConsent("data", CONSENT_VERSION, given=False))
    if not scene.world.leads:
        effects.append(ForgetMe("refused"))
    return (*effects, Say(Text(f"registration.left.{key}")))


def agreed(key: str, value: Any, scene: Scene) -> tuple[Effect, ...]:
    """Effects of the consent: stored as it is given, before the first personal question."""
    return (GiveConsent("data", CONSENT_VERSION, given=True),) if key == "consent" else ()


def _registration() -> Dialogue:
    """The dialogue, for the review, which is itself a part of it."""
    return registration


registration = Dialogue(
    "registration",
    (
        pick("registration.consent", YES_NO, prompt=opening, then={"no": "home"}, open_only=True, echo=True,
             short_again=True, unclear=without_permission, commands=lambda scene: ("notice",)),
        ask("registration.name", name_given, group="person", show=show_name, echo=True, spoken=call_by_name,
            prompt=name_prompt, choices=name_choices, label=name_label),
        place("registration.regency", group="person", echo=True, short_again=True, choices=staffed_choices,
              resets=("district", "outside")),
        pick("registration.outside", ("keep", "leave"), when=elsewhere, prompt=elsewhere_prompt,
             short_again=True, then={"leave": "home"}),
        place("registration.district", within="regency", group="person", when=served, prompt=district_prompt,
              choices=district_choices, optional=True, again=district_again),
        ask("registration.sector", hear.trade, group="business", when=served, show=show_sector, echo=True, counts=True,
            short_again=True, choices=lambda scene: hear.COMMON_TRADES, besides=CATEGORIES),
        ask("registration.workers", hear.head_count, group="business", when=served, show=show_workers,
            choices=lambda scene: CREWS, besides=("1", "2", "3", "4", "5"), label=number_label, short_again=True,
            resets=("over_age", "member_next")),
        ask("registration.wages", hear.wages, group="business", when=employs, show=show_wages, short_again=True,
            choices=lambda scene: hear.WAGES),
        pick("registration.project", YES_NO, group="business", when=builds),
        ask("registration.member", hear.card, group="programme", card_before="over_age", when=in_age,
            choices=lambda scene: ("no", "yes", "once", "over_65"), besides=("unsure",), show=show_card,
            short_again=True, counts=True, resets=("under_65", "member_next")),
        ask("registration.under_65", hear.age, group="programme", when=served, show=show_age, default=in_age_by_default,
            choices=lambda scene: YES_NO, echo=True, resets=("over_age",)),
        pick("registration.over_age", over_age_choices, group="programme", when=too_old, short_again=True,
             then={"leave": "home"}, commands=changes("under_65")),
        pick("registration.member_next", member_choices, group="programme", when=is_member, short_again=True,
             then={"leave": "home"}, commands=changes("member")),
        ask("registration.income", hear.income, group="programme", when=may_join, show=spoken_income,
            label=income_label, choices=income_choices, optional=True, short_again=True, resets=("work_days", "program"),
            default=nothing),
        ask("registration.work_days", hear.working_days, group="programme", on_card=False, when=by_day_or_week,
            show=show_days, prompt=days_prompt, choices=days_choices, label=lambda value, scene: value),
        ask("registration.program", hear.program, group="programme", when=may_join, show=show_program,
            prompt=program_prompt, short_again=True, choices=program_choices),
        ask("registration.business_name", hear.business_name, group="business", review_after="sector",
            card_before="sector", when=served, optional=True, default=nothing),
        ask("registration.phone", hear.phone, group="contact", given=own_number, show=show_phone,
            choices=lambda scene: ("none",), wants_contact=True, short_again=True),
        ask("registration.contact_time", hear.contact_time, group="contact", show=show_time, label=time_label,
            choices=lambda scene: ("pagi", "siang", "sore", "any"), default=lambda scene: hear.ANY_TIME),
        review("registration.confirm", _registration),
    ),
    finish=submit,
    then="news",
    leave=left,
    answered=agreed,
    nudged=True,
    straight=MOST,
)  # fmt: skip
