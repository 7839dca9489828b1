"""Adds a source with all that its page can show to the calendar that the browser looks at: run by `conftest`."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import app
from calendar_app.extensions import clock, transaction
from calendar_app.models import Event, EventSource, SourceItem, SourceRun
from calendar_app.services import sources

SPAN = {"span": ["2026-06-22", "2026-06-26"], "precision": "day", "date_text": ""}


def main() -> None:
    """Add the source `partner`, which disagrees on an event, has lost another one, and failed some days."""
    with app.app_context(), transaction() as session:
        values = {
            "slug": "partner",
            "name": "Calendar of a partner",
            "url": "https://partner.example/" + "calendar/" * 12,
        }
        columns = {"kind": "ics", "owner_code": "brs", "trust": "direct", "timezone": "Europe/Zurich"}
        rules = [{"words": "oewg", "convention": "basel", "kind": "", "body": "BC-OEWG"}]
        source = sources.add(session, values | columns | {"rules": rules}, clock.now())
        source.paused, source.stage, source.much_gone_at = True, "", clock.now()
        ids = dict(session.execute(select(EventSource.source_id, EventSource.event_id)).tuples().all())
        named = {"oewg": ids["p-bc-oewg-15"], "lost": ids["p-brs-cops-2027"]}
        event = session.get_one(Event, named["oewg"])
        event.sources.append(EventSource(source_id="partner:oewg", citation=source.name, conflicts="dates", position=9))
        event.sources_disagree = True
        said = {"titles": dict(event.titles), **SPAN}
        for uid, event_id in named.items():
            item = SourceItem(
                source_id=source.id,
                uid=uid,
                note=f"partner:{uid}",
                event_id=event_id,
                said=said,
                kept={},
                first_at=clock.now(),
            )
            item.missing_since = clock.now() if uid == "lost" else None
            session.add(item)
        notes = [{"code": "no-start", "detail": "", "uid": "x" * 90, "line": 7, "times": 2}]
        acts = [{"act": "update", "event": str(named["oewg"]), "fields": ["titles"], "disagree": ["span"]}]
        for days, outcome in enumerate(("much-gone", "done", "failed", "unchanged", "failed")):
            session.add(
                SourceRun(
                    source_id=source.id, at=clock.now() - timedelta(days=5 - days), outcome=outcome, notes=notes,
                    error="partner.example answered 503." if outcome == "failed" else "", acts=acts, seconds=1.25,
                    counts={} if outcome == "failed" else {"update": 1, "disagree": 1, "missing": 1, "leave": 40},
                )
            )  # fmt: skip


if __name__ == "__main__":
    main()
