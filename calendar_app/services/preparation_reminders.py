"""Letters to those who look after milestones and coordination slots: a week before the day, and when it has passed.

Each person gets one letter a day with all that is new in it, and is told of each day of a step twice at most: when a
deadline moves, they are told of the new day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from calendar_app.mail.composing import Block, Letter, Listing, Paragraph
from calendar_app.models import Event, PreparationReminder
from calendar_app.services import coordination, milestones
from calendar_app.services.calendar import Viewer, can_see
from calendar_app.services.outbox import queue
from calendar_app.services.owners import Owner, recipients_of
from calendar_app.services.preparation_words import milestone_name, slot_label
from calendar_app.services.records import in_language
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.outbox import Recipient

    # What is told once: the event, what of it, the occasion and the day.
    Key = tuple[uuid.UUID, str, str, date]

NOTICE = timedelta(days=7)
# What passed longer ago is no news: it came by a change of lead times, or the server was down for long.
_NEWS = timedelta(days=14)
_KEPT = timedelta(days=60)
SOON, LATE = "soon", "late"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to remind somebody of. `sort` is milestone or slot."""

    event: Event
    sort: str
    name: str
    due: date
    owner: Owner
    is_late: bool

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return self.event.id, f"{self.sort}/{self.name}", LATE if self.is_late else SOON, self.due


def remind(session: Session, today: date, now: datetime, link: Callable[[uuid.UUID], str]) -> int:
    """Write to those who look after what is due within a week or late; return how many letters.

    What nobody looks after reminds nobody: workspaces, digests and the review show it. `link` gives the full address of
    an event's page.
    """
    told = _told(session, today)
    written = 0
    for recipient, reminders in _by_recipient(session, today).values():
        new = [r for r in reminders if (*r.key, recipient.email.casefold()) not in told]
        if not new:
            continue
        letter = _letter(sorted(new, key=lambda r: (r.due, r.name)), Words(recipient.language), link)
        key = f"preparation/{today}/{recipient.email.casefold()}"
        if queue(session, recipient, letter, now, key=key, about_work=True):
            session.add_all(_row(r, recipient, now) for r in new)
            written += 1
    session.execute(delete(PreparationReminder).where(PreparationReminder.due_on < today - _KEPT))
    session.flush()
    return written


def _told(session: Session, today: date) -> set[tuple[uuid.UUID, str, str, date, str]]:
    query = select(PreparationReminder).where(PreparationReminder.due_on >= today - _NEWS)
    return {(r.event_id, r.what, r.occasion, r.due_on, r.email.casefold()) for r in session.scalars(query)}


def _row(reminder: Reminder, recipient: Recipient, now: datetime) -> PreparationReminder:
    event_id, what, occasion, due = reminder.key
    return PreparationReminder(
        event_id=event_id, what=what, occasion=occasion, due_on=due, email=recipient.email, sent_at=now
    )


def _by_recipient(session: Session, today: date) -> dict[str, tuple[Recipient, list[Reminder]]]:
    """Return what is due by the address of who looks after it, each thing once for an address."""
    found: dict[str, tuple[Recipient, list[Reminder]]] = {}
    known: dict[Owner, list[Recipient]] = {}
    for reminder in _due(session, today):
        owner = reminder.owner
        if not owner or not _may_know(owner, reminder.event):
            continue
        if owner not in known:
            known[owner] = recipients_of(session, owner, today)
        for recipient in known[owner]:
            found.setdefault(recipient.email.casefold(), (recipient, []))[1].append(reminder)
    return found


def _due(session: Session, today: date) -> Iterator[Reminder]:
    first, last = today - _NEWS, today + NOTICE
    for event, due in milestones.due_between(session, first, last, today):
        yield from (Reminder(event, "milestone", d.name, d.due, d.owner, d.is_late) for d in due)
    for event, slots in coordination.due_between(session, first, last, today):
        yield from (
            Reminder(event, "slot", s.slot, s.deadline, s.owner, s.is_late) for s in slots if s.deadline is not None
        )


def _may_know(owner: Owner, event: Event) -> bool:
    """Tell whether an owner may read of the event: the organisation sees it, or the steward named somebody alone."""
    return not owner.organisation or can_see(Viewer(frozenset({owner.organisation})), event)


def _letter(reminders: Sequence[Reminder], words: Words, link: Callable[[uuid.UUID], str]) -> Letter:
    late = [r for r in reminders if r.is_late]
    soon = [r for r in reminders if not r.is_late]
    blocks: list[Block] = [
        Paragraph(words.gettext("You look after these milestones and coordination slots of meetings."))
    ]
    if late:
        blocks += [Paragraph(words.gettext("Late, and still open:")), _listing(late, words, link)]
    if soon:
        blocks += [Paragraph(words.gettext("Due within a week:")), _listing(soon, words, link)]
    blocks.append(
        Paragraph(
            words.gettext(
                "When it is done, the coordinators of your organisation say so on the page of the event. If the day is"
                " no longer right, they can agree another one there."
            )
        )
    )
    subject = (
        words.ngettext("%(num)d deadline has passed", "%(num)d deadlines have passed", len(late)) % {"num": len(late)}
        if late
        else words.ngettext("%(num)d deadline comes within a week", "%(num)d deadlines come within a week", len(soon))
        % {"num": len(soon)}
    )
    return Letter(subject, tuple(blocks))


def _listing(reminders: Sequence[Reminder], words: Words, link: Callable[[uuid.UUID], str]) -> Listing:
    return Listing(tuple((_line(r, words), link(r.event.id)) for r in reminders))


def _line(reminder: Reminder, words: Words) -> str:
    what = slot_label(words, reminder.name) if reminder.sort == "slot" else milestone_name(words, reminder.name)
    return words.gettext("%(title)s: %(what)s, by %(day)s") % {
        "title": words.isolated(in_language(reminder.event.titles, words.language)[0]),
        "what": words.isolated(what),
        "day": words.day(reminder.due),
    }
