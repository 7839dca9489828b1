"""What differs between two states of a record, in words, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.services.calendar import Viewer, visible_to
from calendar_app.services.records import FIELDS, INTERNAL_FIELDS, in_language
from calendar_app.services.row_cells import event_id_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy.orm import Session

    from calendar_app.services.field_words import FieldWords

# What a date means depends on all three: they are shown, proposed and taken over as one.
DATES = ("span", "precision", "date_text")
# What revisions tell besides the fields of the record.
BESIDES = ("editors", "merged_into", "merged")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs, with its label and how it read before and after; "" where nothing was or is known."""

    name: str
    label: str
    old: str
    new: str


def unit_of(name: str) -> str:
    """Return the name under which a field is shown: `span` for all that belongs to the dates."""
    return "span" if name in DATES else name


def fields_of(unit: str) -> tuple[str, ...]:
    """Return the fields that are shown, and taken over, under one name."""
    return DATES if unit == "span" else (unit,)


def changed_units(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the names under which what differs is shown, in the order of the record."""
    names = (name for name in (*FIELDS, *BESIDES) if _of(old, name) != _of(new, name))
    return list(dict.fromkeys(unit_of(name) for name in names))


def _of(state: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    """Return a field, all that says nothing as one: a first revision leaves out what was empty."""
    return state.get(name) or None


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], fields: FieldWords, *, internal: bool
) -> list[Difference]:
    """Return what differs between two states; fields that are never public only with `internal`."""
    found = []
    for unit in changed_units(old, new):
        if unit in INTERNAL_FIELDS and not internal:
            continue
        before, after = _narrowed(unit, old, new)
        found.append(Difference(unit, fields.label(unit), fields.value(unit, before), fields.value(unit, after)))
    return found


def _narrowed(unit: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Leave out the languages in which a text is the same."""
    if unit not in {"titles", "descriptions"}:
        return old, new
    texts = [state.get(unit) or {} for state in (old, new)]
    languages = [code for code in texts[0] | texts[1] if texts[0].get(code) != texts[1].get(code)]
    before, after = ({code: text[code] for code in languages if text.get(code)} for text in texts)
    return {unit: before}, {unit: after}


def described(
    state: Mapping[str, Any], fields: FieldWords, *, internal: bool, leave_out: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Return (label, value) of everything that is known of a record."""
    units = dict.fromkeys(unit_of(name) for name in FIELDS if name not in leave_out)
    shown = [unit for unit in units if internal or unit not in INTERNAL_FIELDS]
    return [(fields.label(unit), value) for unit in shown if (value := fields.value(unit, state))]


def names_of_events(
    session: Session, viewer: Viewer, states: Iterable[Mapping[str, Any]], language: str
) -> dict[str, str]:
    """Return the titles of the other events that states speak of and the viewer may see, by id; at most one query."""
    texts = {text for state in states for text in _others(state)}
    ids = [event_id for text in texts if (event_id := event_id_of(text))]
    if not ids:
        return {}
    rows = session.execute(select(Event.id, Event.titles).where(visible_to(viewer), Event.id.in_(ids))).tuples()
    return {str(event_id): in_language(titles, language)[0] for event_id, titles in rows}


def _others(state: Mapping[str, Any]) -> list[str]:
    links = [link["other"] for link in state.get("links") or ()]
    return [*links, *(state[name] for name in ("part_of", "merged_into") if state.get(name))]
