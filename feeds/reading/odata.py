"""Services of InforMEA: OData in any of the forms that its members answer in.

JSON of version 2, `{"d": {"results": [...]}}` or `{"d": [...]}`; of versions 3 and 4, `{"value": [...]}`; a plain list;
and Atom (`feeds/reading/atom_entries.py`). The fields are those of InforMEA's meetings (`feeds/reading/informea.py`).

`Pages` says which address to ask next.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from feeds.reading import atom_entries, texts
from feeds.reading.informea import Meetings
from feeds.reading.values import MOST_EVENTS, Code, Failure, ReadFailedError, ReadFeed, Remarks
from feeds.told import marked

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from feeds.reading.values import Horizon

MOST_PAGES = 200
_WEB_PAGE = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


def read(body: bytes, content_type: str, *, default_zone: ZoneInfo, horizon: Horizon) -> ReadFeed:
    """Return the meetings of one page of a service.

    default_zone: in which midnight begins a day. horizon: not looked at, there are no rules.
    Raises ReadFailedError for what is not a whole page: nothing follows from it about any event.
    """
    del horizon
    problems, notes = Remarks(), Remarks()
    text = texts.decode(body, content_type, notes)
    start = text.lstrip("\ufeff\0 \t\r\n")[:1]
    if not start:
        raise ReadFailedError(Failure.EMPTY, marked("The answer is empty."))
    if _WEB_PAGE.match(text.lstrip("\ufeff")):
        raise ReadFailedError(
            Failure.WEB_PAGE, marked("The answer is a web page, perhaps one for signing in, not a service.")
        )
    if start == "<":
        rows, next_url = atom_entries.rows(body)
    else:
        rows, next_url = _json_rows(text)
    if len(rows) > MOST_EVENTS:
        raise ReadFailedError(
            Failure.TOO_MANY, marked("The answer has more than %(most)s meetings."), most=f"{MOST_EVENTS:,}"
        )
    meetings = Meetings(default_zone, problems, notes)
    for number, row in enumerate(rows, 1):
        try:
            meetings.add(row, number)
        except (ValueError, ArithmeticError) as problem:
            problems.add(Code.NOT_READ, str(problem), line=number)
    return ReadFeed(
        events=meetings.events(),
        problems=problems.all(),
        notes=notes.all(),
        left_out=tuple(problems.uids),
        nameless=problems.nameless,
        rows=len(rows),
        next_url=next_url,
    )


def _json_rows(text: str) -> tuple[list[Any], str]:
    """Return the rows of a page and the address of the next one, if the service names it."""
    try:
        page = json.loads(text.lstrip("\ufeff\0 \t\r\n"))
    except json.JSONDecodeError as problem:
        if problem.pos >= len(problem.doc.rstrip()) or "Unterminated" in problem.msg:
            raise ReadFailedError(Failure.TRUNCATED, marked("The answer is cut off: its JSON has no end.")) from None
        raise ReadFailedError(Failure.NOT_THE_FORMAT, marked("The answer is neither JSON nor Atom.")) from None
    except (ValueError, RecursionError):
        raise ReadFailedError(Failure.NOT_THE_FORMAT, marked("The answer is JSON that no service writes.")) from None
    content = page.get("d", page) if isinstance(page, dict) else page
    if isinstance(content, dict):
        for name in ("results", "value"):
            if isinstance(content.get(name), list):
                return content[name], _next(page) or _next(content)
        if "id" in content:
            return [content], ""
    if isinstance(content, list):
        return content, _next(page)
    raise ReadFailedError(Failure.NOT_THE_FORMAT, marked("The answer is JSON, but not a list of meetings."))


def _next(page: object) -> str:
    if not isinstance(page, dict):
        return ""
    named = (page.get(name) for name in ("__next", "@odata.nextLink", "odata.nextLink"))
    return next((link for link in named if isinstance(link, str)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Which page of a service to ask for: a value, of which `after` gives the next.

    url: the address of the whole, with what else it needs ($filter, $expand). top: rows on a page. seen: the ids so
    far.
    """

    url: str
    top: int = 100
    skip: int = 0
    number: int = 1
    seen: frozenset[str] = frozenset()
    following: str = ""

    @property
    def address(self) -> str:
        """The address to ask."""
        if self.following:
            return self.following
        parts = urlsplit(self.url)
        kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        kept = [(name, value) for name, value in kept if name.lower() not in {"$top", "$skip"}]
        query = urlencode([*kept, ("$top", self.top), ("$skip", self.skip)], safe="$,'()/:", quote_via=quote)
        return parts._replace(query=query, fragment="").geturl()

    def after(self, page: ReadFeed) -> Pages | None:
        """Return what to ask for after `page`, None if that was the last one.

        A page is the last if it is empty, if it has another number of rows than was asked for (a service that knows no
        paging gives everything at once), or if it has nothing new (one that ignores $skip gives the first page for
        ever), unless the service itself names a next one. One that is named at another host is not asked for there, but
        here, by the number of rows so far. Raises ReadFailedError if there is said to be more where nothing new comes,
        and after MOST_PAGES: what is not seen by then must not be taken for gone.
        """
        ids = {event.uid for event in page.events}
        new = ids - self.seen
        following = self._here(page.next_url)
        is_same = bool(ids) and not new
        if is_same and page.next_url:
            raise ReadFailedError(
                Failure.TRUNCATED, marked("The service says that there is more, but gives the same again.")
            )
        if not page.rows or is_same or (page.rows != self.top and not page.next_url):
            return None
        if self.number >= MOST_PAGES:
            raise ReadFailedError(
                Failure.TOO_MANY, marked("The service has more than %(most)s pages."), most=MOST_PAGES
            )
        return replace(
            self,
            skip=self.skip + page.rows,
            number=self.number + 1,
            seen=self.seen | new,
            following=following,
        )

    def _here(self, named: str) -> str:
        """Return the address of a page that the service names, "" if it is at another host.

        A service behind a proxy may not know by which scheme and port it is asked: those of `url` are right.
        """
        try:
            following = urlsplit(urljoin(self.address, named))
            asked = urlsplit(self.url)
            is_here = bool(named) and following.hostname == asked.hostname
        except ValueError:
            return ""
        return following._replace(scheme=asked.scheme, netloc=asked.netloc, fragment="").geturl() if is_here else ""
