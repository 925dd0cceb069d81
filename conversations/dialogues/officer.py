"""A field officer's chat: cards of leads, and the dialogue that notes an outcome."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeGuard

from conversations.engine.ask import ask
from conversations.engine.core import (
    Ask,
    Button,
    Dialogue,
    Effect,
    Field,
    Heard,
    Lines,
    NotUnderstood,
    Press,
    Reading,
    Say,
    Scene,
    Text,
)
from conversations.engine.effects import AddNote, NoteOutcome
from conversations.engine.overview import card_questions
from conversations.engine.world import Lead, Officer, World
from conversations.rules.formatting import note_rows
from conversations.rules.indication import indicate
from conversations.rules.next_step import APPOINTMENT as APPOINTED
from conversations.rules.next_step import CALL, NextStep, after
from conversations.rules.office_rights import HANDED, OWN, may, office_of
from conversations.rules.outcomes import ENDS, NOTED, OUTCOMES, PAID, TAKEN, UNDO_WITHIN, possible
from conversations.rules.pricing import amount, day_name
from conversations.rules.schedule import named_moment

from .registration import facts, registration, shown
from .remind_me import CHOICES, label, officer_zone, show, when

MOST_ON_CARD = 3  # buttons; WhatsApp shows more of them as a list, which is a tap more
MAX_NOTE = 500  # characters
RETIMED = "retimed"  # among the answers of a note: its lead's next step was set by hand, and is told already
# Outcomes by what they mean for the lead, behind one button each, so that every outcome is three presses from the card.
GROUPS = {
    "forward": tuple(name for name, noted in NOTED.items() if not noted.ends and name != "unreached"),
    "ended": ENDS,
}


def still_there(lead: Lead | None) -> TypeGuard[Lead]:
    """Whether a lead still has its answers: nobody asked for its erasure and its retention is not over."""
    return lead is not None and bool(lead.answers)


def in_reach(lead: Lead, officer: Officer) -> bool:
    """Whether an officer may see a lead's personal data (``rules/office_rights.py``)."""
    return may(officer.role, "see", whose(lead, officer))


def whose(lead: Lead, officer: Officer) -> str:
    """Whose a lead is for this officer: a value of ``office_rights.WHOSE``."""
    if lead.officer_id == officer.id:
        return OWN
    if lead.offered_to == officer.id:
        return HANDED
    return office_of(officer.area, [lead.answers.get("regency") or ""])


def OFFICER_HOME(scene: Scene) -> tuple[str, ...]:  # noqa: N802 - reads as the table it stands for
    officer = scene.world.officer
    commands = ("tasks", "present" if officer and officer.absent else "absent")
    if officer is None or officer.role == "officer":
        return commands
    return (*commands, "tim", "siaran") if officer.role == "admin" else (*commands, "tim")


def card(lead: Lead, world: World, viewer: Officer | None = None) -> Say:
    """The card of a lead on one screen: how to reach the owner, the next step, facts, indication, the price that the owner
    saw, history; then the buttons that its viewer may press."""
    return Say(Text("card", _card_fields(lead, world, viewer)), _card_buttons(lead, world, viewer))


def _card_fields(lead: Lead, world: World, viewer: Officer | None) -> dict[str, Field]:
    scene = Scene(lead.answers, world)
    rows = Lines(
        Text(
            "review.item",
            {"label": Text(f"registration.{q.key}.label"), "value": shown(q.key, lead.answers[q.key], scene)},
        )
        for q in card_questions(registration)
        if lead.answers.get(q.key) is not None or (q.key in lead.answers and not q.default)
    )
    return {
        "code": lead.code,
        "state": card_state(lead, viewer),
        "rows": Lines((*rows, *_told_besides(lead, world), *note_rows(lead.answers))),
        "indication": _indication(scene),
        "seen": _seen(lead),
        "reach": _reach(lead),
        "wishes": wishes(lead),
        "next": next_line(lead, world),
        "same": _same(lead, world, viewer),
        "history": _history(lead, world),
    }


def _told_besides(lead: Lead, world: World) -> list[Text]:
    """What was told in a lead that was merged into this one, and not here."""
    known, rows = {key for key, value in lead.answers.items() if value is not None}, list[Text]()
    for other in lead.merged:
        for q in card_questions(registration):
            if other.answers.get(q.key) is not None and q.key not in known:
                known.add(q.key)
                value = Text(
                    "card.from_merged",
                    {"value": shown(q.key, other.answers[q.key], Scene(other.answers, world)), "code": other.code},
                )
                rows.append(Text("review.item", {"label": Text(f"registration.{q.key}.label"), "value": value}))
    return rows


def _same(lead: Lead, world: World, viewer: Officer | None) -> Lines:
    """The lines of what was merged into a lead, with how to reach whoever sent it, and of what may be the same."""
    lines = list[Field]()
    for other in lead.merged:
        name = shown("name", other.answers.get("name"), Scene(other.answers, world))
        reach = _reach(other) if other.answers.get("phone") != lead.answers.get("phone") else ""
        lines += [each for each in (Text("card.merged", {"code": other.code, "name": name}), reach) if each]
    lines += [Text("card.alike", {"code": each.code, "state": _held(each)}) for each in alike_for(lead, viewer)]
    return Lines(lines)


def _held(lead: Lead) -> Text:
    """Who has a lead that may be the same, and how far it is."""
    if not lead.officer:
        return card_state(lead)
    return Text("card.alike_held", {"name": lead.officer, "status": Text(f"status.{lead.status}")})


def alike_for(lead: Lead, viewer: Officer | None) -> tuple[Lead, ...]:
    """The leads that may be the same business, as far as the card's reader may see them; on a card for several readers
    those of the lead's own regency."""
    if viewer is None:
        return tuple(each for each in lead.alike if each.answers.get("regency") == lead.answers.get("regency"))
    return tuple(each for each in lead.alike if in_reach(each, viewer))


def card_state(lead: Lead, viewer: Officer | None = None) -> Text:
    if viewer and lead.offered_to == viewer.id:
        return Text("card.handed", {"name": lead.officer})
    if lead.officer:
        return Text("card.taken", {"name": lead.officer, "status": Text(f"status.{lead.status}")})
    return Text(f"card.{lead.status}" if lead.status in ("waiting", "withdrawn") else "card.free")


def _indication(scene: Scene) -> Field:
    if "workers" not in scene.answers:
        return ""
    known = facts(scene)
    found = indicate(known)
    fields: dict[str, dict[str, Field]] = {"ask_scale": {"count": known.workers_low}}
    reasons = Lines(
        Text("card.reason", {"reason": Text(f"reason.{reason}", fields.get(reason, {}))}) for reason in found.reasons
    )
    workers = _indicated(found.workers, found.workers_programs)
    return Text(
        "card.indication",
        {
            "owner": _indicated(found.owner, found.owner_programs),
            "workers": Text("card.workers", {"workers": workers}) if workers else "",
            "reasons": reasons,
        },
    )


def _indicated(status: str, programs: str) -> Field:
    """A status with its programmes, "BPU mandiri, JKK+JKM", or alone where it opens no programme; "" without a status."""
    if not status or not programs:
        return Text(f"indication.{status}") if status else ""
    return Text("card.indicated", {"status": Text(f"indication.{status}"), "programs": Text(f"programs.{programs}")})


def _seen(lead: Lead) -> Field:
    """The price that the owner was shown, so that the officer does not contradict it."""
    if not lead.estimate or "program" not in lead.answers:
        return ""
    chosen = lead.answers["program"]
    programs = ("two", "three") if chosen == "explain" else (chosen,)
    return Text("card.seen", {"prices": Lines(_seen_price(program, lead) for program in programs)})


def _seen_price(program: str, lead: Lead) -> Text:
    """A programme's price as it was shown: from the lowest on where no income was told, and with the cut of that day."""
    seen = lead.estimate[program]
    price: Field = amount(seen["low"], seen["high"])
    fields: dict[str, Field] = {
        "program": Text(f"registration.program.{program}"),
        "amount": Text("money.plain" if lead.answers.get("income") else "money.from", {"amount": price}),
    }
    if seen.get("reduced_low") is None or not seen.get("reduced_until"):
        return Text("card.seen_price", fields)
    fields["reduced"] = amount(seen["reduced_low"], seen["reduced_high"])
    fields["until"] = day_name(date.fromisoformat(seen["reduced_until"]))
    return Text("card.seen_cut", fields)


def _reach(lead: Lead) -> Field:
    """The line how to reach the owner: not by a way that they asked to be spared."""
    phone = lead.answers.get("phone") or {}
    if lead.stopped and lead.may_call is False:
        return ""
    if phone.get("kind") == "landline" or (lead.stopped and phone.get("kind") == "phone"):
        return Text("card.reach_phone", {"phone": phone["e164"]})
    if lead.stopped:
        return ""
    if phone.get("kind") == "phone":
        number = phone["e164"]
        return Text("card.reach", {"phone": number, "digits": number.lstrip("+")})
    return Text("card.reach_chat")


def wishes(lead: Lead) -> Field:
    """The line about calls to an owner who wants no messages; "" for others."""
    if not lead.stopped:
        return ""
    return Text({True: "card.may_call", False: "card.no_calls", None: "card.stopped"}[lead.may_call])


def _history(lead: Lead, world: World) -> Field:
    lines = [
        Text("card.visit", {"day": world.here(v.at), "outcome": Text(f"outcome.{v.outcome}"), "note": v.note})
        for v in lead.history[-3:]
    ]
    return Text("card.history", {"lines": Lines(lines)}) if lines else ""


def next_line(lead: Lead, world: World) -> Field:
    """The line that says what an officer does next, and when; "" for a lead that nobody has or that is over."""
    if lead.officer_id is None or not lead.is_open or lead.next_at is None:
        return ""
    return _next(NextStep(lead.next_at, lead.next_reason), world, "chat" if writes_only(lead) else CALL)


def _next(step: NextStep, world: World, call: str = CALL) -> Text:
    """``call``: how an owner is called: who gave no number is written to."""
    reason = call if step.reason == CALL else step.reason
    return Text("card.next", {"step": Text(f"next.{reason}"), "when": world.here(step.at)})


def may_be_taken(lead: Lead, officer_id: int | None) -> bool:
    """Whether an officer could take the lead: nobody has it, or whoever has it is away or slow."""
    return (
        lead.is_open
        and lead.status != "waiting"
        and (lead.officer_id is None or (lead.offered and lead.officer_id != officer_id))
    )


def _card_buttons(lead: Lead, world: World, viewer: Officer | None) -> tuple[Button, ...]:
    of = whose(lead, viewer) if viewer else ""
    if of == HANDED and lead.is_open:
        return tuple(lead_button(verb, lead.code) for verb in ("accept", "return"))
    moved = viewer is not None and lead.is_open and lead.status != "waiting" and may(viewer.role, "move", of)
    above = (lead_button("hand", lead.code),) if moved else ()
    if may_be_taken(lead, viewer.id if viewer else None):
        return (lead_button("take", lead.code), *above, *same_buttons(lead, viewer))[:MOST_ON_CARD]
    if of != OWN:
        return (*above, *same_buttons(lead, viewer))[:MOST_ON_CARD]
    if lead.is_open:
        return own_buttons(lead)
    ended = lead.history[-1].at if lead.history else lead.created
    undo = (lead_button("undo", lead.code),) if world.now - ended < UNDO_WITHIN else ()
    return (*undo, *same_buttons(lead, viewer))[:MOST_ON_CARD]


def own_buttons(lead: Lead) -> tuple[Button, ...]:
    """What its officer may do with an open lead, on three buttons of which the last opens what else there is."""
    second = "write" if writes_only(lead) else "remind"
    return tuple(lead_button(verb, lead.code) for verb in ("note", second, "more"))


def same_buttons(lead: Lead, viewer: Officer | None) -> tuple[Button, ...]:
    """The buttons of a lead that others may be the same as: to merge it, where its reader may, and to look at those."""
    same = alike_for(lead, viewer)
    merges = bool(same) and viewer is not None and may(viewer.role, "merge", whose(lead, viewer))
    return (*((lead_button("merge", lead.code),) if merges else ()), *(show_button(each.code) for each in same))


def more_buttons(lead: Lead, viewer: Officer) -> tuple[Button, ...]:
    """What else its officer may do with an open lead."""
    first = () if lead.stopped else ("remind" if writes_only(lead) else "write",)
    verbs = (*first, "hand", "release", "undo")
    return (*(lead_button(verb, lead.code) for verb in verbs), *same_buttons(lead, viewer))


def writes_only(lead: Lead) -> bool:
    """The owner gave no number, and may be written to."""
    return (lead.answers.get("phone") or {}).get("kind") not in ("phone", "landline") and not lead.stopped


def lead_button(verb: str, code: str) -> Button:
    return Button(Press("lead", verb, code), Text(f"card.{verb}"))


def show_button(code: str) -> Button:
    """The button that opens the card of a lead: its code."""
    return Button(Press("lead", "show", code), code)


def is_card(say: Say) -> bool:
    """Whether a say is a lead's card, which names its owner."""
    return say.text.key == "card"


def merged_card(lead: Lead) -> Say:
    """The text that replaces the card of a lead that was merged into another."""
    return Say(Text("card.now_in", {"code": lead.code, "into": lead.into}), (show_button(lead.into),))


def closed_card(code: str) -> Say:
    """The text that replaces a card in the chat of an officer who may no longer see the lead."""
    return Say(Text("card.closed", {"code": code}))


def gone_card(code: str) -> Say:
    """The text that replaces a card when the owner has asked for erasure."""
    return Say(Text("card.erased", {"code": code}))


def _possible(scene: Scene) -> tuple[str, ...]:
    return possible(scene.world.lead.status if scene.world.lead else TAKEN)


def outcomes(scene: Scene) -> tuple[str, ...]:
    """The choices below "Bagaimana hasilnya?": at most three, of which two open the outcomes of their kind, or are the
    only one of it."""
    some = _possible(scene)
    kinds = [[name for name in names if name in some] for names in GROUPS.values()]
    behind = [names[0] if len(names) == 1 else kind for kind, names in zip(GROUPS, kinds, strict=True)]
    return tuple(choice for choice in (PAID, "unreached", *behind) if choice in (*some, *GROUPS))[:3]


def outcome(heard: Heard, scene: Scene) -> Any:
    """Reader: an outcome by its button or in words, with the moment where the words name one ("janji jumat sore")."""
    some, choices, path = _possible(scene), scene.world.knows.ear.choices, "followup.outcome"
    if at := None if heard.pressed else named_moment(heard.text, scene.world, officer_zone(scene.world)):
        first = heard.text.split()[:2]  # "janji jumat sore", "janji temu besok jam 9"
        if APPOINTED in some and any(choices.exact(" ".join(first[:n]), path, (APPOINTED,)) for n in (1, 2)):
            return Reading(APPOINTED, also={"when": at.isoformat(timespec="minutes")})
    said = heard.pressed.value if heard.pressed else choices.read(heard.text, path, (*some, *GROUPS))
    if said in GROUPS:
        raise Ask(f"followup.{said}", tuple(name for name in GROUPS[said] if name in some))
    if said not in some:
        raise NotUnderstood("not_a_choice")
    return said


def note(heard: Heard, scene: Scene) -> Any:
    """Reader: the officer's own words, one line or many, cut at MAX_NOTE characters; None for none."""
    return heard.text.strip()[:MAX_NOTE] or None


def only_holder(scene: Scene) -> Text | None:
    """Why the dialogue may not go on: the lead was erased, or is somebody else's, while its officer was writing; else
    None."""
    lead, officer = scene.world.lead, scene.world.officer
    if officer is None:
        return Text("card.not_yours")
    if lead is not None and lead.code != scene.about:
        return None  # a button of another card was pressed meanwhile; this lead is checked when the dialogue goes on
    if not still_there(lead):
        return Text("card.gone")
    if lead.officer_id is None:
        return Text("card.not_held", {"code": lead.code})
    return (
        None if lead.officer_id == officer.id else Text("card.taken_already", {"code": lead.code, "name": lead.officer})
    )


def step_after(scene: Scene) -> NextStep | None:
    """The lead's next step after the outcome that was just noted; None where it is as before, or there is none."""
    lead, noted_as, now = scene.world.lead, scene.answers["outcome"], scene.world.now
    if scene.answers.get("when"):
        return NextStep(datetime.fromisoformat(scene.answers["when"]), APPOINTED)
    tries = 1 + sum(visit.outcome == "unreached" for visit in lead.history) if lead else 1
    answers = lead.answers if lead else {}
    return after(noted_as, tries, answers, now, scene.world.knows.working_days(answers.get("regency")))


def noted(key: str, value: Any, scene: Scene) -> tuple[Effect, ...]:
    """Effects of an outcome, which is stored as soon as it is known: a note may follow, and need not."""
    last = "when" if asks_when(scene) or "when" in scene.answers else "outcome"
    if key not in ("outcome", last) or (last == "when" and "when" not in scene.answers):
        return ()
    return (NoteOutcome(scene.about, scene.answers["outcome"], step_after(scene)),)


def asks_when(scene: Scene) -> bool:
    return scene.answers.get("outcome") == APPOINTED


def followed_up(scene: Scene) -> tuple[Effect, ...]:
    words = scene.answers.get("note")
    return (
        (AddNote(scene.about, words), Say(Text("followup.kept", {"code": scene.about})))
        if words
        else (Say(Text("followup.done", {"code": scene.about})),)
    )


def note_prompt(scene: Scene) -> Text:
    if scene.answers.get(RETIMED):
        return Text("followup.note.still", {"code": scene.about})
    step, lead = step_after(scene), scene.world.lead
    if step is None and lead and lead.next_at and not NOTED[scene.answers["outcome"]].ends:
        step = NextStep(lead.next_at, lead.next_reason)
    fields: dict[str, Field] = {
        "code": scene.about,
        "outcome": Text(f"outcome.{scene.answers['outcome']}"),
        "next": _next(step, scene.world) if step else "",
    }
    return Text("followup.note.ask", fields)


def note_commands(scene: Scene) -> tuple[str, ...]:
    return ("undo",) if NOTED[scene.answers["outcome"]].ends else ("undo", "retime")


def followup_prompt(scene: Scene) -> Text:
    lead = scene.world.lead
    name: Field = shown("name", lead.answers["name"], scene) if lead and lead.answers.get("name") else ""
    return Text("followup.outcome.ask", {"code": scene.about, "name": name})


followup = Dialogue(
    "followup",
    (
        ask("followup.outcome", outcome, choices=outcomes, prompt=followup_prompt,
            besides=OUTCOMES, label=lambda value, scene: Text(f"outcome.{value}")),
        ask("followup.when", when, choices=lambda scene: CHOICES[1:], show=show, label=label, when=asks_when),
        ask("followup.note", note, prompt=note_prompt, optional=True, open_only=True, verbatim=True,
            commands=note_commands),
    ),
    finish=followed_up,
    answered=noted,
    barred=only_holder,
)  # fmt: skip
