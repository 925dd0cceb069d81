"""Intents: what a message is about, as labels: an answer to the open question, a command, a question, small talk; or
two of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from conversations.hear.text.sentences import Clause, Sentences
from conversations.hear.text.spelling import AS_WRITTEN, Spelling
from conversations.hear.text.wording import Wording, lines
from conversations.hear.text.words import plain, split

from .amendments import Amendment, Amendments
from .commands import ANY_NAME, EVERYWHERE, Commands
from .corrections import REVIEW, SENT, UNKNOWN, Corrections
from .other_bpjs import OTHER_BPJS, OtherBpjs
from .small_talk import SmallTalk
from .topics import Match, Phrasings

# How near to a known phrasing (0 to 1) a message must be; tuned on tests/understanding/corpus/intents.jsonl, held-out
# lines aside.
ASKED = 0.27  # the message asks something, and the open question's reader does not understand it
ASKED_READABLE = 0.35  # the message asks something, but could be an answer as well ("5 orang boleh?")
ASKED_TIME = 0.75  # as ASKED_READABLE where a time is asked, which "kapan saja" answers
STATED = 0.40  # the message asks nothing and is no answer
STATED_IDLE = 0.38  # as STATED where no question is open
STATED_HELP = 0.66  # as STATED for help and single words: "kec. ngemplak" shares a rare word with a question
STATED_END = 0.72  # as STATED for cancelling, which loses the answers
STATED_BACK = 0.55  # as STATED for going back, which loses one: "gimana dulu" does not
STATED_NAME = 0.58  # the message asks nothing, and any words could be the name that is asked
SURELY_ASKED = 0.55  # so near that a short "yes" is a question after all: "dipaksa ikut ya"
SURELY = 0.40  # near enough to a topic, in spite of an off-topic word
# A topic answers where it is near, and no other one nearly as near; else the nearest are offered as buttons. Pairs of
# how near it must be, and how near at most the next one is beside it: by a five-fold trial over all phrasings 9 of 10
# messages that pass are right, and of all 95 of 100 have the right topic among the nearest three.
CLEAR = ((0.32, 0.62), (0.40, 0.86), (0.60, 0.95))
CLEARLY_STATED = ((0.50, 0.66), (0.60, 0.86))  # as CLEAR where the message asks nothing while a question is open
OFFERED, BESIDE, MOST_OFFERED = (
    0.22,
    0.4,
    3,
)  # nearness of the topics on the buttons, alone and beside the nearest; how many
_LIKELIER = 1.12  # factor on the nearness of labels that are often meant at the open question
_IDLE = frozenset({"start", "done"})
_BINDING = frozenset({"consent", REVIEW})  # questions where a yes permits: read with any condition beside the yes
_AGREEING = frozenset({"consent"})  # questions where "boleh dihubungi petugas" agrees, and calls nobody
_DENIABLE = frozenset({"member", "wages"})  # questions at which "saya belum", "reseller gak" answers and asks nothing
_PRESSING = frozenset({"stop", "delete_data", "cancel"})  # commands that go before an answer in the same words
_BEFORE_OWN_LEAD = frozenset({"stop", "delete_data", "show_data", "complaint", "another"})
_FAQ, WHICH = "faq:", "which:"
WARNING = "faq:impostor"  # told to who tells of a false officer, whatever else the words may answer
_LOSING = {"cancel": STATED_END, "back": STATED_BACK}
_MOST_ASKING = 3  # clauses of one message that are compared on their own
_SHORT = 3  # words
MOST_LETTERS = 1000  # longer messages are judged by how they begin and end; keeps the worst case short


class Intents:
    """The reader of intents. Built once from the parsed files ``topics``, ``commands`` and ``small_talk`` of
    ``locales/<language>/hear/``.

    ``items``: as in :func:`~conversations.hear.listen`.
    """

    __slots__ = (
        "_amendments",
        "_answers",
        "_commands",
        "_corrections",
        "_cues",
        "_ends",
        "_kin",
        "_likely",
        "_measures",
        "_nearest",
        "_offices",
        "_other_bpjs",
        "_own_lead",
        "_secrets",
        "_sentences",
        "_small_talk",
        "_spelling",
        "_to_call",
        "_why_it_stopped",
        "_wording",
    )

    def __init__(self, tables: Mapping[str, Any], items: Mapping[str, str], spelling: Spelling = AS_WRITTEN) -> None:
        self._spelling = spelling
        topics, commands, small_talk = tables["topics"], tables["commands"], tables["small_talk"]
        self._wording = Wording(topics)
        self._commands = Commands(commands, self._wording)
        self._corrections = Corrections(commands["correct"], self._wording, items)
        self._amendments = Amendments(commands["amend"], self._wording, self._corrections)
        self._sentences = Sentences(commands["asking"], self._wording)
        self._small_talk = SmallTalk(small_talk, self._wording)
        groups = {f"{_FAQ}{topic}": lines(topics["phrasings"], topic) for topic in topics["phrasings"]}
        groups |= {label: lines(commands["phrasings"], label) for label in commands["phrasings"]}
        groups["offtopic"] = lines(small_talk["offtopic"], "phrases")
        self._nearest = Phrasings({label: map(self._wording.words, said) for label, said in groups.items()})
        self._likely = {question: frozenset(said.split()) for question, said in commands.get("likely", {}).items()}
        self._answers = {question: said.split() for question, said in commands.get("answers", {}).items()}
        self._kin = _kin(topics["kin"]["groups"].split("|"))
        self._other_bpjs = OtherBpjs(topics["other_bpjs"], self._wording)
        own_lead = tables.get("own_lead", {})
        self._own_lead = Commands(own_lead, self._wording)
        self._to_call = tuple(self._forms(own_lead.get("time", {}).get(key, "")) for key in ("words", "unless"))
        self._secrets = self._forms(own_lead.get("secrets", {}).get("words", ""))
        self._measures = self._forms(commands.get("measures", {}).get("words", ""))
        why = commands.get("why_it_stopped", {})
        self._why_it_stopped = (frozenset(why.get("why", "").split()), self._forms(why.get("beside", "")))
        self._ends = self._forms(commands["amend"].get("ends", ""))
        self._offices = self._forms(commands["amend"].get("offices", ""))
        self._cues = (
            self._commands.vocabulary
            | self._corrections.vocabulary
            | self._small_talk.vocabulary
            | self._sentences.words
        )

    def _forms(self, words: str) -> frozenset[str]:
        return frozenset(map(self._wording.word, words.split()))

    def topic(self, text: str) -> tuple[str, float] | None:
        """The topic of the common questions that a message is nearest to, and how near (0 to 1); None when near to none."""
        for match in self._nearest.ranked(self._wording.words(self._spelling.even(text[:MOST_LETTERS]))):
            if match.label.startswith(_FAQ):
                return (match.label.removeprefix(_FAQ), match.score) if match.score >= ASKED else None
        return None

    def answer_part(self, text: str, question: str = "") -> str:
        """The message without the clauses that ask something: "3. oh ya iurannya brp?" gives "3".

        The whole message when all of it asks, or nothing does; and where a yes permits something, as "boleh, tapi buat
        apa?" is no yes.
        """
        if question in _BINDING:
            return text
        parts = self._sentences.parts(text)
        told = [part.text for part in parts if not self._asks(part, question)]
        return " ".join(told) if told and len(told) < len(parts) else text

    def _asks(self, part: Clause, question: str) -> bool:
        return part.asks and not (question in _DENIABLE and self._sentences.denies(part.text))

    def _asks_nothing(self, text: str, raw: Sequence[str]) -> bool:
        """Whether a message only sounds like a question: "tidak punya kartu apapun", "reseller gak"."""
        return "?" not in raw and (self._sentences.denies(text) or len(self._sentences.parts(text)) == 1)

    def read(self, text: str, question: str, reads: Callable[[], bool]) -> tuple[str, ...]:
        """The labels of what a message is about, best first; never empty, never raises.

        ``which:cost,cut`` is a question that may be about one of these topics, the nearest first.
        ``reads`` tells whether the open question's own reader understands ``answer_part(text)``; called at most once.
        """
        if len(text) > MOST_LETTERS:
            text = f"{text[: MOST_LETTERS // 2]} {text[-MOST_LETTERS // 2 :]}"
        text = self._spelling.even(text)
        raw = split(text)
        understood = cache(reads)
        if raw and raw[0] == "/":
            return self._slash(text)
        words = self._wording.even(raw)
        asks = self._sentences.asks(raw, words)
        any_words = question in _IDLE | _BINDING | ANY_NAME
        if asks and not any_words and self._sentences.asks_softly(raw, words) and understood():
            asks = False
        if asks and question in _BINDING and "?" not in raw and not self._a_topic(words, question) and understood():
            asks = False  # the question's reader accounts for every word: "mboten nopo nopo", "gak keberatan kok"
        if asks and question in _DENIABLE and self._asks_nothing(text, raw) and understood():
            asks = False
        if not asks and self._cues.isdisjoint(words) and understood():
            return ("answer",)
        if not words:
            return ("help",) if set(raw) == {"?"} else ("unknown",)
        if self._asks_why_it_stopped(raw, words):
            return ("help",)  # only a clear wish ends all messages
        return self._about(text, words, question, asks, understood)

    def _a_topic(self, words: Sequence[str], question: str) -> bool:
        """Whether a message is nearly in the words of a known question: "bukan penerima upah itu apa" is no "bukan"."""
        found = self._ranked(words, question)
        return bool(found) and found[0].label.startswith(_FAQ) and found[0].score >= ASKED_TIME

    def amendment(self, text: str, question: str) -> Amendment | None:
        """The correction of an answer, with its new value, that a message gives; None where it gives none, or asks."""
        found = self._amendments.read(text, question)
        words = self._wording.words(text)
        return found if found and self._sentences.words.isdisjoint(words) and not self._our_office(words) else None

    def _our_office(self, words: Sequence[str]) -> bool:
        """Whether an office is spoken of, which is not the place of the business: "alamat kantor karanganyar"."""
        return not self._offices.isdisjoint(words)

    def denies(self, text: str) -> bool:
        """Whether a message does no more than deny what was noted: "bukan itu", "eh salah", "keliru mas"."""
        return self._amendments.only_denies(text)

    def wants_reply(self, text: str) -> bool:
        """Whether a message asks something or gives a command, whatever question is open; other messages only tell."""
        raw = split(text[:MOST_LETTERS])
        words = self._wording.even(raw)
        command = raw[:1] == ["/"] or next(self._commands.said(words, ""), None) is not None
        return command or self._sentences.asks(raw, words)

    def of_own_lead(self, text: str) -> str:
        """What a message says of one's own lead that was sent (the frames of ``own_lead.toml``); "" for nothing of the
        kind, or a wish that goes before it."""
        words = self._wording.words(self._spelling.even(text[:MOST_LETTERS]))
        before = next(self._commands.said(words, SENT), "")
        if before in _BEFORE_OWN_LEAD:
            return ""
        return next(self._own_lead.said(words, SENT), "")

    def wants_a_call(self, text: str) -> bool:
        """Whether a message speaks of being called or visited, beside which a time may be a wish: "telponnya sore aja"."""
        words, (to_call, unless) = self._wording.words(self._spelling.even(text[:MOST_LETTERS])), self._to_call
        return not to_call.isdisjoint(words) and unless.isdisjoint(words)

    def secret(self, text: str) -> bool:
        """Whether a message speaks of what nobody may ask for, a code or a password."""
        return not self._secrets.isdisjoint(self._wording.words(text[:MOST_LETTERS]))

    def stops(self, text: str) -> bool:
        """Whether a message holds a word for stopping, and is a wish to get no more messages: "berhenti, jangan hubungi
        saya", not "jangan hubungi saya"."""
        raw = split(self._spelling.even(text[:MOST_LETTERS]))
        words = self._wording.even(raw)
        if self._ends.isdisjoint(words) or self._asks_why_it_stopped(raw, words):
            return False
        return "stop" in self._commands.said(words, "")

    def _asks_why_it_stopped(self, raw: Sequence[str], words: Sequence[str]) -> bool:
        """Whether a message does no more than ask why messages stopped: "kok pesannya berhenti"."""
        why, beside = self._why_it_stopped
        asks = not why.isdisjoint(raw[:-1]) or not why.isdisjoint(words)  # "berhenti kok" insists
        return asks and not self._ends.isdisjoint(words) and (beside | self._ends | why).issuperset(words)

    def _slash(self, text: str) -> tuple[str, ...]:
        command, _, rest = plain(text).partition(" ")
        label = self._commands.slash(command)
        if label:
            return (label,)
        words = self._wording.words(f"{command[1:]} {rest}")
        if words and self._corrections.changes(words[:1]):
            return (f"correct:{self._corrections.field(words[1:]) or UNKNOWN}",)
        return next(((label,) for label in self._commands.said(words, "")), ("unknown",)) if words else ("unknown",)

    def _about(
        self, text: str, words: Sequence[str], question: str, asks: bool, understood: Callable[[], bool]
    ) -> tuple[str, ...]:
        courtesies = [c for c in self._small_talk.courtesies if c.heard(words, question)]
        for courtesy in courtesies:
            if courtesy.only(words, question):
                return ("answer",) if question in _BINDING and understood() else (courtesy.label,)
        commands = self._command(words, question)
        if commands == ("help",) and question in ANY_NAME and understood():
            commands = ()  # a name that is near to a word for not understanding: "Bu Narti", "arti"
        if commands:
            plain_answer = question in _AGREEING and not asks and commands[0] not in _PRESSING and understood()
            return ("answer", *commands) if plain_answer else commands
        if question in _IDLE and self._small_talk.settled(words):
            return ("thanks",)
        if self._small_talk.abusive(words, may_be_answer=question in ANY_NAME and understood()):
            return ("abuse",)
        rest = tuple(w for w in words if not any(w in c.words for c in courtesies))
        found = (rest != words and rest and self._command(rest, question)) or self._found(
            text, rest or words, question, asks, understood
        )
        polite = tuple(c.label for c in courtesies)
        return found + polite if found != ("unknown",) else polite or found

    def _command(self, words: Sequence[str], question: str) -> tuple[str, ...]:
        commands = tuple(self._commands.said(words, question))
        # Deletion is asked once more, while stopping acts at once: the question comes first.
        if "delete_data" in commands:
            return ("delete_data", "stop") if "stop" in commands else ("delete_data",)
        if "stop" in commands and "cancel" in commands and question not in _IDLE:  # "stop pendaftarannya"
            return ("cancel", "stop")
        if commands and commands[0] == "register":
            return ("answer",) if question == "consent" else ("register", "answer")
        return commands[:1]

    def _found(
        self, text: str, words: Sequence[str], question: str, asks: bool, understood: Callable[[], bool]
    ) -> tuple[str, ...]:
        corrected = self._corrected(words, question, asks, understood)
        if corrected:
            return corrected
        if asks:
            return self._asked(text, words, question, understood)
        return self._told(words, question, understood)

    def _corrected(
        self, words: Sequence[str], question: str, asks: bool, understood: Callable[[], bool]
    ) -> tuple[str, ...]:
        if self._commands.names_a_shop(words, question):
            return ()
        field = self._corrections.read(words, question, asks)
        if field is None:
            return ()
        if self._corrections.denied(words) and understood():
            return ("answer",) if question == REVIEW else ()
        if field == UNKNOWN and question == REVIEW and not self._corrections.changes(words) and understood():
            return ("answer", "correct:unknown")
        return (f"correct:{field}",)

    def _told(self, words: Sequence[str], question: str, understood: Callable[[], bool]) -> tuple[str, ...]:
        found = self._ranked(words, question)
        best = found[0] if found else None
        if best and question in ANY_NAME and self._surely_no_name(words, question, best):
            return (best.label,)
        if best and best.label == WARNING and self._clear(found, CLEARLY_STATED):
            return (WARNING,)  # "tadi ada yang ngaku petugas minta uang" chooses no officer
        if understood() or self._commands.names_a_shop(words, question):
            return ("answer",)
        if aside := self._aside(words, best, any_words=question in ANY_NAME):
            return (aside,)
        # Neither a command nor a question: at an open question its reader knows best how to help.
        return self._stated(words, question, found) or (("unknown",) if question in _IDLE else ("answer",))

    def _stated(self, words: Sequence[str], question: str, found: Sequence[Match]) -> tuple[str, ...]:
        """The labels of a message that asks nothing and is no answer; () where no phrasing is near enough."""
        best = found[0] if found else None
        if best is None or (best.label == "offtopic" and question in ANY_NAME):
            return ()
        if best.label in self._answers.get(EVERYWHERE, ()):
            return ()
        if question not in _IDLE and self._measures.issuperset(words):
            return ()  # "banyak", "lumayan banyak": of the question, though vaguely
        enough = STATED_IDLE if question in _IDLE else STATED
        if best.label == "help" or len(words) == 1:
            enough = STATED_HELP
        enough = _LOSING.get(best.label, enough)
        if not best.label.startswith(_FAQ):
            return (best.label,) if best.score >= enough else ()
        clear = best.label not in self._answers.get(question, ()) and self._clear(found, CLEARLY_STATED)
        if clear or question not in _IDLE:
            return (best.label,) if clear else ()
        return _which(found) if best.score >= enough else ()

    def _surely_no_name(self, words: Sequence[str], question: str, best: Match) -> bool:
        """Whether a message is so near to a known phrasing that it is no name, though a reader of names takes nearly
        anything."""
        answers = best.label in self._answers.get(EVERYWHERE, ())
        far = answers or best.label in ("help", "offtopic") or best.score < STATED_NAME or len(words) < 3
        return not far and not self._commands.names_a_shop(words, question)

    def _asked(self, text: str, words: Sequence[str], question: str, understood: Callable[[], bool]) -> tuple[str, ...]:
        parts = self._sentences.parts(text)
        found = self._ranked(words, question)
        if len(parts) > 1 and not (found and found[0].label.startswith(_FAQ) and self._clear(found)):
            asking = [part for part in parts if part.asks][-_MOST_ASKING:]
            each = (found, *(self._ranked(part.words, question) for part in asking))
            found = max(each, key=lambda matches: matches[0].rank if matches else 0.0)
        best = found[0] if found else None
        score = best.score if best else 0.0
        if question in _BINDING and len(words) <= _SHORT and score < SURELY_ASKED and understood():
            return ("answer",)  # the question's reader tells a question from a yes: "gak keberatan kok"
        if (aside := self._aside(words, best)) and not understood():
            return (aside,)
        if best and self._near(found):
            if self._says_more(parts) and understood():
                return ("answer", best.label)
            if score >= (ASKED_TIME if question == "contact_time" else ASKED_READABLE) or not understood():
                return (best.label,)
        # A reader that takes nearly any words is not trusted with a question that is near to a topic.
        if question in ANY_NAME and score >= SURELY and best is not None and best.label.startswith(_FAQ):
            return _which(found)
        return ("answer",) if understood() else _which(found)

    def _near(self, found: Sequence[Match]) -> bool:
        """Whether the nearest group answers a question that is asked."""
        best = found[0]
        if best.label.startswith(_FAQ):
            return self._clear(found)
        return best.score >= _LOSING.get(best.label, ASKED)

    def _aside(self, words: Sequence[str], best: Match | None, *, any_words: bool = False) -> str:
        """The label of a message that is about the other BPJS, or off topic and not near to any; "" for another one."""
        if self._other_bpjs.meant(words):
            return OTHER_BPJS
        far = best is None or best.score < SURELY
        return "offtopic" if far and not any_words and self._small_talk.offtopic(words) else ""

    def _says_more(self, parts: Sequence[Clause]) -> bool:
        """Whether a clause that asks nothing stands beside one that asks."""
        return any(part.asks for part in parts) and any(not part.asks for part in parts)

    def _ranked(self, words: Sequence[str], question: str) -> list[Match]:
        """The groups of phrasings that can be meant while this question is open, the likeliest first."""
        likely = self._likely.get(question, frozenset())
        found: dict[str, Match] = {}
        for match in self._nearest.ranked(words):
            label, _, only_at = match.label.partition("@")
            if (only_at and only_at != question) or (label == OTHER_BPJS and self._other_bpjs.excluded(words)):
                continue
            if self._commands.ruled_out(label, words):
                continue
            more = _LIKELIER if only_at or label in likely else 1.0
            if label not in found or match.rank * more > found[label].rank:
                found[label] = Match(label, match.score * more, match.rank * more)
        return sorted(found.values(), key=lambda match: -match.rank)

    def _clear(self, found: Sequence[Match], bounds: Sequence[tuple[float, float]] = CLEAR) -> bool:
        """Whether the nearest topic is meant, and not one of those behind it that tell something else."""
        best = found[0]
        kin = self._kin.get(best.label, frozenset())
        behind = max((match.rank for match in found[1:] if match.label not in kin), default=0.0) / best.rank
        score = max(match.score for match in found if match is best or match.label in kin)
        return any(score >= near and behind <= apart for near, apart in bounds)


def _which(found: Sequence[Match]) -> tuple[str, ...]:
    """The label that offers the nearest topics; ``unknown`` where the nearest group is none, or not near."""
    if not found or not found[0].label.startswith(_FAQ):
        return ("unknown",)
    best = found[0]
    near = [match for match in found if match.label.startswith(_FAQ) and match.score >= OFFERED]
    near = [match for match in near if match.rank >= BESIDE * best.rank][:MOST_OFFERED]
    if near == [best] and best.score >= SURELY:
        return (best.label,)  # a single button would ask for nothing
    return (WHICH + ",".join(match.label.removeprefix(_FAQ) for match in near),) if near else ("unknown",)


def _kin(groups: Sequence[str]) -> dict[str, frozenset[str]]:
    """The topics that are kin, by label: their answers help with each other's questions."""
    kin: dict[str, frozenset[str]] = {}
    for group in groups:
        labels = frozenset(f"{_FAQ}{topic}" for topic in group.split())
        for label in labels:
            kin[label] = kin.get(label, frozenset()) | labels
    return kin
