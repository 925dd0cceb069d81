"""Labels that the ear takes from the catalogue: labels of buttons, and names of answers in the review.

People type the words that they read. So these need not be listed among the words that are heard
(``locales/<language>/hear/``).
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.render import on_button, text
from conversations.dialogues.registration import registration
from conversations.engine.core import Rupiah, Text
from conversations.engine.overview import reviewed_questions
from locales import Catalog


class OnButtons:
    """For a label (a Text or a str): every wording that it may have on a button, in any of these languages, short ones
    too.

    Asked at every message, so the wordings of labels whose fields are at most amounts, of which there are few, are cached.
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
    """The name of each answer in the review, by the key of its question: "ubah nomor hp" asks to change that answer."""
    return {q.key: text(Text(f"registration.{q.key}.label"), catalog) for q in reviewed_questions(registration)}
