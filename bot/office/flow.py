"""Diagrams of the dialogues in Mermaid: derived from their declaration, so never out of date."""

from __future__ import annotations

from conversations.dialogues.book import BOOK
from conversations.engine.core import Dialogue


def mermaid() -> str:
    """One flowchart for each dialogue: its questions in order, those that are not asked marked, and the answers that lead
    elsewhere."""
    return "\n".join(_chart(dialogue) for dialogue in BOOK.values() if dialogue.name != "home")


def _chart(dialogue: Dialogue) -> str:
    lines = [f"%% {dialogue.name}", "flowchart TD"]
    names = [question.key for question in dialogue.questions]
    for question, after in zip(dialogue.questions, [*names[1:], "finish"], strict=True):
        node = f"{dialogue.name}_{question.key}"
        unasked = " (not asked)" if question.default else ""
        optional = " ?" if question.optional else ""
        lines.append(f'    {node}["{question.key}{unasked}{optional}"] --> {dialogue.name}_{after}')
        lines += [f"    {node} -- {value} --> {goal}" for value, goal in question.then.items()]
    lines.append(f'    {dialogue.name}_finish(["then {dialogue.then}"])')
    return "\n".join(lines)
