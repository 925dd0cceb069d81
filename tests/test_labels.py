"""Labels of every dialogue fit the narrowest channel, and one that would not is named."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.catalog_checks import WIDEST, wide_labels
from conversations.engine.world import Lead, World
from locales import Catalog, Sentence
from tests.town import known

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def world() -> World:
    return World(NOW, known(), lead=Lead("", "registered", NOW, {}))


def test_every_choice_of_every_dialogue_fits_a_row_of_whatsapp() -> None:
    assert WIDEST == 24
    assert wide_labels(Catalog.load(), world()) == []


def test_a_label_that_is_too_long_is_named_unless_it_has_shorter_words() -> None:
    long = {"registration.wages.some": Sentence.of("Sebagian dibayar, sebagian tidak")}
    catalog = Catalog("id", {**Catalog.load().sentences, **long})
    assert wide_labels(catalog, world()) == ["registration.wages=some"]
    short = {"registration.wages.some.short": Sentence.of("Sebagian dibayar")}
    assert wide_labels(Catalog("id", {**catalog.sentences, **short}), world()) == []
