"""Rounds in an application, one open and two closed, and a sheet that was sent in: all that their pages can show."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.extensions import clock, transaction
from calendar_app.models import DigestRecipient, RoundEntry, RoundPartner
from calendar_app.services import exchange_rounds, month, round_letters, round_replies, round_sheets, sheets
from calendar_app.services.mail_links import MailLinks
from calendar_app.services.month import Step
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from flask import Flask

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)


def add_rounds(app: Flask, data: str) -> list[str]:
    """Add them, with `data` wherever people type; return the addresses that letters, or what is sent in, lead to."""
    now, links = clock.now().astimezone(clock.zone), MailLinks("", app.config["SECRET_KEY"])
    email = "lists@brs.example"
    with transaction() as session:
        session.add(DigestRecipient(organisation_code="brs", kind="mailbox", email=email, name=data, language="en"))
        for of in (OCTOBER, NOVEMBER):
            exchange_rounds.closes(session, Step("", month.CLOSES, of, now), now, links)
        first, second = session.scalars(select(RoundEntry).where(RoundEntry.month == OCTOBER).limit(2)).all()
        first.facts = first.facts | {"span": ["2027-01-11", "2027-01-12"], "precision": "day"}
        session.delete(second)
        exchange_rounds.opens(session, Step("", month.OPENS, DECEMBER, now), now, links)
        # Not by answering: the audit log, which would have it too, is about codes.
        partner = session.get_one(RoundPartner, (DECEMBER, "minamata"))
        partner.answer, partner.answered_at, partner.answered_by = "nothing-to-add", now, data
        own = exchange_rounds.own_events(session, "brs", now.date())[:2]
        changed, same = round_sheets.rows_of(session, own, reference())
        rows = [changed | {"venue": data * 2}, same, {"title": data, "start": "2027-02-01"}]
        rows.append({"id": str(uuid.UUID(int=1)), "title": data})
        sheet = sheets.Sheet(list(enumerate(rows, 2)))
        reply = round_replies.store(session, sheet, data, DECEMBER, "brs", data, now)
        page = round_letters.page_url(links, DECEMBER, "brs", email)
        closed = round_letters.page_url(links, NOVEMBER, "brs", email)
        return [page, f"{page}/replies/{reply.id}", closed, f"/exchange/2026-12/of/brs/replies/{reply.id}"]
