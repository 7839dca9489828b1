"""What is decided on together in what a source says of an event, and how it is compared with what others say.

A state is a mapping of an event's fields to JSON values, as in revisions; `UNITS` are the fields that are one decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

State: TypeAlias = "Mapping[str, Any]"

# A day means nothing without its precision, nor an hour without its zone: what belongs to the days is one decision.
WHEN = "span"
UNITS: dict[str, tuple[str, ...]] = {
    WHEN: ("span", "precision", "date_text", "start_time", "end_time", "timezone"),
    "city": ("city", "country"),
    **{
        name: (name,)
        for name in (
            "titles descriptions kind processes bodies series status format venue regions latitude longitude access"
            " registration_url documents_url online_url web_url contact"
        ).split()
    },
}
# In one language or several, by their codes.
TEXTS = frozenset({"titles", "descriptions"})
# Beside the fields that a source said: the units on which it said nothing any more when it was read last.
_SILENT = "silent"
_NOTHING: dict[str, Any] = {"span": None, "precision": "day"}


def taken(unit: str, said: State, state: State) -> dict[str, Any]:
    """Return the fields of a unit as they are when the source's words are taken over into `state`."""
    if unit in TEXTS:
        return {unit: {**(state.get(unit) or {}), **said[unit]}}
    return {name: said.get(name) if name in said else _NOTHING.get(name, "") for name in UNITS[unit]}


def units_of(state: State) -> Iterator[str]:
    """Yield the units of which a state says something."""
    return (unit for unit in UNITS if not is_empty(unit, state))


def is_empty(unit: str, state: State) -> bool:
    """Tell whether a state says nothing of a unit."""
    if unit == WHEN:
        return not state.get("span") and not state.get("date_text")
    return state.get(UNITS[unit][0]) in (None, "", [], {}, "unknown", "other")


def remembered(now: State, before: State) -> State:
    """Return what a source is remembered to have said: the last word on each unit, however long ago."""
    silent = [unit for unit in units_of(before) if is_empty(unit, now)]
    if not silent:
        return now
    words = {name: before[name] for unit in silent for name in UNITS[unit] if name in before}
    return {**now, **words, _SILENT: silent}


def spoken(said: State) -> State:
    """Return of what a source is remembered to have said that which it says now."""
    if _SILENT not in said:
        return said
    names = {name for unit in said[_SILENT] for name in UNITS[unit]} | {_SILENT}
    return {name: value for name, value in said.items() if name not in names}


def agree(unit: str, one: State, other: State) -> bool:
    """Tell whether `other` says what `one` says; texts in more languages are no contradiction."""
    if unit in TEXTS:
        texts, others = one.get(unit) or {}, other.get(unit) or {}
        return all(others.get(code) == text for code, text in texts.items())
    return all((one.get(name) or None) == (other.get(name) or None) for name in UNITS[unit])
