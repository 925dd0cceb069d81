"""The functions that make questions: ``ask``, ``pick``, ``place``, ``review``.

The path of a question (``registration.name``) begins the key of every sentence about it: ``.ask``, ``.label``,
``.hint``, ``.taken``, and one key for each choice.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from conversations.engine.overview import review_groups, reviewed_questions
from conversations.hear.places.reader import Place
from conversations.hear.text.readings import Unsure
from conversations.rules.formatting import note_rows

from .core import (
    Ask,
    Button,
    Dialogue,
    Edit,
    Field,
    Heard,
    Lines,
    NotUnderstood,
    Press,
    Question,
    Reader,
    Reading,
    Say,
    Scene,
    Show,
    Text,
)

YES_NO = ("yes", "no")
SKIP = "skip"
CHANGE = "correct"  # the command that changes an answer


def always(scene: Scene) -> bool:
    return True


def no_choices(scene: Scene) -> tuple[str, ...]:
    return ()


def as_said(value: Any, scene: Scene) -> Field:
    """The answer itself, shown as it was given."""
    return str(value)


def ask(
    path: str,
    hears: Reader,
    *,
    choices: Callable[[Scene], tuple[str, ...]] = no_choices,
    show: Show = as_said,
    prompt: Callable[[Scene], Text] | None = None,
    short_again: bool = False,
    again: Callable[[Scene], Text] | None = None,
    label: Callable[[str, Scene], Text | str] | None = None,
    when: Callable[[Scene], bool] = always,
    optional: bool = False,
    **more: Any,
) -> Question:
    """A question answered in the person's own words; ``path`` is ``dialogue.key``. An ``optional`` one may be skipped.

    ``short_again``: there is a shorter prompt (``.again``) for when the question is put again at once; ``again`` gives it
    where it holds fields.
    """
    put = prompt or (lambda scene: Text(f"{path}.ask"))

    def offered(scene: Scene) -> tuple[str, ...]:
        return (*choices(scene), SKIP) if optional else choices(scene)

    def reader(heard: Heard, scene: Scene) -> Any:
        said = heard.pressed.value if heard.pressed else heard.text
        choices = scene.world.knows.ear.choices
        if optional and (said == SKIP or choices.skips(said) or choices.nothing(said)):
            return None
        return hears(heard, scene)

    def shown(value: Any, scene: Scene) -> Field:
        return Text("not_given") if value is None else show(value, scene)

    return Question(
        key=path.partition(".")[2],
        hears=reader,
        choices=offered,
        show=shown,
        when=when,
        prompt=put,
        again=again or ((lambda scene: Text(f"{path}.again")) if short_again else put),
        label=label or (lambda value, scene: Text(f"{path}.{value}")),
        optional=optional,
        **more,
    )


def pick(
    path: str,
    choices: tuple[str, ...] | Callable[[Scene], tuple[str, ...]],
    *,
    show: Show | None = None,
    besides: tuple[str, ...] = (),
    unclear: Callable[[str, Scene], str] = lambda said, scene: "not_a_choice",
    **more: Any,
) -> Question:
    """A question answered by one of a few choices: pressed, numbered, or typed in words that mean it.

    ``besides`` are more values that are only typed. ``unclear`` names the sentence that answers words which choose none.
    """
    offered = choices if callable(choices) else lambda scene: choices
    key = path.partition(".")[2]

    def hears(heard: Heard, scene: Scene) -> str:
        options = (*offered(scene), *besides)
        ear = scene.world.knows.ear
        if heard.pressed:
            if heard.pressed.value in options:
                return heard.pressed.value
            raise NotUnderstood("not_a_choice")
        if (chosen := ear.choices.read(heard.text, path, options)) is not None:
            return chosen
        if set(YES_NO) <= set(options) and (said := ear.yesno.read(heard.text, key)) != "unclear":
            return said
        raise NotUnderstood(unclear(heard.text, scene))

    def its_label(value: Any, scene: Scene) -> Field:
        return Text(f"{path}.{value}")

    return ask(path, hears, choices=offered, show=show or its_label, besides=besides, **more)


def place(path: str, within: str = "", **more: Any) -> Question:
    """A question for a regency, or with ``within`` for a district of the regency answered there. Its answer is a
    Kemendagri code."""

    def hears(heard: Heard, scene: Scene) -> Any:
        places = scene.world.knows.ear.places
        if heard.pressed:
            if places.knows(heard.pressed.value) and _within(heard.pressed.value, scene.answers.get(within, "")):
                return heard.pressed.value
            raise NotUnderstood(f"{path}.unclear")
        found = places.district(heard.text, scene.answers[within]) if within else places.regency(heard.text)
        if isinstance(found, Unsure):
            if found.candidates:
                raise Ask(f"{path}.which", found.candidates)
            raise NotUnderstood("place_wide" if found.why == "place.wide" else f"{path}.unclear")
        if within and not found.district:
            raise NotUnderstood(f"{path}.unclear")
        return _placed(found, within)

    def show(value: Any, scene: Scene) -> Field:
        return scene.world.knows.ear.places.name(value)

    def label(value: str, scene: Scene) -> Text | str:
        return Text(f"{path}.skip") if value == SKIP else scene.world.knows.ear.places.name(value)

    return ask(path, hears, show=show, label=label, **more)


def _within(code: str, regency: str) -> bool:
    """Whether a code is a district ("33.72.01") of this regency ("33.72"), or without one a regency; an old button may
    name another regency's district."""
    return code.startswith(regency + ".") if regency else code.count(".") == 1


def _placed(found: Place, within: str) -> Any:
    if within:
        return Reading(found.district, found.plain)
    return Reading(found.regency, found.plain, {"district": found.district} if found.district else {})


def review(path: str, dialogue: Callable[[], Dialogue]) -> Question:
    """The question that shows all answers in groups. *Send* counts only for the very answers it stood under; any item
    can be changed."""

    def items(scene: Scene) -> tuple[str, ...]:
        given = dialogue().applying(scene)
        return tuple(question.key for question in reviewed_questions(dialogue()) if question.key in given)

    def hears(heard: Heard, scene: Scene) -> str:
        said = heard.pressed.value if heard.pressed else heard.text
        if heard.pressed and said in items(scene):
            raise Edit(said)
        chosen = (
            said if heard.pressed else scene.world.knows.ear.choices.read(said, path, ("send", "change"), near=False)
        )
        if chosen is None and not heard.pressed:
            chosen = {"yes": "send", "no": "change"}.get(scene.world.knows.ear.yesno.read(said, "confirm"))
        if chosen == "send":
            return "send"
        if chosen == "change":
            raise Ask(f"{path}.which", items(scene))
        raise NotUnderstood(f"{path}.unclear")

    def prompt(scene: Scene) -> Text:
        return Text(f"{path}.ask", {"items": reviewed(dialogue(), scene)})

    def label(value: str, scene: Scene) -> Text | str:
        return Text(f"{path}.{value}") if value in ("send", "change") else Text(f"{dialogue().name}.{value}.label")

    return ask(
        path,
        hears,
        choices=lambda scene: ("send", "change"),
        prompt=prompt,
        short_again=True,
        label=label,
        exact=True,
    )


def reviewed(dialogue: Dialogue, scene: Scene) -> Lines:
    """The answers that apply, as lines "label: value", each group under its heading; without what nobody was asked and
    did not tell."""
    given = dialogue.applying(scene)
    lines: list[Field] = []
    for heading, questions in review_groups(dialogue).items():
        rows = [
            Text(
                "review.item",
                {
                    "label": Text(f"{dialogue.name}.{question.key}.label"),
                    "value": question.show(given[question.key], scene),
                },
            )
            for question in questions
            if question.key in given and not (given[question.key] is None and question.default)
        ]
        if rows:
            lines += [Text(f"{dialogue.name}.group.{heading}"), *rows]
    return Lines((*lines, *note_rows(given)))


def nonce(question: Question, scene: Scene) -> str:
    """The stamp of a button beside its value: the run of the dialogue, and for a review a checksum of the answers it
    shows."""
    run = _base36(scene.began)
    if not question.exact:
        return run
    return f"{run}.{_base36(zlib.crc32(repr(sorted(scene.answers.items(), key=lambda kv: kv[0])).encode()))}"


@lru_cache(maxsize=256)  # the runs of the people who are talking just now
def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text or "0"


def buttons(dialogue: Dialogue, question: Question, values: tuple[str, ...], scene: Scene) -> tuple[Button, ...]:
    """One button for each of these values of a question."""
    stamp = nonce(question, scene)
    return tuple(
        Button(Press(dialogue.name, question.key, value, stamp), question.label(value, scene)) for value in values
    )


def offered_buttons(dialogue: Dialogue, question: Question, scene: Scene) -> tuple[Button, ...]:
    """All buttons of a question: its choices, and below them its commands."""
    below = tuple(command(*spelt) for spelt in map(spelt_out, question.commands(scene)))
    return (*buttons(dialogue, question, question.choices(scene), scene), *below)


def asked(dialogue: Dialogue, question: Question, scene: Scene, *, again: bool = False, going_on: bool = True) -> Say:
    """The say that puts a question: its prompt, its buttons, and where it begins a stretch the number of questions left.

    ``going_on`` False: the person changes an earlier answer, or has just read this question.
    """
    text = question.again(scene) if again else question.prompt(scene)
    if question.counts and going_on and not again:
        text = Text("left", {"count": dialogue.left(scene), "text": text})
    return Say(text, offered_buttons(dialogue, question, scene), question.wants_contact)


def changes(key: str) -> Callable[[Scene], tuple[str, ...]]:
    """The command of a question that this earlier answer led to: a button changes it, so that nobody is led away by a
    mistake."""
    return lambda scene: (f"{CHANGE}:{key}",)


def spelt_out(name: str) -> tuple[str, str, str]:
    """The name, value and label of a command below a question.

    >>> spelt_out("notice"), spelt_out("correct:member")
    (('notice', '', ''), ('correct', 'member', 'change_this'))
    """
    name, _, value = name.partition(":")
    return name, value, "change_this" if name == CHANGE else ""


def command(name: str, value: str = "", label: str = "") -> Button:
    """A button of a command, which means the same wherever it is pressed."""
    return Button(Press("command", name, value), Text(label or f"command.{name}"))
