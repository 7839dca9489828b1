"""Four months go by: rounds, reminders, digests, reviews and what is carried over, as people live through them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from calendar_app.extensions import db
from calendar_app.models import Event
from tests.conftest import close_databases, make_app
from tests.months.autumn import PEOPLE, Autumn, live, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ANA, BO, CY, DEE = (*PEOPLE.values(), "dee@chb.example")
ASKED, REMINDED = "Please confirm or correct your list by", "Reminder: your list is still to be confirmed by"
ACTION = "Ask the host for a second room"


@pytest.fixture
def autumn(sqlite_databases, tmp_path) -> Iterator[Autumn]:
    """On one database: what the steps do on both is tested with each of them."""
    url = sqlite_databases.make(with_tables=True)
    app = make_app(url, tmp_path)
    with app.app_context():
        yield live(app)
        close_databases()
    sqlite_databases.drop(url)


def title(event_id) -> str:
    event = db.session.get(Event, event_id)
    return event.short_title or event.titles["en"]


def test_the_months_run_by_themselves(autumn):
    # Four rounds: asked are all who have somebody to ask, reminded only those who have not answered.
    sent = Counter((to, str(m["Subject"]).partition(" by ")[0] + " by") for _at, to, m in autumn.mail)
    assert {to: sent[to, ASKED] for to in PEOPLE.values()} == dict.fromkeys(PEOPLE.values(), 4)
    assert [sent[to, REMINDED] for to in (ANA, BO, CY)] == [2, 4, 4]
    assert autumn.subjects(ANA, first="2025-08-21", last="2025-08-31") == [], "BRS had answered"

    # Each letter about work says why it comes, and none that a stranger may have typed the address.
    letters = [" ".join(text_of(m).split()) for _at, _to, m in autumn.mail if "digest" not in str(m["Subject"])]
    assert len(letters) > 20
    assert all("because you answer for events in the Joint meeting calendar" in letter for letter in letters)
    assert not any("If it was not you" in letter for letter in letters)

    # A digest a month for each, on the first working day, and nothing twice.
    digests = [(f"{at:%m-%d}", to) for at, to, m in autumn.mail if "Planning digest" in str(m["Subject"])]
    first_days = ("09-01", "10-01", "11-03", "12-01")
    assert sorted(digests) == sorted((day, to) for day in first_days for to in PEOPLE.values())

    # October tells what changed since September, to each what concerns it.
    texts = {code: text_of(autumn.digest(code, "2025-10")) for code in PEOPLE}
    assert "Webinar on waste shipments, 25 November 2025" in texts["brs"]
    moved = texts["minamata"].partition("Moved:")[2]
    assert title(autumn.moved) in moved
    assert "Before: " in moved
    assert all(title(autumn.cancelled) in text.partition("Cancelled:")[2] for text in texts.values())
    assert "Exchange round: no answer from CHB, GFC, Minamata" in texts["brs"]

    # The action is taken down in September, reminded of, late in October, done, and gone in November.
    assert "The list of observers is agreed." in autumn.pages["review of September, closed"]
    assert autumn.subjects(DEE, first="2025-09-08", last="2025-12-01") == ["An action from the coordination review"] * 2
    assert ACTION in texts["chb"].partition("Needs your decision")[2].partition("Changed since")[0]
    assert ACTION in autumn.pages["review of October, open"]
    carried = autumn.pages["review of November, open"]
    assert "The host has one." in carried
    assert ACTION not in text_of(autumn.digest("chb", "2025-12"))

    # What is closed stays as it was: the meeting that was moved later stands there with its old days.
    event = db.session.get(Event, autumn.moved)
    assert str(event.start.day) in autumn.pages["review of November, open"]
    assert "as of 29 September 2025" in autumn.pages["round of October"]
    # Who confirmed its list by the letter's link stands on each of its events.
    own = [e for e in db.session.query(Event).filter_by(steward_code="brs", stage="published") if e.last_confirmed_at]
    assert len(own) > 5
    assert all("by the link of the round" in event.last_confirmed_by for event in own)
    assert "Never confirmed, or not for 90 days: 0" in text_of(autumn.asked("brs", "2025-10"))
