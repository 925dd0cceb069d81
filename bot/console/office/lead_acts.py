"""What may be done with a lead on its page, by rights and state; and each form as the turn that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conversations.dialogues import handing, remind_me
from conversations.dialogues.officer import MAX_NOTE, alike_for, may_be_taken, whose
from conversations.engine.core import Ask, Heard, NotUnderstood, Press, Scene, Session
from conversations.engine.world import Lead, Officer, World
from conversations.rules import outcomes
from conversations.rules.next_step import APPOINTMENT
from conversations.rules.office_rights import HANDED, OWN, may
from conversations.rules.outcomes import UNDO_WITHIN
from storage.console.timeline import TimelineEvent
from storage.leads.bridges import StandingBridge

LONGEST_MESSAGE = 1000  # characters, as of an owner's letter

Form = Mapping[str, str]
Heards = tuple[tuple[Heard, ...], Session | None]


class Unclear(Exception):  # noqa: N818 - it is about a form, not an error of the program
    """Raised for a form that lacks something; ``why`` names the words that say what."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Acts:
    """What the page offers. ``note``: the outcomes that may be noted; ``hand``: to whom; ``merge``: None where it may not
    be merged, else the codes of what may be the same."""

    take: bool = False
    answer: bool = False
    note: tuple[str, ...] = ()
    remind: tuple[str, ...] = ()
    hand: tuple[Officer, ...] = ()
    release: bool = False
    undo: bool = False
    merge: tuple[str, ...] | None = None
    write: bool = False
    bridged: bool = False


def possible(lead: Lead, world: World, events: Sequence[TimelineEvent], bridge: StandingBridge | None) -> Acts:
    """What the officer of this world may do with a lead, as the chat would let them."""
    me = world.officer
    assert me is not None  # noqa: S101 - narrows the type: whoever has pages is an officer
    of = whose(lead, me)
    own, open_ = of == OWN, lead.is_open and lead.status != outcomes.WAITING
    scene = Scene({}, world, about=lead.code)
    team = {str(each.id): each for each in world.team}
    handed = open_ and handing.may_hand(lead, me)
    last = next((each for each in events if each.back), None)
    mine = last is not None and (me.role != "officer" or last.officer_id == me.id)
    return Acts(
        take=may_be_taken(lead, me.id) and may(me.role, "take", of),
        answer=of == HANDED and lead.is_open,
        note=outcomes.possible(lead.status) if own and open_ else (),
        remind=remind_me.CHOICES if own and open_ else (),
        hand=tuple(team[each] for each in handing.colleagues(scene)) if handed else (),
        release=own and open_,
        undo=last is not None and mine and may(me.role, "undo", of) and world.now - last.at < UNDO_WITHIN,
        merge=tuple(each.code for each in alike_for(lead, me)) if may(me.role, "merge", of) else None,
        write=own and open_ and not lead.stopped and not me.absent,
        bridged=bridge is not None and own,
    )


# ------------------------------------------------------------------------------------------------ forms as turns


def _press(verb: str) -> Callable[[Form, Lead, World], Heards]:
    def press(form: Form, lead: Lead, world: World) -> Heards:
        return (Heard(pressed=Press("lead", verb, lead.code)),), None

    return press


def _note(form: Form, lead: Lead, world: World) -> Heards:
    outcome, words = form.get("hasil", ""), form.get("catatan", "").strip()[:MAX_NOTE]
    if outcome not in outcomes.possible(lead.status):
        raise Unclear("outcome")
    heard = [Heard(pressed=Press("followup", "outcome", outcome))]
    if outcome == APPOINTMENT:
        heard.append(_moment("followup", form.get("kapan", ""), world))
    if words:
        heard.append(Heard(text=words))
    return tuple(heard), Session("followup", about=lead.code)


def _remind(form: Form, lead: Lead, world: World) -> Heards:
    heard = _moment("promise", form.get("pilihan", "") or form.get("kapan", ""), world)
    return (heard,), Session("promise", {"lead": lead.code}, asked="when")


def _moment(dialogue: str, said: str, world: World) -> Heard:
    """A moment as a button or in words. Raises Unclear where the words name none ahead."""
    pressed = Press(dialogue, "when", said) if said in remind_me.CHOICES else None
    heard = Heard(pressed=pressed) if pressed else Heard(text=said.strip()[:120])
    try:
        remind_me.when(heard, Scene({}, world))
    except (NotUnderstood, Ask):
        raise Unclear("when") from None
    return heard


def _hand(form: Form, lead: Lead, world: World) -> Heards:
    if form.get("ke", "") not in handing.colleagues(Scene({}, world, about=lead.code)):
        raise Unclear("to")
    return (Heard(pressed=Press("handing", "to", form["ke"])),), Session("handing", about=lead.code)


def _merge(form: Form, lead: Lead, world: World) -> Heards:
    other = remind_me.code_alone(form.get("sama", "") or form.get("kode", ""))
    if not other or other == lead.code:
        raise Unclear("other")
    return (Heard(pressed=Press("merging", "other", other)),), Session("merging", about=lead.code)


def _write(form: Form, lead: Lead, world: World) -> Heards:
    words = form.get("pesan", "").strip()[:LONGEST_MESSAGE]
    if not words:
        raise Unclear("words")
    return (Heard(pressed=Press("lead", "write", lead.code)), Heard(text=words)), None


def _end(form: Form, lead: Lead, world: World) -> Heards:
    return (Heard(pressed=Press("command", "bridge_end", lead.code)),), None


VERBS: Mapping[str, Callable[[Form, Lead, World], Heards]] = {
    "ambil": _press("take"),
    "terima": _press("accept"),
    "kembalikan": _press("return"),
    "catat": _note,
    "ingatkan": _remind,
    "serahkan": _hand,
    "lepas": _press("release"),
    "batalkan": _press("undo"),
    "gabungkan": _merge,
    "tulis": _write,
    "selesai": _end,
}
