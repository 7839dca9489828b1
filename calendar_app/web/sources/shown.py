"""What the pages of sources say: runs, plans and disagreements in the reader's words."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import select

from calendar_app.extensions import clock
from calendar_app.models import Event
from calendar_app.services import sources
from calendar_app.services.calendar import visible_to
from calendar_app.services.field_words import FieldWords
from calendar_app.services.harvesting import Outcome, Stage
from calendar_app.services.reconciling import Act
from calendar_app.services.records import in_language
from calendar_app.services.sentences import in_words
from calendar_app.services.source_asks import told
from calendar_app.services.source_items import SENTENCES
from calendar_app.web.page import title_language, words
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from calendar_app.models import Source, SourceItem, SourceRun
    from calendar_app.services.access import Person
    from calendar_app.services.calendar import Viewer
    from calendar_app.services.harvesting import Decided

_MOST_LINES = 50
# A bar for each day: how high, in units of the drawing.
_HEIGHTS = {"": 2, Outcome.UNCHANGED: 10, Outcome.DONE: 20, Outcome.MUCH_GONE: 30, Outcome.FAILED: 40}
_BAR, _TALLEST = 10, 40


def line_of(source: Source, run: SourceRun | None, count: int) -> dict[str, Any]:
    """Return a line of the list of sources."""
    return {
        "name": source.name,
        "url": url_for("sources.source", slug=source.slug),
        "owner": words().organisation(source.owner_code, source.owner_code),
        "events": count,
        "asked": moment_in_words(source.asked_at) if source.asked_at else "",
        "health": health_in_words(source),
        "is_well": not (source.failing_since or source.much_gone_at),
        "last": run_in_words(run) if run else _("Not read so far"),
    }


def health_in_words(source: Source) -> str:
    """Say how a source is."""
    said = [_("Paused")] if source.paused else []
    if source.failing_since:
        said.append(_("Fails since %(moment)s", moment=moment_in_words(source.failing_since)))
    if source.much_gone_at:
        said.append(_("Waits for an answer"))
    return " · ".join(said) or str(_("Works") if source.read_at else _("Not read so far"))


def stage_in_words(source: Source) -> str:
    """Say how far the run is that somebody waits for, "" if there is none."""
    texts = {
        "": "",
        Stage.WAITING: _("It is its turn within seconds …"),
        Stage.ASKING: _("The source is asked and read …"),
        Stage.COMPARING: _("What it says is compared with the calendar …"),
    }
    return str(texts[source.stage])


def act_label(act: str) -> str:
    """Say what was done about an event."""
    texts = {
        Act.CREATE: _("New"),
        Act.ASK: _("Waits for a decision: it may be in the calendar already"),
        Act.JOIN: _("Joined with an event of the calendar"),
        Act.UPDATE: _("Changed"),
        Act.PROPOSE: _("Change proposed"),
        Act.CANCEL: _("Called off: it is not in the source any more"),
        Act.LEAVE: _("As it was"),
    }
    return str(texts[Act(act)])


def counts_in_words(counts: Mapping[str, int]) -> str:
    """Say how many events each thing happened to."""
    texts = {
        "create": ngettext("%(num)d new", "%(num)d new", counts.get("create", 0)),
        "ask": ngettext("%(num)d to decide on", "%(num)d to decide on", counts.get("ask", 0)),
        "join": ngettext("%(num)d joined", "%(num)d joined", counts.get("join", 0)),
        "update": ngettext("%(num)d changed", "%(num)d changed", counts.get("update", 0)),
        "propose": ngettext("%(num)d proposed", "%(num)d proposed", counts.get("propose", 0)),
        "cancel": ngettext("%(num)d called off", "%(num)d called off", counts.get("cancel", 0)),
        "leave": ngettext("%(num)d as it was", "%(num)d as they were", counts.get("leave", 0)),
        "disagree": ngettext("%(num)d disagrees", "%(num)d disagree", counts.get("disagree", 0)),
        "missing": ngettext("%(num)d gone", "%(num)d gone", counts.get("missing", 0)),
    }
    return words().listed(text for name, text in texts.items() if counts.get(name))


def run_in_words(run: SourceRun) -> str:
    """Say what a run came to."""
    if run.outcome == Outcome.FAILED:
        return str(_("Could not be read: %(error)s", error=in_words(told(run.error), words())))
    if run.outcome == Outcome.UNCHANGED:
        return str(_("Nothing new"))
    return counts_in_words(run.counts) or str(_("Nothing new"))


def run_of(session: Session, run: SourceRun, viewer: Viewer) -> dict[str, Any]:
    """Return a run with what it did to events that the reader may see."""
    fields = FieldWords(words())
    ids = [uuid.UUID(act["event"]) for act in run.acts if act["act"] != Act.LEAVE or act["disagree"]][:_MOST_LINES]
    titles = _titles(session, viewer, ids)
    lines = [
        {
            "act": act_label(act["act"]),
            "fields": words().listed(fields.label(unit) for unit in act["fields"]),
            "disagree": words().listed(fields.label(unit) for unit in act["disagree"]),
            "title": titles[uuid.UUID(act["event"])][0],
            "language": titles[uuid.UUID(act["event"])][1],
            "url": url_for("events.event", event_id=act["event"]),
        }
        for act in run.acts
        if act["event"] and uuid.UUID(act["event"]) in titles
    ]
    return {
        "moment": moment_in_words(run.at),
        "seconds": format_decimal(round(run.seconds, 1)),
        "said": run_in_words(run),
        "is_failed": run.outcome == Outcome.FAILED,
        "lines": lines[:_MOST_LINES],
        "notes": [_note(note) for note in run.notes],
    }


def _note(note: Mapping[str, Any]) -> dict[str, Any]:
    sentence = words().gettext(SENTENCES.get(note["code"], "%(detail)s")) % {"detail": words().isolated(note["detail"])}
    return {"sentence": sentence, "uid": note["uid"], "line": note["line"], "times": note["times"]}


def _titles(session: Session, viewer: Viewer, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    query = select(Event.id, Event.titles).where(visible_to(viewer), Event.id.in_(list(ids)))
    return {event_id: in_language(titles, title_language()) for event_id, titles in session.execute(query).tuples()}


def plan_of(session: Session, decided: Decided, viewer: Viewer) -> dict[str, Any]:
    """Return what a run would do; of each sort the first ones, by date."""
    fields = FieldWords(words())
    steps = [step for step in decided.plan.steps if step.act is not Act.LEAVE or step.disagreeing]
    shown = sorted(steps, key=lambda step: (step.said.get("span") or ["9"], step.uid))[:_MOST_LINES]
    titles = _titles(session, viewer, {i for step in shown for i in (step.event_id, *step.likely) if i})
    lines = []
    for step in shown:
        title, language = in_language(step.said["titles"], title_language())
        others = [titles[i] for i in (step.likely or ((step.event_id,) if step.act is Act.JOIN else ())) if i in titles]
        lines.append(
            {
                "act": act_label(step.act),
                "title": title,
                "language": language,
                "dates": when_in_words(fields, step.said),
                "place": fields.value("city", step.said),
                "sorted_in": words().listed(
                    filter(None, (fields.value(n, step.said) for n in ("processes", "kind", "bodies")))
                ),
                "fields": words().listed(fields.label(unit) for unit in step.changed)
                if step.act is not Act.JOIN
                else "",
                "disagree": words().listed(fields.label(unit) for unit in step.disagreeing),
                "others": [{"title": other, "language": code} for other, code in others],
            }
        )
    counts = Counter(str(step.act) for step in decided.plan.steps)
    counts |= {"missing": len(decided.plan.missing), "disagree": sum(bool(s.disagreeing) for s in decided.plan.steps)}
    return {
        "said": counts_in_words(counts) or _("Nothing at all"),
        "lines": lines,
        "more": len(steps) - len(lines),
        "is_in_doubt": decided.plan.is_in_doubt,
        "missing": len(decided.plan.missing),
        "had": decided.plan.had,
    }


def when_in_words(fields: FieldWords, state: Mapping[str, Any]) -> str:
    """Say the days of a state, with hours and zone where there are any."""
    hours = "–".join(filter(None, (state.get("start_time"), state.get("end_time"))))
    return " ".join(
        filter(
            None,
            (
                fields.value("span", {"precision": "day", "date_text": "", **state}),
                hours,
                state.get("timezone") if hours else "",
            ),
        )
    )


def disagreements_of(session: Session, source: Source, someone: Person) -> list[dict[str, Any]]:
    """Return what a source disagrees on with the calendar, of events that the reader may see."""
    found = sources.disagreements(session, source, someone.viewer)
    titles = _titles(session, someone.viewer, {d.event.id for d in found})
    return [disagreement_of(d, someone, titles[d.event.id]) for d in found if d.event.id in titles]


def disagreement_of(found: sources.Disagreement, someone: Person, title: tuple[str, str]) -> dict[str, Any]:
    """Return one thing on which a source and the calendar disagree."""
    fields = FieldWords(words())
    return {
        "item": found.item.id,
        "seen": found.number,
        "digest": found.digest,
        "unit": found.unit,
        "event": {
            "title": title[0],
            "language": title[1],
            "url": url_for("events.event", event_id=str(found.event.id)),
        },
        "label": fields.label(found.unit),
        "said": value_of(fields, found.unit, found.said),
        "ours": value_of(fields, found.unit, found.ours),
        "may_settle": found.event.steward_code in someone.deciding,
        "steward": words().organisation(found.event.steward_code, found.event.steward_code),
    }


def value_of(fields: FieldWords, unit: str, state: Mapping[str, Any]) -> str:
    """Say a unit: days with their hours, a city with its country."""
    if unit == "span":
        return when_in_words(fields, state)
    if unit == "city":
        return ", ".join(filter(None, (fields.value("city", state), fields.value("country", state))))
    return fields.value(unit, state)


def missing_of(session: Session, found: Sequence[tuple[SourceItem, Event]], viewer: Viewer) -> list[dict[str, Any]]:
    """Return what is gone from a source and waits for an answer, as far as the reader may see it."""
    titles = _titles(session, viewer, [event.id for _item, event in found])
    fields = FieldWords(words())
    return [
        {
            "title": titles[event.id][0],
            "language": titles[event.id][1],
            "url": url_for("events.event", event_id=str(event.id)),
            "dates": when_in_words(fields, item.said),
        }
        for item, event in found
        if event.id in titles
    ]


def health_of(session: Session, source: Source) -> dict[str, Any]:
    """Return how a source did over the last days: bars of a drawing, and the same in words."""
    days = sources.health(session, source, clock.today())
    outcomes = Counter(day.outcome for day in days)
    sentence = _(
        "In the last %(days)d days: read on %(read)d, with news on %(news)d; failed on %(failed)d.",
        days=len(days),
        read=sum(outcomes[o] for o in (Outcome.UNCHANGED, Outcome.DONE, Outcome.MUCH_GONE)),
        news=sum(day.changes > 0 for day in days),
        failed=outcomes[Outcome.FAILED],
    )
    return {
        "sentence": sentence,
        "width": _BAR * len(days),
        "height": _TALLEST,
        "bars": [
            {
                "x": _BAR * number,
                "y": _TALLEST - _HEIGHTS[day.outcome],
                "width": _BAR - 2,
                "height": _HEIGHTS[day.outcome],
                "outcome": day.outcome or "none",
            }
            for number, day in enumerate(days)
        ],
    }
