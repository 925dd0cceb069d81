"""What the ear takes from the words we say: what stands on buttons, and what an answer is called in the review.

People type what they read. So neither has to be listed among the words that are heard (``locales/<language>/hear/``).
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.render import on_button, text
from conversations.dialogues.registration import registration
from conversations.engine.core import Rupiah, Text
from conversations.engine.overview import reviewed_questions
from locales import Catalog


class OnButtons:
    """Every wording that may stand on a button of a label, in any of these languages, the short ones too.

    Called with the label, a Text or a str. Asked at every message, so labels that hold at most amounts, of which there are
    few, are put together once.
    """

    def __init__(self, *catalogs: Catalog) -> None:
        self._catalogs = catalogs
        self._known: dict[tuple[object, ...], tuple[str, ...]] = {}

    def __call__(self, label: Text | str) -> tuple[str, ...]:
        amounts = [] if isinstance(label, str) else [each for each in label.fields.values() if isinstance(each, Rupiah)]
        if isinstance(label, str) or len(amounts) < len(label.fields):
            return self._wordings(label)
        name: tuple[object, ...] = (label.key, *amounts)
        if (known := self._known.get(name)) is None:
            known = self._known[name] = self._wordings(label)
        return known

    def _wordings(self, label: Text | str) -> tuple[str, ...]:
        return tuple(words for catalog in self._catalogs for words in on_button(label, catalog) if words)


def item_names(catalog: Catalog) -> Mapping[str, str]:
    """What each answer of the review is called there, by the key of its question: "ubah nomor hp" is to change it."""
    return {q.key: text(Text(f"registration.{q.key}.label"), catalog) for q in reviewed_questions(registration)}
