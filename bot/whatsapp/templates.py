"""Message templates: the form in which a message may reach a person whose service window is closed.

Their words are ``locales/<language>/whatsapp.toml``; a language may have some templates of its own or none. Meta's
rules: https://developers.facebook.com/documentation/business-messaging/whatsapp/templates (read 2026-11-22).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bot.channels.base import Template, encode
from bot.render import text
from conversations.engine.core import Press, Say
from conversations.rules.size import shortened, size
from locales import BOLD_OFF, BOLD_ON, SOURCE, Catalog, languages
from locales.tables import own_table, read_table

BODY = 1024  # characters, with all fields filled
LABEL = 25  # characters of a quick reply
NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("utility", "marketing")


@dataclass(frozen=True, slots=True)
class Form:
    """A template as written by us. ``says``: keys of the messages that it can stand for. ``buttons``: its quick
    replies, each as (press, such as "lead.take"; label). ``empty``: by field, the word in place of an empty value."""

    name: str
    language: str
    category: str
    body: str
    says: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...] = ()
    empty: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the template's fields, in order."""
        return tuple(name for _, name, _, _ in string.Formatter().parse(self.body) if name is not None)

    def fits(self, say: Say) -> bool:
        """Whether the template can stand for a message: the message's key, and a button for each quick reply of the
        template."""
        pressed = {_path(button.press) for button in say.buttons}
        return say.text.key in self.says and all(press in pressed for press, _ in self.buttons)

    def filled(self, say: Say, catalog: Catalog) -> Template:
        """The template filled with a message's values, each in one line, and all within the length that a body may have."""
        given = {name: one_line(text(say.text.fields[name], catalog)) for name in self.fields}
        values = [given[name] or self.empty.get(name, "-") for name in self.fields]
        fixed = size(self.body.format(**dict.fromkeys(self.fields, "")))
        presses = {_path(button.press): button.press for button in say.buttons}
        data = tuple(encode(presses[press]) for press, _ in self.buttons)
        return Template(self.name, self.language, self.category, tuple(_shortened(values, BODY - fixed)), data)


def _path(press: Press) -> str:
    return f"{press.dialogue}.{press.question}"


def one_line(words: str) -> str:
    """A text in one line: lines joined by "; ", runs of spaces as one, no full stop at the end, as the body has its own
    (error 132018 otherwise).

    >>> one_line("Nama: Bu Siti\\n\\nUsaha:\\t  warung.")
    'Nama: Bu Siti; Usaha: warung'
    """
    plain = words.replace(BOLD_ON, "").replace(BOLD_OFF, "")
    return "; ".join(" ".join(line.split()) for line in plain.split("\n") if line.strip()).rstrip(". ")


def _shortened(values: list[str], room: int) -> list[str]:
    """Values cut to ``room`` characters in all: the longest is cut first."""
    while (over := sum(map(size, values)) - room) > 0:
        longest = max(range(len(values)), key=lambda at: size(values[at]))
        values[longest] = shortened(values[longest], max(2, size(values[longest]) - over))
    return values


# ------------------------------------------------------------------------------------------------ all of them


@cache
def forms(language: str = SOURCE) -> tuple[Form, ...]:
    """The templates that a language has of its own, in the order of its file; any other message uses the source's
    template."""
    return tuple(
        Form(
            name,
            language,
            one["category"],
            one["body"],
            tuple(one["says"]),
            tuple((button["press"], button["label"]) for button in one.get("buttons", ())),
            one.get("empty", {}),
        )
        for name, one in own_table("whatsapp", language).get("templates", {}).items()
    )


def template(say: Say, catalog: Catalog, usable: Mapping[str, str]) -> Template | None:
    """The template that stands for a message, filled: the first that fits and is usable; None without any.

    ``usable``: the category of each approved template, by name; the platform's category goes before ours.
    """
    form = next((form for form in forms(catalog.language) if form.name in usable and form.fits(say)), None)
    if form is None:
        return None
    filled = form.filled(say, catalog)
    return filled._replace(category=usable[form.name] or form.category)


def problems(catalog: Catalog) -> list[str]:
    """Faults of a language's templates that Meta would refuse or that we could not fill, one line each."""
    return [f"{form.name}: {problem}" for form in forms(catalog.language) for problem in _problems(form, catalog)]


def _problems(form: Form, catalog: Catalog) -> Iterator[str]:
    if not NAME.fullmatch(form.name):
        yield "its name has other characters than a-z, 0-9 and _"
    if form.category not in CATEGORIES:
        yield f"{form.category} is no category"
    if form.body.startswith("{") or form.body.endswith("}"):
        yield "its body begins or ends with a field"
    if size(form.body) > BODY or re.search(r"[\n\t]| {4}", form.body):
        yield "its body is too long, or has more than one line"
    if any(size(label) > LABEL for _, label in form.buttons):
        yield f"a label is longer than {LABEL} characters"
    for key in form.says:
        if key not in catalog.sentences:
            yield f"there are no words {key}"
        elif not catalog.sentences[key].fields.issuperset(form.fields):
            yield f"{key} has no such field"
    if not set(form.fields) <= set(_examples(form.language)):
        yield "a field has no example"


def as_submitted(form: Form) -> dict[str, Any]:
    """The template as the Graph API takes it (POST /<account>/message_templates): fields numbered, with examples."""
    numbers = {name: f"{{{{{number}}}}}" for number, name in enumerate(form.fields, 1)}
    examples = _examples(form.language)
    body: dict[str, Any] = {"type": "BODY", "text": form.body.format(**numbers)}
    if form.fields:
        body["example"] = {"body_text": [[examples[name] for name in form.fields]]}
    replies = [{"type": "QUICK_REPLY", "text": label} for _, label in form.buttons]
    return {
        "name": form.name,
        "language": form.language,
        "category": form.category.upper(),
        "components": [body, *([{"type": "BUTTONS", "buttons": replies}] if replies else [])],
    }


def every_form() -> tuple[Form, ...]:
    """The templates of all languages, the source's first."""
    return tuple(form for language in languages() for form in forms(language))


def choose(language: str = "") -> str:
    """The label of the button that opens a list of choices, in this language ("": the source)."""
    return str(read_table("whatsapp", language or SOURCE)["choose"])


def _examples(language: str) -> Mapping[str, str]:
    found: Mapping[str, str] = read_table("whatsapp", language)["examples"]
    return found
