"""What the pages of sources say: runs, plans and disagreements in the reader's words."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import select

from calendar_app.extensions import clock
from calendar_app.models import Event
from calendar_app.planning.dates import ONE_DAY
from calendar_app.services import sources
from calendar_app.services.calendar import visible_to
from calendar_app.services.field_words import FieldWords
from calendar_app.services.harvest_writing import ORDER
from calendar_app.services.harvesting import Outcome, Stage
from calendar_app.services.long_lists import first_ones, gathered
from calendar_app.services.reconciling import Act
from calendar_app.services.records import in_language
from calendar_app.services.sentences import in_words
from calendar_app.services.source_asks import told
from calendar_app.services.source_items import SENTENCES
from calendar_app.web.page import title_language, words
from calendar_app.web.series import dates_of_series
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from calendar_app.models import Source, SourceItem, SourceRun
    from calendar_app.services.access import Person
    from calendar_app.services.calendar import Viewer
    from calendar_app.services.harvesting import Decided
    from calendar_app.services.reconciling import Step

# So many lines are shown, at least so many of each sort; of a series, what so many of its dates may be.
_MOST_LINES, _OF_EACH, _MOST_OTHERS = 50, 7, 5
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
    """Return a run with what it did to events that the reader may see; of each sort the first ones."""
    fields = FieldWords(words())
    told = [a for a in run.acts if a["event"] and (a["act"] != Act.LEAVE or a["disagree"])]
    events = _events(session, viewer, [uuid.UUID(act["event"]) for act in told])
    seen = [(act, found) for act in told if (found := events.get(uuid.UUID(act["event"])))]
    seen.sort(key=lambda pair: (ORDER.index(pair[0]["act"]), pair[1].start or date.max, str(pair[1].id)))
    groups = gathered(seen, _series_of_act)
    shown = first_ones(groups, lambda group: str(group[0][0]["act"]), _MOST_LINES, _OF_EACH)
    lines = []
    for group in shown:
        act, event = group[0]
        (title, language), dates = in_language(event.titles, title_language()), ""
        if len(group) > 1:
            title, language = event.series, ""
            dates = _dates([(one.start, one.end - ONE_DAY) for _act, one in group])
        lines.append(
            {
                "act": act_label(act["act"]),
                "fields": words().listed(fields.label(unit) for unit in act["fields"]),
                "disagree": words().listed(fields.label(unit) for unit in act["disagree"]),
                "title": title,
                "language": language,
                "dates": dates,
                "url": url_for("events.event", event_id=str(event.id)),
            }
        )
    # Of a long run only the first acts are kept; the counts are of all.
    done = sum(run.counts.get(str(act), 0) for act in ORDER if act is not Act.LEAVE)
    not_kept = done - sum(act["act"] != Act.LEAVE for act in run.acts)
    return {
        "moment": moment_in_words(run.at),
        "seconds": format_decimal(round(run.seconds, 1)),
        "said": run_in_words(run),
        "is_failed": run.outcome == Outcome.FAILED,
        "lines": lines,
        "more": max(0, not_kept) + len(seen) - sum(map(len, shown)) if lines else 0,
        "notes": [_note(note) for note in run.notes],
    }


def _series_of_act(pair: tuple[Mapping[str, Any], Any]) -> Hashable | None:
    """Return what the dates of one series have in common with which the same was done; None for other events."""
    act, event = pair
    if not event.series or event.start is None:
        return None
    return act["act"], event.series, tuple(act["fields"]), tuple(act["disagree"])


def _dates(days: Sequence[tuple[date, date]]) -> str:
    return dates_of_series(len(days), min(first for first, _last in days), max(last for _first, last in days))


def _events(session: Session, viewer: Viewer, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Return what is said of those of these events that the reader may see."""
    columns = (Event.id, Event.titles, Event.series, Event.start, Event.end)
    query = select(*columns).where(visible_to(viewer), Event.id.in_(list(ids)))
    return {row.id: row for row in session.execute(query)}


def _note(note: Mapping[str, Any]) -> dict[str, Any]:
    sentence = words().gettext(SENTENCES.get(note["code"], "%(detail)s")) % {"detail": words().isolated(note["detail"])}
    return {"sentence": sentence, "uid": note["uid"], "line": note["line"], "times": note["times"]}


def _titles(session: Session, viewer: Viewer, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    query = select(Event.id, Event.titles).where(visible_to(viewer), Event.id.in_(list(ids)))
    return {event_id: in_language(titles, title_language()) for event_id, titles in session.execute(query).tuples()}


def plan_of(session: Session, decided: Decided, viewer: Viewer) -> dict[str, Any]:
    """Return what a run would do: what needs a decision first, by date, and of each sort the first ones.

    The dates of one series to which the same is done are one line.
    """
    steps = [step for step in decided.plan.steps if step.act is not Act.LEAVE or step.disagreeing]
    steps.sort(key=lambda step: (ORDER.index(step.act), step.said.get("span") or ["9"], step.uid))
    groups = gathered(steps, _series_of_step)
    shown = first_ones(groups, lambda group: group[0].act, _MOST_LINES, _OF_EACH)
    others = [step for group in shown for step in group[:_MOST_OTHERS]]
    titles = _titles(session, viewer, {i for step in others for i in (step.event_id, *step.likely) if i})
    counts = Counter(str(step.act) for step in decided.plan.steps)
    counts |= {"missing": len(decided.plan.missing), "disagree": sum(bool(s.disagreeing) for s in decided.plan.steps)}
    return {
        "said": counts_in_words(counts) or _("Nothing at all"),
        "lines": [_plan_line(group, titles) for group in shown],
        "more": len(steps) - sum(map(len, shown)),
        "is_in_doubt": decided.plan.is_in_doubt,
        "missing": len(decided.plan.missing),
        "had": decided.plan.had,
    }


def _series_of_step(step: Step) -> Hashable | None:
    """Return what the dates of one series have in common to which the same is done; None for other events."""
    if not step.said.get("series") or not step.said.get("span"):
        return None
    return step.act, step.said["series"], step.changed, step.disagreeing


def _plan_line(group: Sequence[Step], titles: Mapping[uuid.UUID, tuple[str, str]]) -> dict[str, Any]:
    """Return a line of what would be done: to one event, or to several dates of a series."""
    fields, step = FieldWords(words()), group[0]
    title, language = in_language(step.said["titles"], title_language())
    dates = when_in_words(fields, step.said)
    if len(group) > 1:
        title, language = step.said["series"], ""
        dates = _dates([(date.fromisoformat(first), date.fromisoformat(last)) for first, last in map(_span, group)])
    likely = dict.fromkeys(
        event
        for one in group[:_MOST_OTHERS]
        for event in (one.likely or ((one.event_id,) if one.act is Act.JOIN else ()))
        if event in titles
    )
    return {
        "act": act_label(step.act),
        "title": title,
        "language": language,
        "dates": dates,
        "place": fields.value("city", step.said),
        "sorted_in": words().listed(
            filter(None, (fields.value(name, step.said) for name in ("processes", "kind", "bodies")))
        ),
        "fields": words().listed(fields.label(unit) for unit in step.changed) if step.act is not Act.JOIN else "",
        "disagree": words().listed(fields.label(unit) for unit in step.disagreeing),
        "others": [{"title": titles[event][0], "language": titles[event][1]} for event in likely if event],
    }


def _span(step: Step) -> tuple[str, str]:
    first, last = step.said["span"]
    return first, last


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
