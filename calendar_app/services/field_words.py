"""The fields of a record in words: what each is called, and how its value reads. The one place that knows both.

A value is JSON as revisions and proposals keep it; a state is the whole record in that form (`records.as_json`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from calendar_app.planning.vocabulary import Access, OptionState, ServiceKind, ServiceState, Stage, Visibility
from calendar_app.services import history
from calendar_app.services.countries import country_name
from calendar_app.services.reference import reference
from calendar_app.services.signatures import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calendar_app.services.wording import Words


@dataclass(frozen=True, slots=True)
class FieldWords:
    """Field names and values in one language. `names` are the titles of other events that the reader may see, by id."""

    words: Words
    names: Mapping[str, str] = field(default_factory=dict)

    def label(self, name: str) -> str:
        """Return what a field is called; `span` stands for the dates with their precision and wording."""
        return _labels(self.words)[name]

    def value(self, name: str, state: Mapping[str, Any]) -> str:
        """Return how a field of a state reads, "" if nothing is known; several items stand on lines of their own."""
        if name == "span":
            known = state.get("span") or state.get("date_text")
            return history.dates_in_words(dict(state), self.words) if known else ""
        value = state.get(name)
        if value in (None, "", [], {}):
            return ""
        reader = self._readers().get(name)
        return reader(value) if reader else str(value)

    def _readers(self) -> dict[str, Callable[[Any], str]]:
        return {
            "titles": self._by_language,
            "descriptions": self._by_language,
            "kind": self._kind,
            "processes": self._processes,
            "bodies": self._bodies,
            "organisers": self._organisers,
            "part_of": self._event,
            "part_role": self.words.part_role,
            "links": self._links,
            "status": self.words.status,
            "format": self.words.format,
            "city": self.words.city,
            "country": lambda code: country_name(code, self.words.language),
            "regions": self._regions,
            "audiences": self._audiences,
            "languages": self._languages,
            "access": self._access,
            "decisions": self._listed,
            "key_persons": self._listed,
            "sources": self._sources,
            "steward": self._organisation,
            "visibility": self.visibility,
            "stage": self.stage,
            "publish_on": self._day,
            "last_confirmed_at": self._moment,
            "last_confirmed_by": lambda signature: signed(self.words, signature),
            "services": self._services,
            "options": self._options,
            # Not fields of the record, but told in revisions.
            "editors": lambda codes: self._listed([self._organisation(code) for code in codes]),
            "merged_into": self._event,
            "merged": lambda _ids: self.words.gettext("One record of the same event"),
        }

    def _organisation(self, code: str) -> str:
        return self.words.organisation(code, code)

    def _listed(self, items: list[str]) -> str:
        return "\n".join(filter(None, items))

    def _by_language(self, texts: dict[str, str]) -> str:
        if list(texts) == ["en"]:
            return texts["en"]
        languages = self.words.locale.languages
        pairs = ({"language": languages.get(code, code), "text": text} for code, text in texts.items())
        return self._listed([self.words.gettext("%(language)s: %(text)s") % pair for pair in pairs])

    def _kind(self, slug: str) -> str:
        kind = reference().kinds.get(slug)
        return self.words.gettext(kind.name) if kind else slug

    def _processes(self, slugs: list[str]) -> str:
        known = reference().processes
        return self._listed([self.words.gettext(known[slug].short_name) if slug in known else slug for slug in slugs])

    def _bodies(self, items: list[dict[str, Any]]) -> str:
        known = reference().bodies
        names = []
        for item in items:
            code = item["code"]
            name = self.words.gettext(known[code].short_name) if code in known else code
            names.append(f"{name}-{item['number']}" if item.get("number") else name)
        return self._listed(names)

    def _organisers(self, items: list[dict[str, Any]]) -> str:
        pattern = self.words.gettext("%(name)s, %(role)s")
        return self._listed(
            [pattern % {"name": item["name"], "role": self.words.organiser_role(item["role"])} for item in items]
        )

    def _event(self, event_id: str) -> str:
        return self.names.get(event_id) or self.words.gettext("An event that you may not see")

    def _links(self, items: list[dict[str, str]]) -> str:
        pattern = self.words.gettext("%(relation)s: %(event)s")
        values = (
            {"relation": self.words.link(i["kind"], outward=True), "event": self._event(i["other"])} for i in items
        )
        return self._listed([pattern % value for value in values])

    def _regions(self, codes: list[str]) -> str:
        known = reference().regions
        return self._listed([self.words.gettext(known[code].name) if code in known else code for code in codes])

    def _audiences(self, codes: list[str]) -> str:
        return self._listed([self.words.gettext(reference().audiences.get(code, code)) for code in codes])

    def _languages(self, codes: list[str]) -> str:
        return self.words.listed([self.words.locale.languages.get(code, code) for code in codes])

    def _sources(self, items: list[dict[str, str]]) -> str:
        return self._listed([item["citation"] or item["url"] or item["source_id"] for item in items])

    def _access(self, value: str) -> str:
        return {
            Access.PUBLIC: self.words.gettext("Open to the public"),
            Access.INVITATION: self.words.gettext("By invitation"),
        }[Access(value)]

    def visibility(self, value: str) -> str:
        """Return who may see a published event."""
        return {
            Visibility.STEWARD: self.words.gettext("Only the organisation that keeps it"),
            Visibility.MEMBERS: self.words.gettext("All member organisations"),
            Visibility.PUBLIC: self.words.gettext("Everybody"),
        }[Visibility(value)]

    def stage(self, value: str) -> str:
        """Return where a record is on its way to the public."""
        return {
            Stage.DRAFT: self.words.gettext("Draft"),
            Stage.SUBMITTED: self.words.gettext("Sent in, not decided yet"),
            Stage.CHANGES_REQUESTED: self.words.gettext("Changes asked for"),
            Stage.SCHEDULED: self.words.gettext("To be published on a date"),
            Stage.PUBLISHED: self.words.gettext("Published"),
            Stage.REJECTED: self.words.gettext("Rejected"),
            Stage.WITHDRAWN: self.words.gettext("Withdrawn"),
        }[Stage(value)]

    def _services(self, items: list[dict[str, Any]]) -> str:
        return self._listed([self._service(item) for item in items])

    def _service(self, item: dict[str, Any]) -> str:
        people = item["people"]
        return self.words.listed(
            [
                self.words.organisation(item["provider"], item["provider"]),
                _service_kinds(self.words)[ServiceKind(item["kind"])],
                self.words.ngettext("%(num)d person", "%(num)d people", people) % {"num": people} if people else "",
                self._days(item) if item["first_day"] and item["last_day"] else "",
                _service_states(self.words)[ServiceState(item["state"])],
                item["note"],
            ]
        )

    def _options(self, items: list[dict[str, Any]]) -> str:
        return self._listed([self._option(item) for item in items])

    def _option(self, item: dict[str, Any]) -> str:
        held = self.words.gettext("held until %(day)s")
        return self.words.listed(
            [
                self._days(item),
                self.words.city(item["city"]),
                self.option_state(item["state"]),
                held % {"day": self._day(item["held_until"])} if item["held_until"] else "",
                item["note"],
            ]
        )

    def option_state(self, state: str) -> str:
        """Return whether a candidate date is still in the running."""
        return {
            OptionState.OPEN: self.words.gettext("open"),
            OptionState.CHOSEN: self.words.gettext("chosen"),
            OptionState.RELEASED: self.words.gettext("released"),
        }[OptionState(state)]

    def _days(self, item: dict[str, str]) -> str:
        return history.dates_in_words({"span": [item["first_day"], item["last_day"]]}, self.words)

    def _day(self, text: str) -> str:
        return self.words.day(date.fromisoformat(text))

    def _moment(self, text: str) -> str:
        return self.words.day(datetime.fromisoformat(text).date())

    def action(self, name: str) -> str:
        """Return what was done in a revision."""
        words = self.words
        stages = {str(stage): self.stage(stage) for stage in Stage}
        done = {
            "created": words.gettext("Entered"),
            "resubmitted": words.gettext("Changed and sent again"),
            "changed": words.gettext("Changed"),
            "moved": words.gettext("Moved to other dates"),
            "confirmed-as-right": words.gettext("Confirmed as still right"),
            "undone": words.gettext("Last change undone"),
            "merged": words.gettext("Records merged"),
            "editors": words.gettext("Who may change it"),
            "tentative": words.status("tentative"),
            "confirmed": words.status("confirmed"),
            "postponed": words.status("postponed"),
            "cancelled": words.status("cancelled"),
        }
        return (stages | done).get(name) or done["changed"]


def _service_kinds(words: Words) -> dict[ServiceKind, str]:
    return {
        ServiceKind.REGISTRATION: words.gettext("registration"),
        ServiceKind.TRAVEL: words.gettext("travel"),
        ServiceKind.LOGISTICS: words.gettext("logistics"),
        ServiceKind.IT: words.gettext("information technology"),
        ServiceKind.DOCUMENTS: words.gettext("documents"),
        ServiceKind.LEGAL: words.gettext("legal advice"),
        ServiceKind.STAFF: words.gettext("staff"),
        ServiceKind.PLATFORM: words.gettext("online platform"),
    }


def _service_states(words: Words) -> dict[ServiceState, str]:
    return {
        ServiceState.REQUESTED: words.gettext("asked for"),
        ServiceState.AGREED: words.gettext("agreed"),
        ServiceState.DONE: words.gettext("done"),
        ServiceState.DECLINED: words.gettext("declined"),
    }


def _labels(words: Words) -> dict[str, str]:
    return {
        "titles": words.gettext("Title"),
        "descriptions": words.gettext("Description"),
        "short_title": words.gettext("Short title"),
        "kind": words.gettext("Kind"),
        "processes": words.gettext("Conventions and processes"),
        "bodies": words.gettext("Body"),
        "organisers": words.gettext("Organised by"),
        "series": words.gettext("Series"),
        "part_of": words.gettext("Part of"),
        "part_role": words.gettext("What it is to the whole"),
        "part_label": words.gettext("Part of the meeting"),
        "links": words.gettext("Connected events"),
        "span": words.gettext("Dates"),
        "precision": words.gettext("Dates"),
        "date_text": words.gettext("Dates"),
        "start_time": words.gettext("Start time"),
        "end_time": words.gettext("End time"),
        "timezone": words.gettext("Time zone"),
        "status": words.gettext("Status"),
        "format": words.gettext("Format"),
        "remote_participation": words.gettext("Taking part from afar"),
        "venue": words.gettext("Venue"),
        "city": words.gettext("City"),
        "country": words.gettext("Country"),
        "regions": words.gettext("Region"),
        "latitude": words.gettext("Latitude"),
        "longitude": words.gettext("Longitude"),
        "access": words.gettext("Who may attend"),
        "audiences": words.gettext("Audiences"),
        "languages": words.gettext("Languages of interpretation"),
        "registration_url": words.gettext("Registration"),
        "documents_url": words.gettext("Documents"),
        "online_url": words.gettext("Join online"),
        "web_url": words.gettext("Web page"),
        "contact": words.gettext("Contact"),
        "cooperation_area": words.gettext("Area of cooperation"),
        "decisions": words.gettext("Decisions it answers to"),
        "outcome": words.gettext("Outcome"),
        "sources": words.gettext("Sources"),
        "steward": words.gettext("Kept by"),
        "visibility": words.gettext("Who may see it"),
        "stage": words.gettext("Stage"),
        "publish_on": words.gettext("Publish on"),
        "last_confirmed_at": words.gettext("Last confirmed"),
        "last_confirmed_by": words.gettext("Confirmed by"),
        "notes": words.gettext("Coordination notes"),
        "expected_participants": words.gettext("Expected participants"),
        "staffing": words.gettext("Staffing"),
        "key_persons": words.gettext("Key persons"),
        "services": words.gettext("Services from other secretariats"),
        "options": words.gettext("Candidate dates"),
        "editors": words.gettext("Organisations that may change it too"),
        "merged_into": words.gettext("Merged into"),
        "merged": words.gettext("Taken over from another record"),
    }
