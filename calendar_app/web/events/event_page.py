"""What the page of one event shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from babel import Locale
from flask import url_for
from flask_babel import gettext as _

from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Access, Status
from calendar_app.services import feed_entries, feed_formats, history
from calendar_app.services.calendar import STRANGER, can_see
from calendar_app.services.records import bodies_of, in_language, organisers_of, span_of
from calendar_app.services.reference import reference
from calendar_app.services.wording import moment_at
from calendar_app.web.event_lines import EventLine, Reader, body_name, event_line
from calendar_app.web.page import public_url
from calendar_app.web.work.panel import member_panel

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from calendar_app.models import Event, EventLink
    from calendar_app.services.wording import Words


def event_page(session: Session, event: Event, related: list[Event], reader: Reader) -> dict[str, Any]:
    """Return all values of the page: the line, and what only the page has."""
    words = reader.words
    line = event_line(event, reader)
    lines = {other.id: event_line(other, reader) for other in related}
    description, language = in_language(event.descriptions, reader.title_language)
    sources = [
        {
            "citation": s.citation or s.url or s.source_id,
            "url": s.url,
            "quote": s.quote,
            "dates": s.dates,
            "note": s.note,
        }
        for s in event.sources
    ]
    changes = history.public(session, event, words)
    page = {name: getattr(line, name) for name in EventLine.__slots__}
    return page | {
        "short_title": "" if line.short_title in line.bodies else line.short_title,
        "description": description,
        "description_language": "" if language == words.language else language,
        "titles": _other_titles(event, line.title_language or words.language),
        "facts": _facts(event, words),
        "venue": event.venue,
        "place_lines": [line.place] if line.place else [],
        "when": _when(event, line, words),
        # On the page of the whole its parts need not name it.
        "parts": [replace(lines[other.id], whole=None) for other in related if other.part_of_id == event.id],
        "links": _links(event, related, lines, words),
        "series": _series(event, related, lines),
        "sources": sources,
        "disagreement": _("The sources of this event do not agree; what each says stands below.")
        if event.sources_disagree
        else "",
        "changes": [
            {
                "date": words.day(reader.day_of(change.at)),
                "text": change.sentence,
                "reason": history.reason_in_words(change, words),
            }
            for change in changes
        ],
        "linked_data": _linked_data(event, changes, reader),
        "add": _add_links(event, line, description),
        "updated": words.day(reader.day_of(event.last_modified)),
        "steward": words.organisation(event.steward_code, event.steward_code),
        "member": member_panel(event),
        "last_confirmed": words.day(reader.day_of(event.last_confirmed_at)) if event.last_confirmed_at else "",
    }


def _linked_data(event: Event, changes: list[history.PublicChange], reader: Reader) -> str:
    """Return the event as search engines read it, "" for one that is not public. It is the same to everybody."""
    if not can_see(STRANGER, event):
        return ""
    moved_from = tuple(dict.fromkeys(change.moved_from for change in reversed(changes) if change.moved_from))
    return feed_formats.linked_data(event, reader.title_language, public_url(""), reference(), moved_from)


def _other_titles(event: Event, shown: str) -> list[dict[str, str]]:
    return [
        {
            "language": code,
            "language_name": Locale.parse(code).get_language_name(code) or code,
            "title": title,
            "url": url_for("events.event", event_id=str(event.id), lang=code),
        }
        for code, title in event.titles.items()
        if code != shown
    ]


def _when(event: Event, line: EventLine, words: Words) -> dict[str, str]:
    """Return the dates, the hours or what else is known of the time, and the moment it starts for the reader's zone."""
    dates = line.date_words if line.vague else line.dates
    local, start_iso = "", ""
    if event.status == Status.POSTPONED:
        local = _("Planned before: %(dates)s", dates=words.isolated(dates))
        dates = _("New dates to be announced")
    elif line.time and line.first_day:
        local = line.time
        start_iso = moment_at(line.first_day, event.start_time, event.timezone).isoformat()
    elif event.start_time:
        local = words.daily_hours(event.start_time, event.end_time, event.timezone)
    elif line.vague and event.date_text and (span := span_of(event)):
        period = words.period(span, Precision(event.precision))
        local = period if period != dates else ""
    return {"dates": dates, "local": local, "start_iso": start_iso}


def _facts(event: Event, words: Words) -> list[dict[str, Any]]:
    facts = reference()

    def plain(*texts: str) -> list[dict[str, str]]:
        return [{"text": text, "url": ""} for text in texts if text]

    def link(text: str, url: str) -> list[dict[str, str]]:
        return [{"text": text, "url": url}] if url else []

    bodies = [
        {
            "text": _body(words.gettext(facts.bodies[b.code].name), body_name(b, words)),
            "url": url_for("events.coming", body=b.code),
        }
        for b in bodies_of(event)
        if b.code in facts.bodies
    ]
    organisers = [
        {
            "text": _("%(name)s, %(role)s", name=words.organisation(o.code, o.name), role=words.organiser_role(o.role)),
            "url": facts.organisations[o.code].url if o.code in facts.organisations else "",
        }
        for o in organisers_of(event)
    ]
    access: dict[str, str] = {Access.PUBLIC: _("Open to the public"), Access.INVITATION: _("By invitation")}
    languages = [Locale.parse(words.language).languages.get(code, code) for code in event.languages]
    regions = [words.gettext(facts.regions[code].name) for code in event.regions if code in facts.regions]
    listed = [
        (_("Body"), bodies),
        (_("Organised by"), organisers),
        (_("Region"), plain(*regions) if event.regions != ["global"] else []),
        (_("Part of the meeting"), plain(event.part_label)),
        (_("Who may attend"), plain(access.get(event.access, ""))),
        (_("Languages of interpretation"), plain(words.listed(languages))),
        (_("Taking part from afar"), plain(event.remote_participation)),
        (_("Web page"), link(event.web_url, event.web_url)),
        (_("Registration"), link(event.registration_url, event.registration_url)),
        (_("Documents"), link(event.documents_url, event.documents_url)),
        (_("Join online"), link(event.online_url, event.online_url)),
        (_("Contact"), plain(event.contact)),
        (_("Decisions it answers to"), plain(*event.decisions)),
        (_("Area of cooperation"), plain(event.cooperation_area)),
        (_("Outcome"), plain(event.outcome)),
    ]
    return [{"label": label, "values": values} for label, values in listed if values]


def _body(name: str, short_name: str) -> str:
    text: str = _("%(name)s (%(short_name)s)", name=name, short_name=short_name)
    return text


def _links(event: Event, related: list[Event], lines: dict[Any, EventLine], words: Words) -> list[dict[str, Any]]:
    outward: dict[Any, EventLink] = {link.other_id: link for link in event.links}
    result = []
    for other in related:
        if other.id in outward:
            result.append({"label": words.link(outward[other.id].kind, outward=True), "event": lines[other.id]})
            continue
        inward = next((link for link in other.links if link.other_id == event.id), None)
        if inward:
            result.append({"label": words.link(inward.kind, outward=False), "event": lines[other.id]})
    return result


def _series(event: Event, related: list[Event], lines: dict[Any, EventLine]) -> dict[str, Any] | None:
    others = [lines[other.id] for other in related if event.series and other.series == event.series]
    return {"name": event.series, "events": others} if others else None


def _add_links(event: Event, line: EventLine, description: str) -> dict[str, str]:
    """Return one-click addresses; only those that follow changes for what is not sure, none without any days."""
    if line.first_day is None:
        return {}
    ics = url_for("events.event_ics", event_id=str(event.id))
    following = {"ics": ics, "webcal": "webcal://" + public_url(ics).partition("://")[2]}
    if line.vague or event.status in {Status.POSTPONED, Status.CANCELLED}:
        return following
    start, end = feed_entries.when(event)
    timed = isinstance(start, datetime)
    page = public_url(url_for("events.event", event_id=str(event.id)))
    details = f"{description[:500]}\n\n{page}".strip()
    place = ", ".join(part for part in (event.venue, line.place) if part)
    shape = "%Y%m%dT%H%M%SZ" if timed else "%Y%m%d"
    google = {
        "action": "TEMPLATE",
        "text": line.title,
        "dates": f"{start.strftime(shape)}/{end.strftime(shape)}",
        "details": details,
        "location": place,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": line.title,
        "startdt": start.isoformat(),
        "enddt": end.isoformat(),
        "allday": "false" if timed else "true",
        "body": details,
        "location": place,
    }
    return following | {
        "google": "https://calendar.google.com/calendar/render?" + urlencode(google),
        "outlook": "https://outlook.live.com/calendar/0/deeplink/compose?" + urlencode(outlook),
        "office365": "https://outlook.office.com/calendar/0/deeplink/compose?" + urlencode(outlook),
    }
