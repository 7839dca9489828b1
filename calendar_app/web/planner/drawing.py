"""The bars of a lane as HTML. Written here and not in a template, because a page may have thousands of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from calendar_app.web.planner.cards import lang_attribute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.web.planner.lanes import Bar


def list_items(bars: Iterable[Bar]) -> Markup:
    """Return a list item for each bar, with its parts in a list of their own."""
    return Markup("".join(map(_item, bars)))  # noqa: S704 - every text in it is escaped where it is put in


def _item(bar: Bar) -> str:
    if not bar.parts:
        return f"<li>{_link(bar)}</li>"
    parts = "".join(map(_item, bar.parts))
    return f'<li>{_link(bar)}<span class="frame{bar.frame}"></span><ul>{parts}</ul></li>'


def _link(bar: Bar) -> str:
    """Return the bar as a link. Its card is said once: further bars of the same event have only its name."""
    url, style, language, title, card = bar.card
    name = bar.shown_name or ("" if bar.has_card else bar.name)
    # A name that the card says in full is not read out twice.
    hidden = ' aria-hidden="true"' if bar.has_card and (name != bar.name or title.startswith(name)) else ""
    shown = f"<b{lang_attribute(language)}{hidden}>{escape(name)}</b>" if name else ""
    if bar.has_card:
        shown += f'<span class="card">{card}</span>'
    return f'<a class="bar {style} {bar.where}{bar.place}" href="{escape(url)}">{shown}</a>'
