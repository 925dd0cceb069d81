"""Reader of yes and no. A yes that was not given is the worst mistake of all, so any doubt is unclear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rapidfuzz.distance import OSA

from conversations.hear.text.phrases import TOO_LONG, Phrases, PhraseTag, Word, tokens, too_long
from conversations.hear.text.spelling import AS_WRITTEN, Spelling

from .age import under_65
from .numbers import Numbers

Answer = Literal["yes", "no", "unclear"]
HeldBack = Literal["wish", "limit", ""]

# Questions where a yes has consequences (data are kept or erased, a lead is sent, a person is turned away): every word must
# be known.
_BINDING = frozenset({"consent", "confirm", "sure", "allow", "under_65", "member"})
_STRANGERS = 2  # unknown words that a yes may stand beside at other questions, and a refusal anywhere
_SHORTEST_NEAR = 6  # letters; shorter words are too easily others ("benar", "besar")
_DOUBTS = ("question", "request", "condition", "unknown", "exclaim", "almost", "younger", "older", "old")
_SILENT = frozenset({"address", "polite", "sorry", "thanks"})
_UNDOING = frozenset({"sure", "allow"})  # where something went wrong nothing is erased or allowed
_FILLING = _SILENT | {"of_age", "an", "still"}
_OF_AGE = frozenset({"under_65", "member"})
# Tags of phrases that may stand between "tidak" and the words that it denies.
_BETWEEN = _FILLING | {"soft_yes", "have", "fill"}


class YesNo:
    """The reader of yes and no. ``table`` is ``yesno.toml``: ``[phrases]`` by tag. Without ``numbers`` an age is read
    in digits only."""

    def __init__(
        self, table: Mapping[str, Any], numbers: Numbers | None = None, spelling: Spelling = AS_WRITTEN
    ) -> None:
        self._numbers, self._spelling = numbers, spelling
        self._phrases = Phrases({tag: map(spelling.even, phrases) for tag, phrases in table["phrases"].items()})
        everything = (phrase for phrases in table["phrases"].values() for phrase in phrases)
        self._vocabulary = frozenset(word.text for phrase in everything for word in tokens(phrase))
        #: words that say something by themselves, so that a spelling of them may be known by its sound
        self._telling = frozenset(
            word
            for tag, phrases in table["phrases"].items()
            for word in map(spelling.even, phrases)
            if tag not in _FILLING
        )
        self._near: dict[tuple[str, int], list[str]] = {}
        for word in filter(str.isalpha, self._telling):
            for length in range(len(word) - 1, len(word) + 2) if len(word) >= _SHORTEST_NEAR else ():
                self._near.setdefault((word[0], length), []).append(word)

    def read(self, text: str, question: str = "") -> Answer:
        """The answer to a question of this kind: consent, confirm, income_offer, under_65, member or any other.

        >>> words = {"yes": ["ya"], "want": ["mau"], "not": ["gak"], "question": ["?"]}
        >>> [YesNo({"phrases": words}).read(text) for text in ("Ya", "gak mau", "ya?")]
        ['yes', 'no', 'unclear']
        """
        text = self._spelling.narrow(text, self._telling)
        words = () if too_long(text) else tokens(text)
        if not words or len(words) > TOO_LONG:
            return "unclear"
        items = self._phrases.tagged([self._corrected(word) for word in _doubled(words)])
        if question == "under_65":
            aged = under_65(self._phrases.tagged(self._in_figures(text)))
            if aged:
                return aged
        chosen = _button(items)
        return chosen or _weighed(items, question)

    def held_back(self, text: str) -> HeldBack:
        """What willing words say that give no permission: the ``wish`` to be registered, a ``limit`` to what is permitted;
        "" for any other.

        >>> YesNo({"phrases": {"permit": ["boleh"], "limit": ["jangan disebar"]}}).held_back("boleh tapi jangan disebar")
        'limit'
        """
        if too_long(text):
            return ""
        items = self._phrases.tagged(tokens(self._spelling.narrow(text, self._telling)))
        names = {item.name for item in items if isinstance(item, PhraseTag)}
        if names & {"not", "no", "question", "later", "lacking"}:
            return ""
        return "limit" if "limit" in names else "wish" if "join" in names else ""

    def _in_figures(self, text: str) -> list[Word]:
        """The words of a text with spoken numbers in figures: "enam puluh" as "60"."""
        if self._numbers is None:
            return list(tokens(text))
        out: list[Word] = []
        for piece in self._numbers.pieces(text):
            if isinstance(piece, Word):
                out.append(piece)
            else:
                out.append(Word(str(piece.value), piece.glued))
                out.extend([Word("an", glued=True)] if piece.approx else [])
        return out

    def _corrected(self, word: Word) -> Word:
        """A word one slip away from exactly one known word, as that word; any other word unchanged."""
        if len(word.text) < _SHORTEST_NEAR or not word.text.isalpha() or word.text in self._vocabulary:
            return word
        known = self._near.get((word.text[0], len(word.text)), ())
        close = [near for near in known if OSA.distance(word.text, near, score_cutoff=1) <= 1]
        return Word(close[0], word.glued) if len(close) == 1 else word


def _doubled(words: Sequence[Word]) -> list[Word]:
    """The words with "apa2" as "apa apa"."""
    out: list[Word] = []
    for word in words:
        twice = word.text == "2" and word.glued and out and out[-1].text.isalpha()
        out.append(Word(out[-1].text) if twice else word)
    return out


def _button(items: Sequence[Word | PhraseTag]) -> Answer | None:
    """1 is yes and 2 is no, where nothing else is said that matters."""
    said = [item for item in items if not (isinstance(item, PhraseTag) and item.name in _SILENT | {"up"})]
    said = [item for item in said if isinstance(item, PhraseTag) or item.text[0].isalnum()]
    if not any(isinstance(item, PhraseTag) and item.name in ("one", "two") for item in said):
        return None
    names = [item.name.removeprefix("soft_") if isinstance(item, PhraseTag) else "" for item in said]
    if names in (["one"], ["yes", "one"], ["one", "yes"]):
        return "yes"
    return "no" if names in (["two"], ["not", "two"], ["two", "not"], ["no", "two"]) else "unclear"


def _weighed(items: Sequence[Word | PhraseTag], question: str) -> Answer:
    votes, asks = _votes(items, question)
    names = {item.name for item in items if isinstance(item, PhraseTag)}
    doubt = (
        asks
        or (question == "consent" and "join" in names)
        or "limit" in names
        or (question in _UNDOING and "fault" in names)
        or bool(names.intersection(_DOUBTS))
        or any(_is_number(item) for item in items)
    )
    if "later" in names and not doubt and "yes" not in votes:
        return "unclear" if question == "confirm" and "no" not in votes else "no"
    if not votes and (_leads(items, "soft_yes") if question in _BINDING else "soft_yes" in names):
        votes = {"yes"}
    if not votes:
        return "unclear"
    if votes == {"no"}:
        return "no" if not asks and _refuses(items, question) else "unclear"
    if "fault" in votes:
        return "no" if not asks and "question" not in names else "unclear"
    if "no" in votes or doubt or "later" in names or (question == "consent" and not names & _PERMITTING):
        return "unclear"
    return "yes" if _accounted_for(items, question) else "unclear"


def _refuses(items: Sequence[Word | PhraseTag], question: str) -> bool:
    """Whether a no refuses: at the permission it neither supposes ("kalau nolak …") nor tells of much else."""
    supposes = isinstance(items[0], PhraseTag) and items[0].name == "condition"
    return question != "consent" or not (supposes or _strangers(items) > _STRANGERS)


def _accounted_for(items: Sequence[Word | PhraseTag], question: str) -> bool:
    """Whether a yes is all that was said: an unknown word beside "mau" or "benar" may be one more spelling of "tidak",
    or about something else. Behind a comma or a full stop may follow anything that does not take the yes back."""
    if question not in _BINDING:
        return _strangers(items) <= _STRANGERS
    clause = next(clause for clause in _clauses(items) if clause)
    said = {item.name for item in clause if isinstance(item, PhraseTag)}
    is_yes = bool(said & _ASSENT) or (isinstance(clause[0], PhraseTag) and clause[0].name == "soft_yes")
    aged = () if question in _OF_AGE else ("of_age",)
    return not _strangers(items, *aged) or (is_yes and not _strangers(clause, *aged))


def _strangers(items: Sequence[Word | PhraseTag], *tags: str) -> int:
    """How many words are of no list, or of a list that has nothing to do with the question."""
    words = sum(1 for item in items if isinstance(item, Word) and item.text.isalpha())
    return words + sum(1 for item in items if isinstance(item, PhraseTag) and item.name in tags)


def _clauses(items: Sequence[Word | PhraseTag]) -> list[list[Word | PhraseTag]]:
    """The clauses between commas, full stops and their kin."""
    clauses: list[list[Word | PhraseTag]] = [[]]
    for item in items:
        if isinstance(item, Word) and item.text in _ENDS:
            clauses.append([])
        else:
            clauses[-1].append(item)
    return clauses


def _leads(items: Sequence[Word | PhraseTag], name: str) -> bool:
    """Whether nothing but forms of address stands before the first phrase of this list: "kak ya", not "lucu ya"."""
    for item in items:
        if isinstance(item, PhraseTag) and item.name == name:
            return True
        if not (isinstance(item, PhraseTag) and item.name == "address") and item.text[0].isalnum():
            return False
    return False


def _is_number(item: Word | PhraseTag) -> bool:
    return item.text[0].isdecimal()


def _votes(items: Sequence[Word | PhraseTag], question: str) -> tuple[set[str], bool]:
    """The votes of the words, one by one: yes, no and fault; and whether a "tidak" at the end makes them a question."""
    votes: set[str] = set()
    denying = ""
    content = asks = refused = False
    for item, before in zip(items, (None, *items), strict=False):
        name = item.name if isinstance(item, PhraseTag) else ""
        if before and name and item.text == before.text:
            continue  # "gak usah simpen2"
        if name in ("not", "lacking"):
            if denying or (content and not votes):
                asks = True  # "aman gak kak", "wajib gak"
            denying = name
            continue
        vote = "" if refused and name in ("want", "permit", "fill") else _vote(name, question)
        refused = refused or name == "no"  # "emoh ngisi"
        if denying and (vote or name in ("want", "permit", "join", "right", "fault", "erase", "done", "fill")):
            votes.add(_denied(name, vote, denying, question))
            denying = ""
        elif denying and name not in _BETWEEN and name not in _DOUBTS:
            denying = denying if not name and question == "confirm" else _given_up(votes)
        elif vote:
            votes.add(vote)
        content = content or (name not in _BETWEEN and item.text[0].isalnum())
    if denying:
        asks = asks or bool(votes & {"yes"})  # "boleh gak ya": a question, not a refusal
        votes.add("fault" if denying == "lacking" and question == "confirm" else "no")
    votes.discard("")
    return votes, asks


def _given_up(votes: set[str]) -> str:
    """ "Tidak" before an unknown word denies that word, whatever it is: a vote for no."""
    votes.add("no")
    return ""


def _denied(name: str, vote: str, denying: str, question: str) -> str:
    if name in ("fault", "erase") and question == "confirm":
        return "yes" if denying == "not" else "no"
    if name in ("no_objection", "no", "down"):
        return vote
    return "fault" if denying == "lacking" and question == "confirm" else "no"


_ASSENT = frozenset({"yes", "no_objection", "up", "permit", "right"})
# What permits; that something is right ("betul itu pak") agrees with whoever said it.
_PERMITTING = frozenset({"yes", "soft_yes", "no_objection", "up", "permit", "want", "go_on"})
_ENDS = frozenset(",.!;\n")
# The answer that a phrase gives by itself: at every question, or (``_AT``) only at some.
_ALWAYS = {"yes": "yes", "no_objection": "yes", "up": "yes", "permit": "yes", "right": "yes", "no": "no", "down": "no"}
_AT: dict[str, dict[str, str]] = {
    "consent": {"want": "yes", "go_on": "yes"},
    "confirm": {"fault": "fault", "erase": "fault", "done": "yes", "go_on": "yes"},
    "sure": {"go_on": "yes", "want": "yes", "done": "yes", "erase": "yes"},
    "income_offer": {"want": "yes", "skip": "no", "fill": "yes"},
    "under_65": {"want": "yes", "still": "yes"},
}
_AT_OTHERS = {"go_on": "yes", "want": "yes", "done": "yes", "have": "yes", "join": "yes"}


def _vote(name: str, question: str) -> str:
    """The vote of a phrase of the list ``name`` at this question; "" for none."""
    return _ALWAYS.get(name) or _AT.get(question, _AT_OTHERS).get(name, "")
