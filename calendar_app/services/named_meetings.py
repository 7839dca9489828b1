"""Which meeting an event of somebody else's feed is: convention, kind and bodies, as far as its words name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calendar_app.services.meeting_names import meetings_in
from calendar_app.services.records import BodyMeeting
from calendar_app.services.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calendar_app.services.reference import Reference
    from calendar_app.services.source_items import Rule
    from feeds.reading.values import ReadEvent


def what_is_named(
    event: ReadEvent, titles: Mapping[str, str], rules: Iterable[Rule], facts: Reference
) -> dict[str, Any]:
    """Return convention, kind and bodies: by the source's rules, by InforMEA's words, by what titles name."""
    text = f" {fold(' | '.join((*titles.values(), event.summary, *event.categories)))} "
    processes = [slug for word in event.treaties if (slug := facts.find("process", word))]
    kind = facts.find("kind", event.meeting_type) or ""
    bodies: list[tuple[str, int | None]] = []
    for rule in rules:
        if f" {fold(rule.words)} " not in text:
            continue
        processes += [rule.convention] if rule.convention in facts.processes else []
        bodies += [(rule.body, None)] if rule.body in facts.bodies else []
        kind = kind or (rule.kind if rule.kind in facts.kinds else "")
    named = sorted(meetings_in(titles.values(), tuple(processes), bodies, facts), key=str)
    processes += [facts.bodies[code].process for code, _number in named]
    return {
        "processes": tuple(dict.fromkeys(processes)),
        "kind": kind or next((facts.bodies[code].kind for code, number in named if number), "other"),
        "bodies": tuple(BodyMeeting(code, number) for code, number in named),
    }
