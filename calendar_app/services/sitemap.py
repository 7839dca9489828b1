"""The sitemap: every page that search engines may read, with each public event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.services.calendar import STRANGER, calendar_version, visible_to
from calendar_app.services.records import LANGUAGES
from calendar_app.services.wording import available_languages
from feeds.writing import sitemap

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

CONTENT_TYPE = sitemap.CONTENT_TYPE
# With a few languages each, so many stay well under the 50 MB that one file may have; the last changed come first.
MOST_EVENTS = 25_000


def render(session: Session, home_url: str, paths: Iterable[str]) -> bytes:
    """Return the sitemap of the pages at `paths`, which follow `home_url`, and of the public events; two queries."""
    version = calendar_version(session)
    changed_at = version.changed_at if version else None
    pages = [_page(home_url + path, changed_at, ()) for path in paths]
    query = (
        select(Event.id, Event.last_modified, Event.titles)
        .where(visible_to(STRANGER))
        .order_by(Event.last_modified.desc(), Event.id)
        .limit(MOST_EVENTS)
    )
    pages += [_page(f"{home_url}/events/{event_id}", at, titles) for event_id, at, titles in session.execute(query)]
    return sitemap.write(pages)


def _page(url: str, last_modified: datetime | None, also: Container[str]) -> sitemap.PublicPage:
    """Return a page in the languages of the interface, and `also` in others in which there is something of it."""
    languages = [code for code in LANGUAGES if code in available_languages() or code in also]
    others = tuple((code, f"{url}?lang={code}") for code in languages)
    return sitemap.PublicPage(url=url, last_modified=last_modified, languages=others)
