"""The private addresses of whoever is signed in: making, replacing, revoking, and the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.services import calendar, filters, private_feeds
from calendar_app.services.reference import reference
from calendar_app.web import filter_form, guards
from calendar_app.web.feeds.private import content_of
from calendar_app.web.page import public_url, words
from calendar_app.web.subscribe.addresses import google_takes, ways_to_open
from calendar_app.web.subscribe.forms import PrivateFeedForm

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.models import PrivateFeed
    from calendar_app.services.access import Person
    from calendar_app.services.filters import EventFilter


def section(
    person: Person, wanted: EventFilter, shown: dict[str, Any], action: str, form: PrivateFeedForm | None
) -> dict[str, Any]:
    """Return the part of the page that is for this person.

    `shown` is the filter form, whose labels the filters are told with; `action` is where the form is sent, `form` what
    was refused.
    """
    carried = filter_form.in_words(wanted, shown)
    if form is None:
        form = PrivateFeedForm(formdata=None, name=_suggestion(carried))
    in_use = {name: calendar.facets_in_use(db.session(), person.viewer, name) for name in ("city", "organiser")}
    return {
        "form": form,
        "action": action,
        "carries": [choice.said for choice in carried],
        "feeds": [_row(feed, shown, in_use) for feed in private_feeds.of_account(db.session(), person.account_id)],
    }


def _suggestion(carried: list[filter_form.Choice]) -> str:
    words = [choice.label for choice in carried if choice.name not in {"lang", *filters.FEED_OPTIONS}]
    return ", ".join(words)[: private_feeds.LONGEST_NAME] or _("All that I may see")


def _row(feed: PrivateFeed, shown: dict[str, Any], in_use: dict[str, set[str]]) -> dict[str, Any]:
    wanted, gone = filters.restore(
        feed.query, reference(), lambda name, value: value if value in in_use[name] else None
    )
    return {
        "name": feed.name,
        "filter": [choice.said for choice in filter_form.in_words(wanted, shown)],
        "gone": [words().isolated(value) for value in gone],
        "made": words().day(feed.created_at.astimezone(clock.zone).date()),
        "used": words().day(feed.last_used_at.astimezone(clock.zone).date()) if feed.last_used_at else "",
        "replace_url": url_for("subscribe.replace", feed_id=feed.id),
        "revoke_url": url_for("subscribe.revoke", feed_id=feed.id),
    }


def make(form: PrivateFeedForm, wanted: EventFilter) -> str | None:
    """Make an address of a valid form and return the page that shows it; None, and an error in it, if too many."""
    try:
        with transaction(exclusive=False) as session:
            token = private_feeds.make(session, form.name.data, wanted, by=guards.signed_in(), now=clock.now())
    except private_feeds.TooManyError:
        form.name.errors = [
            _(
                "You have %(most)s private addresses, as many as are possible. Revoke one first.",
                most=private_feeds.MOST_OF_A_PERSON,
            )
        ]
        return None
    return _shown_once(token, is_new=True)


def replace(feed_id: int) -> ResponseReturnValue:
    """Give one of the person's feeds a new address and show it."""
    with transaction(exclusive=False) as session:
        by = guards.signed_in()
        feed = private_feeds.find(session, feed_id, by.account_id) or abort(404)
        token = private_feeds.replace(session, feed, by=by, now=clock.now())
    return _shown_once(token, is_new=False)


def revoke(feed_id: int) -> ResponseReturnValue:
    """End one of the person's feeds."""
    with transaction(exclusive=False) as session:
        by = guards.signed_in()
        feed = private_feeds.find(session, feed_id, by.account_id) or abort(404)
        name = feed.name
        private_feeds.revoke(session, feed, by=by, now=clock.now())
    flash(_("The private address “%(name)s” is revoked. Whoever asks for it is given nothing.", name=name))
    return redirect(url_for("subscribe.subscribe", _anchor="private"), 303)


def _shown_once(token: str, *, is_new: bool) -> str:
    # No redirect: the address is in this one answer and never again.
    feed = private_feeds.of_token(db.session(), token) or abort(404)
    content = content_of(feed)
    address = public_url(url_for("feeds.private", token=token))
    made = {
        "name": feed.name,
        "is_new": is_new,
        "count": content.entries,
        "google_takes": google_takes(content.entries, len(content.data)),
        **ways_to_open(address, feed.name),
    }
    return render_template("subscribe/private_address.html", feed=made)
