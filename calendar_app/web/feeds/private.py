"""Private feeds: what the owner of a token may see when it is asked for. Nobody is signed in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask import Response, abort, request

from calendar_app.extensions import clock, db, note_in_passing
from calendar_app.services import calendar, feed_entries, filters, private_feeds, renderings, text
from calendar_app.services.events import whole_second
from calendar_app.services.reference import reference
from calendar_app.web import guards
from calendar_app.web.feeds.answers import feed_response
from calendar_app.web.feeds.area import blueprint
from calendar_app.web.feeds.described import list_url
from calendar_app.web.page import public_url

if TYPE_CHECKING:
    from calendar_app.models import PrivateFeed


@blueprint.get("/private/<token>.ics")
def private(token: str) -> Response:
    """Give what the owner of the token may see now of what was chosen when the address was made."""
    _refuse_parameters()
    found = private_feeds.of_token(db.session(), token)
    if found is None:
        abort(404)
    content = content_of(found)
    response = feed_response(lambda: (content.data, None), keep=False)
    response.headers["Cache-Control"] = "private, no-cache"
    _note_use(found)
    return response


class Content(NamedTuple):
    """What a private feed gives now: its bytes, and how many events and tombstones they have."""

    data: bytes
    entries: int


def content_of(found: PrivateFeed) -> Content:
    """Return what a private feed gives now."""
    wanted, _gone = filters.restore(found.query, reference(), lambda _name, value: value)
    owner = guards.person_behind(found.account)
    viewer = owner.viewer if owner else calendar.STRANGER
    session, today = db.session(), clock.today()
    bodies = renderings.bodies(session, viewer, wanted, public_url(""), today=today)
    feed = feed_entries.Feed(name=found.name, page_url=list_url(wanted), feed_url="", language=wanted.lang or "en")
    made_at = whole_second(found.created_at)
    changed_at = calendar.feed_changed_at(session, viewer, wanted, today=today) or made_at
    return Content(feed_entries.written(feed, bodies, max(made_at, changed_at)), len(bodies))


def _refuse_parameters() -> None:
    """Answer 400, whatever the token: what the feed gives was chosen when its address was made."""
    if names := list(request.args):
        raise filters.FilterError(
            [filters.Problem("unknown-parameter", text.clean(name)[:60]) for name in names[: filters.MAX_PROBLEMS]]
        )


def _note_use(found: PrivateFeed) -> None:
    now = clock.now()
    if private_feeds.use_is_due(found, now):
        digest = found.token_digest
        note_in_passing(lambda session: private_feeds.note_use(session, digest, now))
