"""The ladder decides who replies: the first rung that has something to say.

Each rung is ``TurnState -> Turn | None``. Their order is the whole policy of what goes before what, at every question
of every dialogue alike. What words are about is decided in one place, ``hear/intents.py``; the rungs act on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from conversations.dialogues.away import on_leave
from conversations.dialogues.bridge import bridged, still_open
from conversations.dialogues.finding import looked_for, number_alone
from conversations.dialogues.lead_lists import ONLY
from conversations.dialogues.linking import join_code, joined
from conversations.dialogues.remind_me import asked_for
from conversations.dialogues.signing_in import digits_alone
from conversations.engine.answers.accept import attempt, take, told_besides
from conversations.engine.answers.amend import corrected
from conversations.engine.answers.literal import SHORT_ANSWER_WORDS, chosen, commands, written
from conversations.engine.answers.notes import PAY
from conversations.engine.answers.put_right import amended, chosen_before, led_here_by_mistake, put_right
from conversations.engine.answers.somebody_else import about_whom, for_somebody_else
from conversations.engine.labels import labelled, labelled_on_message
from conversations.engine.language import guessed
from conversations.rules.formatting import local_number

from .ask import YES_NO, nonce, spelt_out
from .attachments import beside_words, unread, unreadable
from .before_permission import held, nothing_but_told, only_tells
from .brake import braked
from .commands import COMMANDS, campaign
from .core import Ask, Book, Edit, Heard, Instead, NotUnderstood, Press, Question, Say, Session, Text, Toast, Turn
from .identity import identity_number, left_open
from .own_lead import about_own_lead, not_understood, which_of_them
from .patience import ASIDE, MISS, patient
from .topics import explain, topic_picked
from .turn_state import TurnState
from .world import World

DOUBLE_TAP_SECONDS = 3
AWAY = timedelta(hours=20)  # after which an unfinished registration is reminded of (bot/turns/batch.py)
# Reasons why an answer was half understood ("pakai nomor ini", "10 ribu per jam"): then the reply says what helps.
HALF_UNDERSTOOD = frozenset(
    {"this_number", "foreign", "invalid", "two", "per_month", "which", "employee", "days_off", "age_unclear"}
    | {"somebody_else", "which_bpjs", "gross", "resellers"}
)


def step(session: Session, heard: Heard, world: World, book: Book) -> Turn:
    """One turn: from the session, the event and the world to the new session and the effects."""
    state = TurnState(session, heard, world, book)
    turn = joined(next(turn for rung in LADDER if (turn := rung(state))), state)
    last = turn.session.last if heard.pressed else unread(heard)  # words between two presses: no double tap
    after = turn.session._replace(
        at=int(world.now.timestamp()), last=last, digits=left_open(state, turn), notes=_with_pay(state, turn)
    )
    whole = Turn(
        after, (*campaign(state), *guessed(state, turn), *beside_words(state), *turn.effects, *still_open(state, turn))
    )
    return braked(session, whole, after.at, at_work=world.officer is not None and heard.pressed is not None)


def _with_pay(state: TurnState, turn: Turn) -> Mapping[str, Any]:
    """The notes after this turn: how workers are paid, where that was told with whether they are."""
    session, paid = turn.session, turn.session.answers.get("wages")
    if session.dialogue != "registration" or paid == state.session.answers.get("wages"):
        return session.notes
    manner = state.world.knows.ear.wages.manner(state.heard.text)
    return {**{key: value for key, value in session.notes.items() if key != PAY}, **({PAY: manner} if manner else {})}


def barred(state: TurnState) -> Turn | None:
    """Rung: a dialogue whose right has ended since it began goes no further; the dialogue that waits below does, if it
    may."""
    return state.ask_open() if state.dialogue.barred(state.scene) else None


def linked(state: TurnState) -> Turn | None:
    """Rung: a deep link with an officer's code or a campaign; then as any first message, unless it came with something
    else."""
    if state.world.invitation:
        return COMMANDS["invitation"](state, "")
    heard = state.heard
    alone = heard.start and not (heard.text or heard.pressed or heard.contact)
    return COMMANDS["start"](state, "") if alone else None


def double_tap(state: TurnState) -> Turn | None:
    """Rung: the same button pressed twice within seconds says nothing new."""
    press, session = state.heard.pressed, state.session
    if press is None or session.last != _name(press):
        return None
    if state.world.now.timestamp() - session.at > DOUBLE_TAP_SECONDS:
        return None
    return Turn(session, (Toast(Text("already_noted")),))


def pressed_command(state: TurnState) -> Turn | None:
    press = state.heard.pressed
    if press is None or press.dialogue not in ("command", "lead"):
        return None
    act = COMMANDS.get(press.question if press.dialogue == "command" else f"lead_{press.question}")
    return act(_remember(state, press), press.value) if act else state.ask_open()


def pressed_answer(state: TurnState) -> Turn | None:
    """Rung: a button answers its own question: if that is open or answered, it counts; else the open question comes again."""
    press = state.heard.pressed
    if press is None:
        return None
    for candidate in (state, state.at(state.session.under) if state.session.under else None):
        if (
            candidate
            and candidate.session.dialogue == press.dialogue
            and not candidate.dialogue.barred(candidate.scene)
        ):
            question = candidate.dialogue.question(press.question)
            if question and _counts(candidate, question, press):
                return take(_remember(candidate, press), question)
    if state.dialogue.question(press.question) is None or state.session.dialogue != press.dialogue:
        return state.say("old_button")
    return state.ask_open()


def _counts(state: TurnState, question: Question, press: Press) -> bool:
    if press.nonce != nonce(question, state.scene):
        return False
    return question in (state.open, _behind_opened(state)) or _can_change(state, question)


def _behind_opened(state: TurnState) -> Question | None:
    """The question that waits behind one that was opened by its name: its buttons still stand on the screen."""
    if state.open is None or state.open.default is None:
        return None
    return state.dialogue.open(state.scene._replace(opened=frozenset()))


def _can_change(state: TurnState, question: Question) -> bool:
    """Whether the question was answered and may be answered anew."""
    answered = question.key in state.session.answers and question.when(state.scene)
    return answered and not question.open_only and not question.exact


def replied(state: TurnState) -> Turn | None:
    """Rung: words in reply to an earlier question answer that question, as its button would."""
    dialogue, _, key = state.world.quoted.partition(".")
    question = state.dialogue.question(key) if state.heard.text and dialogue == state.session.dialogue else None
    if question is None or question is state.open or not _can_change(state, question):
        return None
    labels, answer, tried = _heard_as(state, question)
    if labels[0] != "answer" or isinstance(tried(), NotUnderstood | Ask | Edit | Instead):
        return None
    return take(answer, question, tried())


def numbered(state: TurnState) -> Turn | None:
    """Rung: the number of a command in the list of choices, where buttons are written out."""
    said, question = state.heard.text.strip(), state.open
    if not (said.isdecimal() and len(said) <= 2 and question):
        return None
    choices, names = question.choices(state.scene), question.commands(state.scene)
    number = int(said) - len(choices) - 1
    if not 0 <= number < len(names):
        return None
    name, value, _ = spelt_out(names[number])
    return COMMANDS[name](state, value)


def officer_words(state: TurnState) -> Turn | None:
    """Rung: /tugas, /cari, /libur, /masuk, "ringkasan mati": an officer's commands, in any dialogue."""
    if state.world.officer is None or not state.heard.text:
        return None
    if (wanted := _looks_for(state)) is not None:
        return COMMANDS["find"](state, wanted)
    if _asks_to_be_reminded(state):
        return COMMANDS["remind"](state, state.heard.text)
    return _officer_command(state)


def _officer_command(state: TurnState) -> Turn | None:
    choices = state.world.knows.ear.choices
    if state.session.dialogue == "home" and (digits := digits_alone(state.heard.text)):
        return COMMANDS["browser"](state, digits)
    if only := choices.exact(state.heard.text, "officer.tasks", ONLY):
        return COMMANDS["tasks"](state, only)
    name = choices.read(state.heard.text, "officer.command", OFFICER_COMMANDS)
    if name and not state.heard.text.strip().isdecimal():
        return COMMANDS[name](state, "")
    return on_leave(state)


def _looks_for(state: TurnState) -> str | None:
    """What an officer looks for: words behind "cari", or a number alone; None where nothing is looked for. In a
    registration both may be answers ("Cari Rejeki"), and only "/cari" looks for something."""
    text, ear, registering = state.heard.text, state.world.knows.ear, state.session.dialogue == "registration"
    wanted = looked_for(text, ear, stroke_only=registering)
    return text if wanted is None and not registering and number_alone(text, ear) else wanted


def _asks_to_be_reminded(state: TurnState) -> bool:
    """Whether an officer asks for a reminder ("Ingatkan besok jam 9", "tolong ingatkan …"); not where that answers the
    open question."""
    if state.session.dialogue in REMINDING or state.session.asked == "remind":
        return False
    return asked_for(state.heard.text, state.world.knows.ear)


def rarer_words(state: TurnState) -> Turn | None:
    """Rung: "unduh data", "tarik persetujuan", "basa jawa": whole messages that mean one thing wherever they are written."""
    if state.world.knows.ear.languages.named(state.heard.text):
        return COMMANDS["language"](state, "")
    name = state.world.knows.ear.choices.exact(state.heard.text, "owner.command", OWNER_COMMANDS)
    return COMMANDS[name](state, "") if name and state.heard.text else None


def shared_contact(state: TurnState) -> Turn | None:
    if state.heard.contact is None:
        return None
    question = state.dialogue.question("phone")
    if question and (question is state.open or question.key in state.session.answers):
        return take(state, question)
    number = state.heard.contact.phone
    if any((lead.answers.get("phone") or {}).get("e164") == number for lead in state.world.leads):
        return state.say("contact_noted", {"phone": local_number(number)})
    return state.say("contact_unasked")


def returned(state: TurnState) -> Turn | None:
    """Rung: after a day "ya" answers the reminder ("Mau dilanjutkan?"), not the question that was open before it."""
    session, text = state.session, state.heard.text
    began = state.dialogue.nudged and session.answers.get("consent") == "yes"
    if not (began and text) or state.world.now.timestamp() - session.at < AWAY.total_seconds():
        return None
    ear = state.world.knows.ear
    wish = ear.choices.exact(text, "nudge.unfinished", ("continue", "restart"))
    if wish is None and len(text.split()) <= SHORT_ANSWER_WORDS and ear.yesno.read(text, "") in YES_NO:
        wish = "continue"
    if wish is None or commands(state, text):
        return None
    return COMMANDS[wish](state, "")


def about(state: TurnState) -> tuple[str, ...]:
    """The labels of what typed words are about (``hear/intents.py``), best first."""
    question = state.open
    if question is None or chosen(state) is not None:
        return ("answer",)
    return _heard_as(state, question)[0]


def words(state: TurnState) -> Turn:
    """Rung: typed words, by what they are about; held, where they come before the permission to keep anything."""
    turn = _by_what_it_is_about(state)
    return turn._replace(session=turn.session._replace(held=held(state, turn)))


def _by_what_it_is_about(state: TurnState) -> Turn:
    """The turn of typed words. Two things at once are both answered, in one message."""
    question = state.open
    assert question is not None  # noqa: S101 - every dialogue that is not over has an open question
    labels, answer, tried = _heard_as(state, question)
    first, rest = labels[0], labels[1:]
    if first in PUTTING_RIGHT and (turn := put_right(state, question, tried())):
        return turn
    registering = state.session.dialogue == "registration"
    begins = first == "register" and state.session.dialogue == "home"
    opens = first in ANSWERED_BY_OPENING or (registering and (first in ("help", "faq:about") or only_tells(state)))
    if turn := not_understood(state, first, tried):
        return turn
    if not state.session.asked and not begins and opens:
        return state.ask_open()  # a first message, which the opening answers whatever it says
    if nothing_but_told(state, question, first, tried()):
        return state.say("told_before")
    if turn := for_somebody_else(state, question):
        return turn
    if first in ("answer", "unknown"):
        turn = take(answer, question, tried())
    else:
        name, _, value = first.partition(":")
        kept = state if name in WEIGHTS or name == "which" else state.at(state.session._replace(misses=0))
        turn = COMMANDS[name](kept, value)
        turn = patient(state, turn, WEIGHTS[name]) if name in WEIGHTS else turn
        turn = _with_what_it_tells(state, turn) if name == "another" else turn
    also = tuple(Say(explain(state, label.partition(":")[2])) for label in rest if label.startswith("faq:"))
    return Turn(turn.session, (*also, *turn.effects))


def _with_what_it_tells(state: TurnState, turn: Turn) -> Turn:
    """A registration that was begun by words, with what they tell of the business: "punya usaha satu lagi katering"."""
    begun = state.at(turn.session)
    question = begun.open
    after, besides = told_besides(begun, question) if question else (begun, ())
    return after.ask_open(*turn.effects[:-1], *besides) if besides else turn


def _heard_as(state: TurnState, question: Question) -> tuple[tuple[str, ...], TurnState, Callable[[], Any]]:
    """The labels, the state with the part of the words that answers, and the reader's result for that part (read once)."""
    intents = state.world.knows.ear.intents
    part = about_whom(state, intents.answer_part(state.heard.text, question.key))
    answer = state._replace(heard=replace(state.heard, text=part))
    tried = cache(lambda: attempt(answer, question))

    def reads() -> bool:
        instead = tried()
        if not isinstance(instead, NotUnderstood) or instead.key.rpartition(".")[2] in HALF_UNDERSTOOD:
            return True
        return bool(corrected(answer.dialogue, question.key, part, answer.scene))

    return intents.read(state.heard.text, _question_name(state, question), reads), answer, tried


def _question_name(state: TurnState, question: Question) -> str:
    """The name under which the ear knows the open question."""
    if state.session.dialogue == "home" or not state.session.asked:
        return "done" if state.world.leads else "start"
    return question.key


def _remember(state: TurnState, press: Press) -> TurnState:
    return state.at(state.session._replace(last=_name(press)))


def _name(press: Press) -> str:
    return f"{press.dialogue}.{press.question}={press.value}~{press.nonce}"


REMINDING = frozenset({"compose", "promise"})  # dialogues in which "ingatkan …" may answer the open question
OFFICER_COMMANDS = (
    "tim",
    "invite",
    "tasks",
    "absent",
    "present",
    "siaran",
    "digest_on",
    "digest_off",
    "report",
    "report_last",
    "console",
)
OWNER_COMMANDS = (
    "export_data",
    "withdraw",
    "join",
    "part",
    "stop",
    "reply",
)  # rarer commands, heard only in their exact words
ANSWERED_BY_OPENING = frozenset({"answer", "unknown", "greeting", "register", "offtopic"})
WEIGHTS = {"faq": ASIDE, "offtopic": MISS, "abuse": MISS}  # of what is said instead of an answer
PUTTING_RIGHT = frozenset({"answer", "unknown", "correct:phone", "correct:name", "correct:unknown"})

LADDER = (
    barred,
    identity_number,
    bridged,
    unreadable,
    linked,
    join_code,
    double_tap,
    pressed_command,
    which_of_them,
    pressed_answer,
    shared_contact,
    replied,
    returned,
    labelled,
    topic_picked,
    written,
    labelled_on_message,
    officer_words,
    rarer_words,
    numbered,
    led_here_by_mistake,
    amended,
    about_own_lead,
    chosen,
    chosen_before,
    words,
)
