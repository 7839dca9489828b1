"""Milestones and coordination slots in a reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendar_app.planning.coordination import SlotName, SlotState
from calendar_app.planning.milestones import Standing

if TYPE_CHECKING:
    from calendar_app.services.owners import Owner
    from calendar_app.services.wording import Words


def slot_label(words: Words, slot: str) -> str:
    """Return what is coordinated."""
    return {
        SlotName.PARTICIPATION: words.gettext("Participation"),
        SlotName.STATEMENTS: words.gettext("Statements"),
        SlotName.DOCUMENTS: words.gettext("Documents"),
        SlotName.SIDE_EVENTS: words.gettext("Side events"),
    }[SlotName(slot)]


def slot_state(words: Words, state: str) -> str:
    """Return how far it is."""
    return {
        SlotState.NOT_NEEDED: words.gettext("Not needed"),
        SlotState.OPEN: words.gettext("Open"),
        SlotState.AGREED: words.gettext("Agreed"),
        SlotState.DONE: words.gettext("Done"),
    }[SlotState(state)]


def milestone_name(words: Words, name: str) -> str:
    """Return the name of a step; one that people here wrote stays as they wrote it."""
    return words.gettext(name)


def standing(words: Words, state: str) -> str:
    """Return how a step stands."""
    return {
        Standing.DUE: words.gettext("Due"),
        Standing.LATE: words.gettext("Late"),
        Standing.UNDATED: words.gettext("No date yet"),
        Standing.BEFORE: words.gettext("Before this calendar kept it"),
        Standing.OFF: words.gettext("Nothing is due"),
        Standing.DONE: words.gettext("Done"),
        Standing.NOT_NEEDED: words.gettext("Not needed"),
    }[Standing(state)]


def role_label(words: Words, role: str) -> str:
    """Return which part of the secretariat usually looks after a step, "" for a step without a role."""
    return {
        "steward": words.gettext("The secretariat that keeps the event"),
        "executive": words.gettext("Executive office"),
        "programme": words.gettext("Programme"),
        "documents": words.gettext("Documents"),
        "conference-services": words.gettext("Conference services"),
        "communications": words.gettext("Communications"),
    }.get(role, "")


def owner_name(words: Words, owner: Owner) -> str:
    """Return who looks after something: a person, an organisation or both; "" for nobody."""
    person = owner.person
    organisation = words.organisation(owner.organisation, owner.organisation) if owner.organisation else ""
    if person and organisation:
        return words.gettext("%(person)s, %(organisation)s") % {
            "person": words.isolated(person),
            "organisation": words.isolated(organisation),
        }
    return person or organisation
