"""Two people do something with one event in the same moment, really at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from calendar_app.extensions import db
from calendar_app.services.records import SourceNote, record_of
from tests.work.filling import fields_of, opened


@pytest.fixture
def both(signed_in):
    return [signed_in(f"{name}@brs.example", brs="coordinator") for name in ("ana", "bo")]


def at_once(*requests) -> list:
    """Send all requests in one moment; return the answers in order."""
    db.session.rollback()
    start = threading.Barrier(len(requests))

    def send(browser, address, data):
        start.wait()
        return browser.post(address, data=data)

    with ThreadPoolExecutor(len(requests)) as pool:
        return [answer.result() for answer in [pool.submit(send, *request) for request in requests]]


def test_two_who_save_at_once_both_keep_what_they_typed(both, add_event, stored, revisions):
    event_id = add_event(title="Event")
    page = f"/events/{event_id}/edit"
    typed = ({"venue": "Ana's venue"}, {"contact": "Bo's contact"})
    forms = [opened(browser, page) | values for browser, values in zip(both, typed, strict=True)]
    answers = at_once(*((browser, page, form) for browser, form in zip(both, forms, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    told = next(number for number, answer in enumerate(answers) if answer.status_code == 409)
    again = fields_of(answers[told].get_data(as_text=True))
    assert both[told].post(page, data=again).status_code == 303
    assert (stored(event_id).venue, stored(event_id).contact) == ("Ana's venue", "Bo's contact")
    assert len(revisions(event_id)) == 3


def test_two_who_merge_or_cancel_at_once_do_it_once(both, add_event, stored, revisions):
    winner = add_event(title="Winner")
    loser = add_event(title="Loser", sources=(SourceNote("l-1", "Source"),))
    page = f"/events/{loser}/merge?into={winner}"
    forms = [opened(browser, page) | {"reason": "One."} for browser in both]
    answers = at_once(*((browser, page, form) for browser, form in zip(both, forms, strict=True)))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(record_of(stored(winner)).sources) == 1
    assert [revision.action for revision in revisions(winner)] == ["created", "merged"]
    page = f"/events/{winner}/cancel"
    forms = [opened(browser, page) | {"reason": "Off."} for browser in both]
    answers = at_once(*((browser, page, form) for browser, form in zip(both, forms, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert len(revisions(winner)) == 3
