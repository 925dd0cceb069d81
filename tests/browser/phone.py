"""A phone of the simulator's page, used as a person would use it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class Phone:
    """``name`` is what stands on the page: "Pemilik usaha" or "Petugas". On a narrow screen its tab is opened first."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name
        self.frame = page.locator(f'section[role=region][aria-label="{name}"]')

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
        below = self.frame.locator(".key").get_by_text(label, exact=True)  # "Kirim" is also what sends one's words
        buttons = below if below.count() else self.frame.get_by_role("button", name=label, exact=True)
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
