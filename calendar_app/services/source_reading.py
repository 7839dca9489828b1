"""Asking a source and reading its answer: what may go wrong with other people's feeds comes out as one sentence."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calendar_app.services.sentences import in_english
from calendar_app.services.source_asks import Answer, Ask, SourceFailedError, SourceKind
from feeds import fetch
from feeds.reading import child, odata
from feeds.reading.values import Horizon, ReadFailedError, ReadFeed

if TYPE_CHECKING:
    from collections.abc import Callable

# The dates of a series are worked out from a little before today to two years on.
_BACK, _AHEAD = timedelta(days=31), timedelta(days=731)
# All pages of a service, together.
_MOST_SECONDS = 120
_ACCEPT = {"ics": "text/calendar, */*;q=0.5", "informea": "application/json, application/atom+xml, */*;q=0.5"}


@dataclass(frozen=True, slots=True)
class OverTheNetwork:
    """Reads sources where they are. `guard` says which addresses may be asked; None for all public ones.

    `read` is what reads an answer: in a process of its own, unless nobody foreign wrote it.
    """

    guard: fetch.Guard | None = None
    read: Callable[..., ReadFeed] = child.read

    def __call__(self, ask: Ask) -> Answer:
        """Return the answer. Raises `SourceFailedError`."""
        try:
            return self._service(ask) if ask.kind == SourceKind.INFORMEA else self._file(ask)
        except (fetch.FetchRefusedError, fetch.FetchFailedError, ReadFailedError) as problem:
            raise SourceFailedError(in_english(problem.template, **problem.values)) from problem

    def _file(self, ask: Ask) -> Answer:
        """Ask for what is new in a file."""
        answer = fetch.fetch(
            ask.url, etag=ask.etag, last_modified=ask.modified, accept=_ACCEPT[ask.kind], guard=self.guard
        )
        if isinstance(answer, fetch.Unchanged):
            return Answer(None, ask.etag, ask.modified, ask.digest)
        digest = hashlib.sha256(answer.body).hexdigest()
        if digest == ask.digest:
            return Answer(None, ask.etag, ask.modified, ask.digest)
        feed = self._read(ask, answer, "ics")
        return Answer(feed, answer.etag[:300], answer.last_modified[:100], digest)

    def _service(self, ask: Ask) -> Answer:
        """Ask a service for all its pages: that the first one is the same says nothing of the others."""
        ends = time.monotonic() + _MOST_SECONDS
        pages: list[ReadFeed] = []
        digest = hashlib.sha256()
        asked: odata.Pages | None = odata.Pages(url=ask.url)
        while asked is not None:
            if time.monotonic() > ends:
                raise SourceFailedError(
                    in_english("The service did not come to an end within %(seconds)s seconds.", seconds=_MOST_SECONDS)
                )
            answer = fetch.fetch(asked.address, accept=_ACCEPT[ask.kind], guard=self.guard)
            if isinstance(answer, fetch.Unchanged):  # nothing was given that it could be compared with
                raise SourceFailedError(in_english("The service answers that nothing changed, but nobody asked that."))
            digest.update(answer.body)
            pages.append(self._read(ask, answer, "odata"))
            asked = asked.after(pages[-1])
        whole = digest.hexdigest()
        return Answer(None if whole == ask.digest else _together(pages), digest=whole)

    def _read(self, ask: Ask, answer: fetch.Fetched, form: str) -> ReadFeed:
        horizon = Horizon(ask.today - _BACK, ask.today + _AHEAD)
        zone = ZoneInfo(ask.timezone)
        return self.read(answer.body, answer.content_type, form, default_zone=zone, horizon=horizon)


def _together(pages: list[ReadFeed]) -> ReadFeed:
    """Return the pages of a service as one; a meeting that moved from one page to the next stands once."""
    return ReadFeed(
        events=tuple({event.uid: event for page in pages for event in page.events}.values()),
        problems=tuple(remark for page in pages for remark in page.problems),
        notes=tuple(remark for page in pages for remark in page.notes),
        left_out=tuple(uid for page in pages for uid in page.left_out),
        nameless=sum(page.nameless for page in pages),
    )
