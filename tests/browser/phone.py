"""A phone of the simulator's page, used as a person would use it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect

from bot.loading import knowledge
from bot.now import now
from bot.office.usual import HELLO, whole_registration
from conversations.engine.world import World


class Phone:
    """``name`` is what stands on the page: "Pemilik usaha" or "Petugas". On a narrow screen its tab is opened first."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name
        self.frame = page.locator(f'section[role=region][aria-label="{name}"]')

    def address(self) -> str:
        """By what the product knows this phone; the page shows it."""
        return self.frame.locator(".whose small").inner_text()

    def show(self) -> None:
        """Bring this phone to the front, where only one is seen at a time."""
        tab = self.page.get_by_role("tab", name=re.compile(f"^{re.escape(self.name)}"))
        if tab.is_visible() and tab.get_attribute("aria-selected") != "true":
            tab.click()
        expect(self.frame).to_be_visible()

    def say(self, text: str) -> None:
        """Write words and send them with Enter."""
        self.show()
        area = self.frame.get_by_role("textbox", name="Tulis pesan")
        area.fill(text)
        area.press("Enter")

    def tap(self, label: str) -> None:
        """Press the newest button with exactly this label."""
        self.show()
        buttons = self.frame.get_by_role("button", name=label, exact=True)
        expect(buttons).not_to_have_count(0)
        buttons.last.click()

    def bubbles(self) -> Locator:
        """All messages, oldest first."""
        return self.frame.locator(".bubble")

    def answers(self) -> Locator:
        """The messages of the bot, oldest first."""
        return self.frame.locator(".row:not(.own) .bubble")

    def last(self) -> str:
        """The words of the bot's newest message that is shown; "" when there is none."""
        words = self.frame.locator(".row:not(.own) .words")
        return words.last.inner_text() if words.count() else ""

    def wait_for(self, text: str) -> None:
        """Return once a message of the bot contains these words."""
        expect(self.answers().filter(has_text=text).last).to_be_attached(timeout=20_000)

    def share_number(self) -> None:
        """Press the share-my-number button below the bot's newest message."""
        self.show()
        self.frame.locator(".key.contact").last.click()

    def answer(self, said: str) -> None:
        """Say words, or press ``[label]``, and wait until the bot has answered."""
        before = self.answers().count()
        if said.startswith("["):
            self.tap(said[1:-1])
        else:
            self.say(said)
        expect(self.answers().nth(before)).to_be_attached(timeout=20_000)


def register(owner: Phone, **answers: str) -> Iterator[str]:
    """Answer everything as the usual owner does, until the lead is sent. Each question's key comes while it is open, and
    is answered when the next is asked for."""
    for question, said in whole_registration(World(now(), knowledge(""), shares_contact=True), answers).items():
        if question != HELLO:
            yield question
        owner.answer(said)
