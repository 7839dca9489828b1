"""What every page shares: its language, the frame around it, and addresses that keep the language."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from babel import Locale
from flask import current_app, g, request, url_for
from flask_babel import gettext as _
from jinja2 import StrictUndefined

from calendar_app.extensions import db
from calendar_app.services import calendar, filters
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference import reference
from calendar_app.services.wording import RIGHT_TO_LEFT, Words, available_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from werkzeug.datastructures import MultiDict

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
    """Return the language in which titles and descriptions are wanted."""
    return requested_language() or "en"


def current_language() -> str:
    """Return the language of the interface: the one asked for if there is a catalogue, else English."""
    wanted = title_language()
    return wanted if wanted in available_languages() else "en"


def words() -> Words:
    """Return the words of the interface's language."""
    return Words(current_language())


def viewer() -> calendar.Viewer:
    """Return who is looking."""
    return calendar.STRANGER


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
            in_use[name] = calendar.facets_in_use(db.session(), viewer(), name)
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
    if endpoint in PAGES and "lang" not in values and (language := requested_language()):
        values["lang"] = language


def _frame() -> dict[str, Any]:
    language = current_language()
    endpoint = request.endpoint
    labels = {
        "events.coming": _("Events"),
        "calendar.calendar": _("Calendar"),
        "planner.planner": _("Planner"),
        "subscribe.subscribe": _("Subscribe"),
        "pages.about": _("About"),
    }
    current = {"events.past": "events.coming", "events.event": "events.coming"}.get(endpoint or "", endpoint)
    return {
        "product_name": _("Joint meeting calendar"),
        "language": language,
        "dir": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "languages": _languages() if endpoint in PAGES and not hasattr(g, "error") else [],
        "canonical_url": public_url(here()) if endpoint in PAGES and not hasattr(g, "error") else "",
        "notice": _notice(),
        "nav": [{"label": text, "url": url_for(name), "current": name == current} for name, text in labels.items()],
        "public_url": public_url(""),
        "home_url": url_for("events.coming"),
    }


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
            "name": (Locale.parse(code).get_language_name(code) or code).capitalize(),
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
