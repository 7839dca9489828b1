"""A record made of a valid event form over the record as it was: what the form does not have or say anew stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calendar_app.planning.dates import Precision, Span, month
from calendar_app.planning.vocabulary import Format, LinkKind, OrganiserRole, Status, Visibility
from calendar_app.services.event_form_lookup import listed_body
from calendar_app.services.records import LANGUAGES, BodyMeeting, Link, Organiser
from calendar_app.services.reference import reference
from calendar_app.services.row_reading import list_of
from calendar_app.web.submit.choices import quarter_of
from calendar_app.web.submit.form_values import MOST_LINKS, PLAIN, values_of
from calendar_app.web.submit.forms import DATES, title_fields

if TYPE_CHECKING:
    from calendar_app.services.records import EventRecord
    from calendar_app.web.submit.forms import EventForm

__all__ = ["record_of_form", "values_of"]
_WORDS = {"status": Status, "format": Format, "visibility": Visibility}


def record_of_form(form: EventForm, base: EventRecord) -> EventRecord:
    """Return `base` with what a valid form says otherwise than the record with which the form began."""
    values: dict[str, Any] = {}
    for name in PLAIN:
        if form.is_changed(name):
            given = form[name].data
            values[name] = _WORDS[name](given) if name in _WORDS else given
    values |= _what(form, base) | _when(form) | _where(form) | _who(form, base) | _relations(form, base)
    return replace(base, **values)


def _what(form: EventForm, base: EventRecord) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if form.is_changed("title", "title_language", *title_fields()):
        given = {code: form[f"title_{code}"].data for code in LANGUAGES if f"title_{code}" in form}
        given[form.title_language.data] = form.title.data
        values["titles"] = {code: given[code] for code in LANGUAGES if given.get(code)}
    if form.is_changed("description", "description_language"):
        texts = dict(base.descriptions)
        language = form.description_language.data
        # A text moved to a language that had none leaves no copy; a text in another language stays.
        if language not in texts:
            texts.pop(form.description_shown.data, None)
        texts[language] = form.description.data
        values["descriptions"] = {code: texts[code] for code in LANGUAGES if texts.get(code)}
    for name, target in (("convention", "processes"), ("region", "regions"), ("languages", "languages")):
        if form.is_changed(name):
            values[target] = tuple(form[name].data)
    if form.is_changed("key_persons"):
        values["key_persons"] = form.key_persons.lines
    if form.is_changed("body", "meeting_number"):
        values["bodies"] = _bodies(form)
    return values


def _bodies(form: EventForm) -> tuple[BodyMeeting, ...]:
    codes = [listed_body(text) or "" for text in list_of(form.body.data or "")]
    numbers = [part.strip() for part in form.meeting_number.data.split(";")] if form.meeting_number.data else []
    numbers += [""] * (len(codes) - len(numbers))
    pairs = zip(codes, numbers, strict=True)
    return tuple(BodyMeeting(code, int(number) if number else None) for code, number in pairs if code)


def _when(form: EventForm) -> dict[str, Any]:
    if not form.is_changed("dates", *(name for names in DATES.values() for name in names)):
        return {}
    way = form.dates.data
    if not form.is_changed("dates", *DATES[way]):
        return {}
    span: Span | None = None
    first: Any = form[DATES[way][0]].data
    if way == "day":
        last: Any = form.last_day.data
        span = Span.inclusive(first, last or first)
    elif way == "month":
        span = month(first.year, first.month)
    elif way == "quarter":
        span = quarter_of(first)
    elif way == "year":
        span = Span(month(int(first), 1).start, month(int(first), 12).end)
    return {"span": span, "precision": Precision(way), "date_text": form.date_text.data if way == "words" else ""}


def _where(form: EventForm) -> dict[str, Any]:
    """Take a listed city by its name in the list, with its country and zone where nothing else is said."""
    if "city" not in form:
        return {}
    slug = reference().find("city", form.city.data or "")
    city = reference().cities[slug] if slug else None
    values: dict[str, Any] = {}
    if form.is_changed("city"):
        values |= {"latitude": None, "longitude": None}
        if city:
            values["city"] = city.name
            if not form.is_changed("country"):
                values["country"] = city.country
    elif form.is_changed("venue", "country"):
        values |= {"latitude": None, "longitude": None}
    if city and not form.country.data:
        values["country"] = city.country
    if city and "start_time" in form and form.start_time.data and not form.timezone.data:
        values["timezone"] = city.timezone
    return values


def _who(form: EventForm, base: EventRecord) -> dict[str, Any]:
    if not form.is_changed("lead", "co_organisers"):
        return {}
    leads = [_organiser(name, OrganiserRole.LEAD) for name in list_of(form.lead.data or "")]
    others = [_organiser(name, OrganiserRole.CO_ORGANISER) for name in form.co_organisers.lines]
    kept = [o for o in base.organisers if o.role not in {OrganiserRole.LEAD, OrganiserRole.CO_ORGANISER}]
    return {"organisers": tuple({o.slug or o.name: o for o in reversed([*leads, *others, *kept])}.values())[::-1]}


def _organiser(name: str, role: str) -> Organiser:
    code = reference().find("organisation", name) or ""
    return Organiser(reference().organisations[code].short_name if code else name, code, str(role))


def _relations(form: EventForm, base: EventRecord) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if form.is_changed("part_of"):
        values["part_of"] = form.named.get("part_of")
    links: list[Link] = []
    for number in range(1, MOST_LINKS + 1):
        kind, event = f"link_kind_{number}", f"link_event_{number}"
        if not form.is_changed(kind, event):
            links += base.links[number - 1 : number]
        elif form[kind].data:
            links.append(Link(LinkKind(form[kind].data), form.named[event]))
    links += base.links[MOST_LINKS:]
    values["links"] = tuple(dict.fromkeys(links))
    return values
