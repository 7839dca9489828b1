"""What composing digests costs: ten members, a calendar of 2,000 events, its findings and what changed in a month."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import event as events_of_engine
from sqlalchemy import func, select, update

from bench import made_calendar, planning
from bench.applications import MOMENT, application
from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, Organisation, Revision, StoredFinding
from calendar_app.services import digests, findings, renderings
from calendar_app.services.digest_material import Edition
from calendar_app.services.mail_links import MailLinks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS, MEMBERS, ROUNDS = 2_000, 10, 5
_LINKS = MailLinks("https://calendar.example.org", "x" * 40)
_BATCH, _SEED = 500, 20251001
# Of all events so many were moved within the month.
_MOVED = 100


def measure(folder: Path) -> None:
    """Make the calendar and print what composing costs."""
    with planning.packaged(folder / "digests-from").app_context():
        families = made_calendar.families(db.session())
    app = application(folder / "digests")
    with app.app_context():
        codes = _fill(families, app.config["PUBLIC_URL"])
        now = clock.now().astimezone(clock.zone)
        edition = Edition.of_month(now.date())
        took = []
        for _ in range(ROUNDS):
            db.session.rollback()
            db.session.expunge_all()
            with counted() as asked:
                started = time.perf_counter()
                made = digests.compose(db.session(), {code: ["en"] for code in codes}, edition, now, _LINKS)
                took.append(time.perf_counter() - started)
        found = db.session.scalar(select(func.count()).select_from(StoredFinding))
        print(f"\nDigests: {EVENTS} events, {found} findings, {MEMBERS} organisations, all read anew each time")
        print(f"{'all composed, ms (median, worst)':46}{sorted(took)[ROUNDS // 2] * 1000:8.0f}{max(took) * 1000:8.0f}")
        print(f"{'queries in all':46}{len(asked):8}")
        sizes = sorted(len(issue.html) for issue in made)
        print(f"{'KB of HTML, smallest and largest':46}{sizes[0] / 1024:8.0f}{sizes[-1] / 1024:8.0f}")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield the statements that the database is sent within."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    events_of_engine.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        events_of_engine.remove(db.engine, "before_cursor_execute", note)


def _fill(families: list[list[made_calendar.Template]], home_url: str) -> list[str]:
    """Fill the calendar, shared by ten members; return their codes."""
    chance = random.Random(_SEED)
    with transaction() as session:
        made_calendar.fill(session, families, EVENTS)
        ids = list(session.scalars(select(Event.id).order_by(Event.id)))
        codes = list(session.scalars(select(Organisation.code).order_by(Organisation.member.desc(), Organisation.code)))
        codes = codes[:MEMBERS]
        session.execute(update(Organisation).where(Organisation.code.in_(codes)).values(member=True))
        for code in codes:
            own = chance.sample(ids, len(ids) // MEMBERS)
            session.execute(update(Event).where(Event.id.in_(own)).values(steward_code=code))
        for event in session.scalars(select(Event).where(Event.id.in_(chance.sample(ids, _MOVED)))):
            session.add(_moved(event))
    with transaction() as session:
        findings.recompute(session, MOMENT)
    for first in range(0, len(ids), _BATCH):
        with transaction() as session:
            renderings.refresh(session, ids[first : first + _BATCH], home_url, MOMENT)
    return codes


def _moved(event: Event) -> Revision:
    week = timedelta(days=7)
    assert event.start and event.end  # noqa: PT018 - made of dated templates
    days = [
        [(day + shift).isoformat() for day in (event.start, event.end - timedelta(days=1))]
        for shift in (week, 0 * week)
    ]
    return Revision(
        event_id=event.id, at=MOMENT - week, actor="bench", action="changed", reason="",
        before={"span": days[0]}, after={"span": days[1]},
    )  # fmt: skip
