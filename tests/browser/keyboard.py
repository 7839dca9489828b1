"""A person who uses the keyboard alone: moves with Tab, types, and presses Enter or the space bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from playwright.sync_api import Page

_MOST_STOPS = 400


class Keyboard:
    """The hands of the person on one page."""

    def __init__(self, page: Page, *, milliseconds_a_key: int = 25) -> None:
        self.page = page
        self._delay = milliseconds_a_key

    def to(self, selector: str) -> None:
        """Press Tab until the focus is on what the selector names; fail if it is never reached."""
        for _stop in range(_MOST_STOPS):
            focused = "([s]) => document.activeElement !== null && document.activeElement.matches(s)"
            if self.page.evaluate(focused, [selector]):
                return
            self.page.keyboard.press("Tab")
        message = f"{selector} on {self.page.url} is not reached by Tab"
        raise AssertionError(message)

    def to_text(self, text: str) -> None:
        """Press Tab until the focus is on a link or button that says `text`."""
        for _stop in range(_MOST_STOPS):
            if self.page.evaluate("document.activeElement.textContent.trim()") == text:
                return
            self.page.keyboard.press("Tab")
        message = f"“{text}” on {self.page.url} is not reached by Tab"
        raise AssertionError(message)

    def write(self, selector: str, text: str) -> None:
        """Go to a field and type; in a list the letters choose the option."""
        self.to(selector)
        self.page.keyboard.type(text, delay=self._delay)

    def write_day(self, selector: str, day: date) -> None:
        """Go to a field for a date and type its digits, in the order that this browser's language wants."""
        self.to(selector)
        for order in ("%m%d%Y", "%d%m%Y", "%Y%m%d"):
            self.page.keyboard.type(day.strftime(order), delay=self._delay)
            if self.page.eval_on_selector(selector, "field => field.value") == day.isoformat():
                return
            # Back to its first part.
            self.page.keyboard.press("Shift+Tab")
            self.page.keyboard.press("Tab")
        message = f"{selector} takes no date"
        raise AssertionError(message)

    def rewrite(self, selector: str, text: str) -> None:
        """Go to a field, take everything in it and type over it."""
        self.to(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text, delay=self._delay)

    def follow(self, text: str) -> None:
        """Go to the link or button that says `text` and press Enter; wait for the page it leads to."""
        self.to_text(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
