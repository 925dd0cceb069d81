"""Answers told unasked, besides the one asked for: "warung bu sri di laweyan, 3 orang", said where the trade was asked.

Taken only where they cannot mean anything else; a doubtful one is asked in its turn, which costs one message and never
a wrong record. Each clause is read by itself: an age beside a head count makes neither of them doubtful. The words that
lead the way stand in the table ``volunteered`` of ``choices.toml``; what stands behind them is read by the reader of
its own question, so that it means here what it would mean there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from conversations.engine.core import Ask, Dialogue, Edit, Heard, Instead, NotUnderstood, Reading, Scene
from conversations.hear.names import Name
from conversations.hear.readers import told_trade
from conversations.hear.text.readings import Count
from conversations.hear.text.words import clean, plain
from conversations.hear.trades import Trade

from .notes import kin_of

PERMISSION = "consent"  # the key of the question whose yes permits to keep
DEAF = frozenset({PERMISSION, "confirm"})  # before the permission nothing is taken, and at a review nothing is new
MAX_LETTERS = 200  # of one message; a longer story holds more than one business, place or crew
SHORT_WORDS = 3  # so few words may as a whole be the trade, told before it is asked
DOING_WORDS = 8  # so few with a word of doing among them: "menjual penyetan di kios"
_END = re.compile(r"[,.;:()\n]|\d")
_CLAUSE = re.compile(r"[,.;!](?=\s|$)|(?<=\?)\s")
MOBILE = re.compile(r"(?<!\d)(?:\+?62|0)[ .-]?8(?:[ .-]?\d){7,11}(?!\d)")

# What a clause tells by its leading word, for the reader of the question of that key.
_BY_LEADING_WORD = ("under_65", "member", "income", "contact_time")


def volunteered(dialogue: Dialogue, key: str, text: str, scene: Scene) -> dict[str, Any]:
    """Values of other questions of the registration, still unanswered, by key; ``key`` is the open question's."""
    if dialogue.name != "registration" or key in DEAF or not text or len(text) > MAX_LETTERS:
        return {}
    return told(dialogue, key, text, scene)


def told(dialogue: Dialogue, key: str, text: str, scene: Scene) -> dict[str, Any]:
    """As :func:`volunteered`, whatever question is open and however long the words are: of what is said twice the first
    counts."""
    found: dict[str, Any] = {}
    for line in text.split("\n"):
        if _doubtful(line, scene):
            continue
        for clause in _clauses(line):
            now = scene._replace(answers={**scene.answers, **found})
            found = _of_clause(dialogue, clause, key, now) | found
    new = {name: value for name, value in found.items() if name != key and _is_open(dialogue, name, scene)}
    return _asked_there(dialogue, new, scene)


def own_part(dialogue: Dialogue, key: str, text: str, scene: Scene) -> str:
    """The message without the clauses that answer other questions: "2 orang, umur saya 50" gives "2 orang" where the
    count is asked; the whole message where nothing else is told, or nothing remains."""
    clauses = _clauses(text) if dialogue.name == "registration" and key not in DEAF and len(text) <= MAX_LETTERS else []
    if len(clauses) < 2:
        return text
    own = [clause for clause in clauses if not (told := _of_clause(dialogue, clause, key, scene)) or key in told]
    return ", ".join(own) if own and len(own) < len(clauses) else text


def _clauses(line: str) -> list[str]:
    return [part.strip() for part in _CLAUSE.split(line) if part.strip()]


def _doubtful(line: str, scene: Scene) -> bool:
    """Whether a message may be about somebody else's shop, another time, or being employed."""
    words, said = _words(scene), _any(_words(scene)["harmless"]).sub("", plain(line))
    if _any(words["doubt"]).search(said):
        return True
    kin = kin_of(scene.answers) or scene.world.knows.ear.proxies.read(line)
    return not kin and bool(_any(words["kin"]).search(said))


def _of_clause(dialogue: Dialogue, clause: str, key: str, scene: Scene) -> dict[str, Any]:
    """What one clause tells; a question tells nothing."""
    asks = "?" in clause or _any(_words(scene)["asking"]).search(plain(clause))
    return {} if asks else dict(_told(dialogue, clause, key, scene))


def _is_open(dialogue: Dialogue, key: str, scene: Scene) -> bool:
    """Whether this answer was not given: it was not asked for, or passed over, and would make no other answer void."""
    question = dialogue.question(key)
    if question is None or scene.answers.get(key) is not None:
        return False
    asked_for = key not in scene.answers and question.default is None
    return asked_for or not scene.answers.keys() & set(question.resets)


def _asked_there(dialogue: Dialogue, new: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """These answers; of a business where no officer works only those that are asked about it."""
    after = scene._replace(answers={**scene.answers, **new})
    regency = after.answers.get("regency", "")
    if not regency or scene.world.knows.ear.places.served(regency):
        return new
    return {name: value for name, value in new.items() if (q := dialogue.question(name)) and q.when(after)}


def elsewhere(dialogue: Dialogue, key: str, text: str, scene: Scene) -> dict[str, Any]:
    """The trade, where a message that answers nothing else is from its first word to its last the name of one: "soto",
    said where the town was asked. By key; {} where it is not, or the trade is known."""
    if dialogue.name != "registration" or key in DEAF or "sector" in (key, *scene.answers):
        return {}
    said = clean(text).casefold().strip(" .!")
    if _any(_words(scene)["street"]).search(said):
        return {}  # "jl mawar 12", "gang kelinci"
    words = len(said.split())
    found = scene.world.knows.ear.trades.read(said) if 0 < words <= DOING_WORDS else None
    if not isinstance(found, Trade) or found.said.casefold() != said:
        return {}
    return {"sector": told_trade(found)} if words <= SHORT_WORDS or found.doing else {}


def briefer(key: str, value: Any, text: str, scene: Scene) -> Any:
    """The trade in the words that tell it, without the place and the people told beside it; any other value unchanged."""
    short = _trade(text, scene) if key == "sector" else None
    return short if short and short["category"] == value["category"] else value


def _told(dialogue: Dialogue, text: str, key: str, scene: Scene) -> Iterator[tuple[str, Any]]:
    name = _name(text, scene)
    if name:
        yield "name", name
    if trade := _trade(text, scene):
        yield "sector", trade
    yield from _place(text, key, scene, trade is not None or "sector" in scene.answers)
    yield from _people(dialogue, text, scene)
    if shop := _business_name(text, scene):
        yield "business_name", shop
    if number := MOBILE.search(text):
        yield from _as_asked(dialogue, "phone", number[0], scene)
        text = text.replace(number[0], " ").strip(" ,")
        if not scene.world.knows.ear.times.names_a_way(text):  # "wa saya 0812…" says whose number it is
            yield from _as_asked(dialogue, "contact_time", text, scene)  # "0812… pagi jam 9"
    if _any(_words(scene)["others"]).search(plain(text)):
        return  # "suami belum punya bpjs"
    for asked in _BY_LEADING_WORD:
        if _leading(_words(scene)[asked]).search(plain(text)):
            yield from _as_asked(dialogue, asked, text, scene)


def _as_asked(dialogue: Dialogue, key: str, text: str, scene: Scene) -> Iterator[tuple[str, Any]]:
    """What these words answer to the question of this key; nothing where they would turn the person away, or are not
    plain."""
    question = dialogue.question(key)
    try:
        read = question.hears(Heard(text=text), scene) if question else None
    except (Ask, Edit, Instead, NotUnderstood):
        return
    value, also = (read.value, read.also) if isinstance(read, Reading) else (read, {})
    if value is None or value in _TURNS_AWAY.get(key, ()):
        return
    yield key, value
    yield from also.items()


# Answers that turn somebody away are asked for, never taken by the way.
_TURNS_AWAY: Mapping[str, tuple[Any, ...]] = {"under_65": ("no",), "member": ("yes",)}


def _words(scene: Scene) -> Mapping[str, tuple[str, ...]]:
    return scene.world.knows.ear.choices.volunteered


def _name(text: str, scene: Scene) -> dict[str, str] | None:
    """The name behind "nama saya …", or behind "saya" with a form of address: "saya Bu Harni dari Klaten"."""
    said, words = clean(text), _words(scene)
    lead = re.search(
        rf"(?<!\w)(?:(?:{_either(words['called'])})|(?:{_either(words['me'])})\s+(?=(?:{_either(words['whose'])})\s))",
        said,
        re.IGNORECASE,
    )
    if lead is None:
        return None
    rest = said[lead.start() :]
    end = _any((*words["at"], *words["trade"], "dari", "saking")).search(rest.casefold())
    found = scene.world.knows.ear.names.read(rest[: end.start()] if end else rest)
    return {"name": found.value, "address": found.address} if isinstance(found, Name) else None


def _place(text: str, key: str, scene: Scene, trade_told: bool) -> Iterator[tuple[str, Any]]:
    """The place: before it is asked only beside a trade, as people also say where they live; later only a district of
    their regency."""
    found = scene.world.knows.ear.places.mentioned(text) if key != "regency" else None
    if found is None:
        return
    regency = scene.answers.get("regency")
    if regency is None:
        if not (trade_told or _business_name(text, scene)):
            return
        yield "regency", found.regency
    elif regency != found.regency:
        return
    if found.district and scene.world.knows.ear.places.served(found.regency):
        yield "district", found.district


def _people(dialogue: Dialogue, text: str, scene: Scene) -> Iterator[tuple[str, Any]]:
    """The head count: a plain number right beside a word for workers, the only number that was said; and whether they
    are paid, where the words right behind it say so."""
    words = _words(scene)
    said = plain(text)
    if _any(words["alone"]).search(said):
        yield "workers", [0, 0]
        return
    if _any(words["together"]).search(said) or len(re.findall(r"\d+", said)) > 1:
        return
    number, crew = r"\d{1,2}|" + _either(words["numbers"]), _either(words["crew"])
    found = list(re.finditer(rf"(?<!\w)(?:(?:{number})\s*(?:{crew})|(?:{crew})\s*(?:nya\s*)?(?:{number}))(?!\w)", said))
    if len(found) != 1:
        return
    count = scene.world.knows.ear.people.read(found[0][0])
    if not isinstance(count, Count) or count.low is None or count.low != count.high:
        return
    yield "workers", [count.low, count.high]
    paid = _any(words["paid"]).match(re.sub(rf"^\s*(?:{crew})?\s*", "", said[found[0].end() :]))
    if paid and count.low:
        yield "wages", "all"


def _trade(text: str, scene: Scene) -> dict[str, Any] | None:
    """The trade, from the word for a business on ("jualan …", "punya warung …") to the place, the number or the comma
    after it."""
    said, words = clean(text), _words(scene)
    lead = _any(words["trade"]).search(said.casefold())
    if lead is None:
        return None
    rest = said[lead.start() :]
    ends = (_END.search(rest), _any((*words["at"], *words["under_65"])).search(rest.casefold()))
    crew = _any(words["crew"]).search(rest.casefold(), 1) if lead[0] not in words["crew"] else None
    end = min((m.start() for m in (*ends, crew) if m), default=len(rest))
    trades, said = scene.world.knows.ear.trades, rest[:end]
    found = trades.read(said)
    bare = re.sub(rf"^(?:(?:{_either(words['owning'])})(?:\s+|$))+", "", said, flags=re.IGNORECASE)
    goods = trades.read(bare) if bare and bare != said else found
    if not isinstance(found, Trade):
        found = goods  # "punya usaha satu lagi katering"
    if not isinstance(found, Trade):
        return None
    same = isinstance(goods, Trade) and goods.category == found.category
    return told_trade(replace(found, said=goods.said) if same and isinstance(goods, Trade) else found)


def _business_name(text: str, scene: Scene) -> str | None:
    """The name of the business, such as "warung bu sri" or "toko pak no jaya": a shop, perhaps its goods, and whose it is."""
    said, words = clean(text), _words(scene)
    if named := re.search(
        rf"(?<!\w)(?:{_either(words['named'])})(?:nya|ne|e)?(?: namanya| jenenge)?[ :]+(\S.*)", said, re.IGNORECASE
    ):
        return named[1] if not _any(words["no_name"]).search(named[1].casefold()) else None
    shop, whose, at = _either(words["shop"]), _either(words["whose"]), _either(words["at"])
    found = re.search(
        rf"(?<!\w)(?:{shop})(?:\s+(?!(?:{at})\s)[^\W\d_]+){{0,2}}?\s+(?:{whose})\s+(?!(?:{at})\s)[^\W\d_]{{2,}}(?!\w)",
        said,
        re.IGNORECASE,
    )
    return found[0] if found else None


@cache
def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_either(words)})(?!\w)")


@cache
def _leading(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these words, with what Indonesian and Javanese hang on behind them."""
    return re.compile(rf"(?<!\w)(?:{_either(words)})(?:nya|ne|e|ku)?(?!\w)")


@cache
def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
