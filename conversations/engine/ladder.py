"""Who replies: the first rung of the ladder that has something to say.

Each rung is ``Moment -> Turn | None``. Their order is the whole policy of what goes before what, at every question of
every dialogue alike. What words are about is decided in one place, ``hear/intents.py``; the rungs act on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from conversations.dialogues.linking import join_code, joined
from conversations.engine.answers.accept import attempt, put_right, take
from conversations.engine.answers.amend import corrected
from conversations.engine.answers.literal import SHORT_ANSWER_WORDS, chosen, commands, written

from .ask import YES_NO, nonce
from .commands import COMMANDS, campaign, explain
from .core import Book, Heard, NotUnderstood, Press, Question, Say, Session, Text, Toast, Turn
from .turn_state import Moment
from .world import World

DOUBLE_TAP_SECONDS = 3
AWAY = timedelta(hours=20)  # after which an unfinished registration is reminded of (bot/turns/writer.py)
# Why an answer was not taken although it was one ("pakai nomor ini", "10 ribu per jam"): what helps is said then.
HALF_UNDERSTOOD = frozenset({"this_number", "foreign", "invalid", "two", "per_month", "which", "employee", "days_off"})


def step(session: Session, heard: Heard, world: World, book: Book) -> Turn:
    """One turn: who the person was, what they did and what is so, to who they are now and what must happen."""
    moment = Moment(session, heard, world, book)
    turn = joined(next(turn for rung in LADDER if (turn := rung(moment))), moment)
    last = turn.session.last if heard.pressed else ""  # with words between them two presses are no double tap
    after = turn.session._replace(at=int(world.now.timestamp()), last=last)
    return Turn(after, (*campaign(moment), *turn.effects))


def identity_number(moment: Moment) -> Turn | None:
    """Sixteen digits are a NIK. Nobody here needs it, and it was masked before it came this far."""
    return moment.say("keep_your_nik") if moment.heard.masked else None


def unreadable(moment: Moment) -> Turn | None:
    """A photo, a voice message, an edited message: say kindly what helps."""
    kind = moment.heard.other
    if kind in ("photo", "document") and moment.session.dialogue == "compose":
        return moment.say("compose.photo")
    return moment.say(f"other.{kind}" if kind in OTHER else "other.unknown") if kind else None


def linked(moment: Moment) -> Turn | None:
    """A deep link: an officer's code, or a campaign; then as any first message, unless it came with something to go by."""
    if moment.world.invitation:
        return COMMANDS["invitation"](moment, "")
    heard = moment.heard
    alone = heard.start and not (heard.text or heard.pressed or heard.contact)
    return COMMANDS["start"](moment, "") if alone else None


def double_tap(moment: Moment) -> Turn | None:
    """The same button twice within seconds says nothing new."""
    press, session = moment.heard.pressed, moment.session
    if press is None or session.last != _name(press):
        return None
    if moment.world.now.timestamp() - session.at > DOUBLE_TAP_SECONDS:
        return None
    return Turn(session, (Toast(Text("already_noted")),))


def pressed_command(moment: Moment) -> Turn | None:
    press = moment.heard.pressed
    if press is None or press.dialogue not in ("command", "lead"):
        return None
    act = COMMANDS.get(press.question if press.dialogue == "command" else f"lead_{press.question}")
    return act(_remember(moment, press), press.value) if act else moment.ask_open()


def pressed_answer(moment: Moment) -> Turn | None:
    """A button answers its own question: if that is open or answered, it counts; else the open question comes again."""
    press = moment.heard.pressed
    if press is None:
        return None
    for candidate in (moment, moment.at(moment.session.under) if moment.session.under else None):
        if candidate and candidate.session.dialogue == press.dialogue:
            question = candidate.dialogue.question(press.question)
            if question and _counts(candidate, question, press):
                return take(_remember(candidate, press), question)
    if moment.dialogue.question(press.question) is None or moment.session.dialogue != press.dialogue:
        return moment.say("old_button")
    return moment.ask_open()


def _counts(moment: Moment, question: Question, press: Press) -> bool:
    if press.nonce != nonce(question, moment.scene):
        return False
    is_open = moment.open is question
    answered = question.key in moment.session.answers and question.when(moment.scene)
    return is_open or (answered and not question.open_only and not question.exact)


def numbered(moment: Moment) -> Turn | None:
    """A number that stands before a command in the list of choices, where buttons are written out."""
    said, question = moment.heard.text.strip(), moment.open
    if not (said.isdecimal() and len(said) <= 2 and question):
        return None
    choices, names = question.choices(moment.scene), question.commands(moment.scene)
    number = int(said) - len(choices) - 1
    return COMMANDS[names[number]](moment, "") if 0 <= number < len(names) else None


def officer_words(moment: Moment) -> Turn | None:
    """/tugas, /libur, /masuk, "ringkasan mati": an officer's business, whatever else is going on."""
    if moment.world.officer is None or not moment.heard.text:
        return None
    if _asks_to_be_reminded(moment):
        return COMMANDS["remind"](moment, moment.heard.text)
    name = moment.world.knows.ear.choices.read(moment.heard.text, "officer.command", OFFICER_COMMANDS)
    return COMMANDS[name](moment, "") if name and not moment.heard.text.strip().isdecimal() else None


def _asks_to_be_reminded(moment: Moment) -> bool:
    """ "Ingatkan besok jam 9", "tolong ingatkan …": not where that answers the open question."""
    if moment.session.dialogue in REMINDING or moment.session.asked == "remind":
        return False
    first = moment.heard.text.split(maxsplit=2)[:2]
    return any(moment.world.knows.ear.choices.exact(word, "officer.remind", ("remind",)) for word in first)


def rarer_words(moment: Moment) -> Turn | None:
    """ "unduh data", "tarik persetujuan": whole messages that mean one thing wherever they are written."""
    name = moment.world.knows.ear.choices.exact(moment.heard.text, "owner.command", OWNER_COMMANDS)
    return COMMANDS[name](moment, "") if name and moment.heard.text else None


def shared_contact(moment: Moment) -> Turn | None:
    if moment.heard.contact is None:
        return None
    question = moment.dialogue.question("phone")
    if question and (question is moment.open or question.key in moment.session.answers):
        return take(moment, question)
    return moment.say("contact_unasked")


def returned(moment: Moment) -> Turn | None:
    """After a day "ya" answers the reminder ("Mau dilanjutkan?"), not the question that was open before it."""
    session, text = moment.session, moment.heard.text
    began = moment.dialogue.nudged and session.answers.get("consent") == "yes"
    if not (began and text) or moment.world.now.timestamp() - session.at < AWAY.total_seconds():
        return None
    ear = moment.world.knows.ear
    wish = ear.choices.exact(text, "nudge.unfinished", ("continue", "restart"))
    if wish is None and len(text.split()) <= SHORT_ANSWER_WORDS and ear.yesno.read(text, "") in YES_NO:
        wish = "continue"
    if wish is None or commands(moment, text):
        return None
    return COMMANDS[wish](moment, "")


def about(moment: Moment) -> tuple[str, ...]:
    """What typed words are about, best first: the labels of ``hear/intents.py``."""
    question = moment.open
    if question is None or chosen(moment) is not None:
        return ("answer",)
    return _heard_as(moment, question)[0]


def words(moment: Moment) -> Turn:
    """Typed words: what they are about decides. Two things at once are both answered, in one message."""
    question = moment.open
    assert question is not None  # noqa: S101 - every dialogue that is not over has an open question
    labels, answer, tried = _heard_as(moment, question)
    first, rest = labels[0], labels[1:]
    if first in PUTTING_RIGHT and (turn := put_right(moment, question, tried())):
        return turn
    begins = first == "register" and moment.session.dialogue == "home"
    opens = first in ANSWERED_BY_OPENING or (first == "help" and moment.session.dialogue == "registration")
    if not moment.session.asked and not begins and opens:
        return moment.ask_open()  # a first message: whatever it says, the opening answers it
    if first in ("answer", "unknown"):
        turn = take(answer, question, tried())
    else:
        name, _, value = first.partition(":")
        turn = COMMANDS[name](moment.at(moment.session._replace(misses=0)), value)
    also = tuple(Say(explain(moment, label.partition(":")[2])) for label in rest if label.startswith("faq:"))
    return Turn(turn.session, (*also, *turn.effects))


def _heard_as(moment: Moment, question: Question) -> tuple[tuple[str, ...], Moment, Callable[[], Any]]:
    """The labels, the part of the words that answers, and what the question's reader makes of that part (read once)."""
    intents = moment.world.knows.ear.intents
    part = intents.answer_part(moment.heard.text, question.key)
    answer = moment._replace(heard=replace(moment.heard, text=part))
    tried = cache(lambda: attempt(answer, question))

    def reads() -> bool:
        instead = tried()
        if not isinstance(instead, NotUnderstood) or instead.key.rpartition(".")[2] in HALF_UNDERSTOOD:
            return True
        return bool(corrected(answer.dialogue, question.key, part, answer.scene))

    return intents.read(moment.heard.text, _question_name(moment, question), reads), answer, tried


def _question_name(moment: Moment, question: Question) -> str:
    """The name under which the ear knows the open question."""
    if moment.session.dialogue == "home" or not moment.session.asked:
        return "done" if moment.world.leads else "start"
    return question.key


def _remember(moment: Moment, press: Press) -> Moment:
    return moment.at(moment.session._replace(last=_name(press)))


def _name(press: Press) -> str:
    return f"{press.dialogue}.{press.question}={press.value}~{press.nonce}"


REMINDING = frozenset({"compose", "promise"})  # dialogues in which "ingatkan …" answers the open question
OFFICER_COMMANDS = ("tasks", "absent", "present", "siaran", "digest_on", "digest_off")
OWNER_COMMANDS = ("export_data", "withdraw", "join")  # of the rarer ones, only their very words
ANSWERED_BY_OPENING = frozenset({"answer", "unknown", "greeting", "register"})
PUTTING_RIGHT = frozenset({"answer", "unknown", "correct:phone", "correct:name", "correct:unknown"})
OTHER = ("photo", "voice", "video", "sticker", "location", "document", "edited", "reaction")

LADDER = (
    identity_number,
    unreadable,
    linked,
    join_code,
    double_tap,
    pressed_command,
    pressed_answer,
    shared_contact,
    written,
    officer_words,
    rarer_words,
    numbered,
    returned,
    chosen,
    words,
)
