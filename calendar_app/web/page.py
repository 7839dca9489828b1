"""What every page shares: its language, the frame around it, and addresses that keep the language."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from babel import Locale
from flask import current_app, g, get_flashed_messages, request, url_for
from flask_babel import gettext as _
from jinja2 import StrictUndefined
from markupsafe import Markup

from calendar_app.extensions import db
from calendar_app.services import calendar, filters
from calendar_app.services.records import LANGUAGES, OWN_NAMES
from calendar_app.services.reference import reference
from calendar_app.services.wording import RIGHT_TO_LEFT, Words, available_languages
from calendar_app.web.guards import account, person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from werkzeug.datastructures import MultiDict

# Under which entry of the main navigation the pages of an area stand.
_AREAS = {
    "events": "events.coming",
    "submit": "submit.submit",
    "workspace": "workspace.workspace",
    "moderation": "workspace.workspace",
    "work": "workspace.workspace",
    "sources": "workspace.workspace",
    "exchange": "workspace.workspace",
    "clashes": "clashes.board",
    "finder": "finder.finder",
    "review": "review.current",
    "admin": "admin.index",
    "subscribe": "subscribe.subscribe",
    "digests": "workspace.workspace",
    "public_mail": "subscribe.subscribe",
}
PAGES = (
    "events.coming",
    "events.past",
    "events.event",
    "calendar.calendar",
    "subscribe.subscribe",
    "pages.about",
    "planner.planner",
)


def init_app(app: Flask) -> None:
    """Give templates `page` and `asset`, and let addresses keep the chosen language."""
    app.context_processor(lambda: {"page": _frame()})
    app.jinja_env.globals["asset"] = _asset
    app.jinja_env.undefined = StrictUndefined
    app.url_defaults(_keep_language)


def requested_language() -> str:
    """Return the language the address asks for, "" if none or an unknown one (the view answers 400 to that)."""
    given = request.args.getlist("lang")
    return given[0] if len(given) == 1 and given[0] in LANGUAGES else ""


def title_language() -> str:
    """Return the language in which titles and descriptions are wanted: the address's, the person's own, English."""
    return requested_language() or usual_language()


def usual_language() -> str:
    """Return the language of an address that asks for none: the person's own, else English."""
    someone = account()
    return someone.language if someone else "en"


def current_language() -> str:
    """Return the language of the interface: the one wanted if there is a catalogue, else English."""
    wanted = title_language()
    return wanted if wanted in available_languages() else "en"


def own_name(language: str) -> str:
    """Return what a language is called in itself."""
    return OWN_NAMES.get(language, language)


def words() -> Words:
    """Return the words of the interface's language."""
    return Words(current_language())


def viewer() -> calendar.Viewer:
    """Return who is looking."""
    someone = person()
    return someone.viewer if someone else calendar.STRANGER


def read_filter(
    *,
    also: tuple[str, ...] = (),
    feed: bool = False,
    filtered: bool = True,
    lenient: bool | None = None,
    fixed: Mapping[str, str] | None = None,
) -> filters.EventFilter:
    """Read the filter of this request's address. Raises `FilterError`, which is answered 400."""
    in_use: dict[str, set[str]] = {}

    def exists(name: str, value: str) -> str | None:
        if name not in in_use:
            # A public feed is the same to everybody: nobody is to build an address that their program is refused.
            in_use[name] = calendar.facets_in_use(db.session(), calendar.STRANGER if feed else viewer(), name)
        return value if value in in_use[name] else None

    arguments: MultiDict[str, str] = request.args
    given = arguments.to_dict(flat=False)
    return filters.parse(
        given, reference(), exists, also=also, feed=feed, filtered=filtered, lenient=lenient, fixed=fixed
    )


def refuse_filters() -> None:
    """Answer 400 to any parameter but the language, on pages that have no filter."""
    read_filter(filtered=False)


def public_url(path: str) -> str:
    """Return the full address of a path of ours, under the name by which people know this calendar."""
    return str(current_app.config["PUBLIC_URL"]) + path


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    if _is_page(endpoint) and "lang" not in values and (language := requested_language()):
        values["lang"] = language


def _is_page(endpoint: str | None) -> bool:
    """Tell whether people read what is there, in a language: everything but files, feeds and what machines ask."""
    area = (endpoint or "").partition(".")[0]
    return area not in {"", "static", "feeds", "sitemap", "health"} and endpoint != "events.event_ics"


def _frame() -> dict[str, Any]:
    language = current_language()
    endpoint = request.endpoint
    labels = {
        "events.coming": _("Events"),
        "calendar.calendar": _("Calendar"),
        "planner.planner": _("Planner"),
        "subscribe.subscribe": _("Subscribe"),
        "submit.submit": _("Add an event"),
    }
    if someone := person():
        ours = (
            {"clashes.board": _("Clashes"), "review.current": _("Review"), "finder.finder": _("Find dates")}
            if someone.roles
            else {}
        )
        labels = {"workspace.workspace": _("Workspace"), **ours, **labels}
        if someone.managing or someone.system_administrator:
            labels["admin.index"] = _("Administration")
    current = _AREAS.get(request.blueprint or "", endpoint) if endpoint not in labels else endpoint
    # The same page in another language; not where the reader's own typing would be lost by following a link.
    may_turn = _is_page(endpoint) and request.method in {"GET", "HEAD"} and not hasattr(g, "error")
    return {
        "product_name": _("Joint meeting calendar"),
        "requested_language": requested_language(),
        "language": language,
        "dir": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "languages": _languages() if may_turn else [],
        "canonical_url": public_url(here()) if endpoint in PAGES and not hasattr(g, "error") else "",
        "notice": _notice(),
        "nav": [{"label": text, "url": url_for(name), "current": name == current} for name, text in labels.items()],
        "account": _account(),
        "about_url": url_for("pages.about"),
        "sign_in_url": url_for("accounts.sign_in"),
        "messages": _messages(),
        "public_url": public_url(""),
        "home_url": url_for("events.coming"),
    }


def _account() -> dict[str, str] | None:
    someone = account()
    if someone is None:
        return None
    return {
        "name": someone.name or someone.email,
        "url": url_for("accounts.own_account"),
        "sign_out_url": url_for("accounts.sign_out"),
    }


def _messages() -> list[str]:
    """Return what happened last, to be said once. A stranger's public page says nothing: it may be kept for others."""
    may_say = account() is not None or request.endpoint not in PAGES
    # A message with a link is made by us, with what is in it escaped; the session keeps it as such.
    return [m if isinstance(m, Markup) else str(m) for m in get_flashed_messages()] if may_say else []


def _notice() -> str:
    wanted = requested_language()
    if not wanted or wanted == current_language():
        return ""
    name = Locale.parse(current_language()).languages[wanted]
    notice: str = _(
        "These pages are not available in %(language)s yet; titles appear in it where they exist.", language=name
    )
    return notice


def _given() -> list[tuple[str, str]]:
    """Return the parameters of this request that mean something to us."""
    return [(name, value) for name, value in request.args.items(multi=True) if not filters.is_tracking(name)]


def here() -> str:
    """Return the address of this page, without what mails and posts add to links."""
    return _address(*_given())


def _address(*pairs: tuple[str, str]) -> str:
    return request.path + (f"?{urlencode(pairs)}" if pairs else "")


def _languages() -> list[dict[str, Any]]:
    """Return the six languages, each with this same page in it."""
    others = [(name, value) for name, value in _given() if name != "lang"]
    current = title_language()
    return [
        {
            "code": code,
            "name": own_name(code),
            "url": _address(*others, ("lang", code)),
            "current": code == current,
        }
        for code in LANGUAGES
    ]


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so that it may be kept for a year."""
    return url_for("static", filename=name, v=_fingerprint(Path(str(current_app.static_folder), name)))
