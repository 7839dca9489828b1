"""The layout from right to left, whether or not the interface is translated into such a language yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_TURN = """async () => {
  document.documentElement.dir = "rtl";
  const sheet = document.querySelector("link[href*='bootstrap.min.css']");
  if (!sheet) return;
  const other = sheet.cloneNode();
  other.href = sheet.href.replace("bootstrap.min.css", "bootstrap.rtl.min.css");
  const loaded = new Promise((done, failed) => { other.onload = done; other.onerror = failed; });
  sheet.replaceWith(other);
  await loaded;
}"""


def turn(page: Page) -> None:
    """Show the page from right to left, as it is served in Arabic."""
    page.evaluate(_TURN)
