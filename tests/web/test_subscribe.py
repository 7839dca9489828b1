"""The page of subscribing: what the address carries, its options, what Google takes of it, and for whom it is kept."""

from __future__ import annotations

import re
from datetime import date

import pytest
from icalendar import Calendar

from calendar_app.extensions import clock
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services.records import Organiser
from calendar_app.web.subscribe import addresses
from calendar_app.web.subscribe.addresses import google_takes, ways_to_open
from tests.web.forms import token_of

pytestmark = pytest.mark.either_database

WARNING = "Google Calendar loses events of a list as long as this"


def titles(client, address: str) -> list[str]:
    """The titles of a feed in the order of the file."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.data
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")]


def page(browser, query: str = "") -> str:
    answer = browser.get(f"/subscribe{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def address_on(html: str) -> str:
    """The address on the page, as a path."""
    return re.search(r'id="address-https"\s+type="text"\s+value="https?://[^/]+([^"]+)"', html)[1].replace("&amp;", "&")


@pytest.fixture
def of_several(add_event):
    """Events of several organisations, in this order of days."""
    lead, other = (Organiser("Minamata", "minamata"),), (Organiser("WHO", "who"),)
    for day, (title, steward, organisers) in enumerate(
        (
            ("first", "brs", other),
            ("held by minamata", "brs", lead),
            ("third", "brs", ()),
            ("kept by minamata", "minamata", other),
            ("held and kept", "minamata", lead),
        ),
        start=1,
    ):
        add_event(title=title, first=date(2027, 3, day), steward=steward, organisers=organisers)


def test_the_own_organisations_events_come_first_and_all_others_after(client, of_several):
    usual = ["first", "held by minamata", "third", "kept by minamata", "held and kept"]
    assert titles(client, "/feeds/all.ics") == usual
    own = ["held by minamata", "kept by minamata", "held and kept", "first", "third"]
    for address in ("/feeds/all.ics?own=minamata", "/feeds/calendar.ics?own=MINAMATA", "/feeds/basel.ics?own=minamata"):
        assert titles(client, address) == own, address
    assert titles(client, "/feeds/all.ics?own=gfc") == usual
    assert titles(client, "/feeds/calendar.ics?organiser=who&own=minamata") == ["kept by minamata", "first"]


@pytest.mark.parametrize("value", ["nobody", "brs,minamata", "brs&own=minamata", "%00", "a" * 300])
def test_an_organisation_that_is_none_is_refused(client, value):
    for path in ("/feeds/all.ics", "/subscribe"):
        answer = client.get(f"{path}?own={value}")
        assert answer.status_code == 400
        assert "own" in answer.get_data(as_text=True)
    assert client.get("/?own=brs").status_code == 400


def test_the_address_carries_the_options_and_the_language_of_the_page(client, signed_in, of_several):
    query = "?convention=basel&from=2027-03-02&to=2027-03&tbc=1&cancelled=keep&own=minamata"
    html = page(client, query)
    assert address_on(html) == f"/feeds/calendar.ics{query}"
    assert titles(client, address_on(html))[0] == "held by minamata"
    for name in ("tbc", "cancelled"):
        assert re.search(rf'name="{name}"\s+value="\w+"\s+checked', html), name
    assert re.search(r'value="minamata"\s+selected>Minamata', html)
    assert address_on(page(client)) == "/feeds/all.ics"
    assert address_on(page(client, "?lang=en")) == "/feeds/all.ics"
    assert address_on(page(client, "?lang=ar")) == "/feeds/calendar.ics?lang=ar"
    browser = signed_in()
    browser.post("/account", data={"name": "A", "language": "ar", "csrf_token": token_of(browser, "/account")})
    assert address_on(page(browser)) == "/feeds/calendar.ics?lang=ar"
    assert address_on(page(browser, "?lang=en")) == "/feeds/all.ics"


def test_what_google_takes_is_counted_in_events_and_in_bytes():
    assert google_takes(1_100, 1_000_000)
    assert not google_takes(1_101, 10)
    assert not google_takes(1, 1_000_001)


def test_a_list_that_google_does_not_take_is_warned_of_by_its_real_size(client, add_event):
    # Few and long: what was guessed from the number of events would not warn.
    for number in range(30):
        add_event(title=f"Meeting {number}", processes=("minamata",), descriptions={"en": "ωω " * 6_000})
    assert len(client.get("/feeds/all.ics").data) > 1_000_000
    assert WARNING in page(client)
    add_event(title="Short", processes=("basel",))
    assert WARNING not in page(client, "?convention=basel")


def test_many_events_are_warned_of_whatever_their_size(client, add_event, monkeypatch):
    monkeypatch.setattr(addresses, "_GOOGLE_EVENTS", 2)
    for number in range(3):
        add_event(title=f"Meeting {number}")
    assert WARNING in page(client)
    assert WARNING not in page(client, "?q=meeting+1")


def test_the_buttons_open_each_program_with_the_address():
    ways = ways_to_open("https://calendar.example/feeds/calendar.ics?kind=cop&lang=fr", "Joint & meeting")
    assert ways["webcal_url"] == "webcal://calendar.example/feeds/calendar.ics?kind=cop&lang=fr"
    quoted = "calendar.example%2Ffeeds%2Fcalendar.ics%3Fkind%3Dcop%26lang%3Dfr"
    assert ways["google_url"] == f"https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2F{quoted}"
    for name in ("outlook_web_url", "outlook_work_url"):
        assert ways[name].endswith(f"/addfromweb?url=https%3A%2F%2F{quoted}&name=Joint%20%26%20meeting")


def test_each_program_is_told_of_and_what_is_not_known_is_said(client):
    text = re.sub(r"<[^>]+>|\s+", " ", page(client).partition('id="programs-heading"')[2])
    for words in (
        "Google Calendar", "Usually every 12 to 24 hours", "Taken out of your calendar", "Struck through",
        "Outlook on the desktop (classic)", "Not known to us", "ICSx5", "[CANCELLED]",
    ):  # fmt: skip
        assert words in text, words


def test_a_strangers_page_is_kept_and_a_members_is_not(client, signed_in, add_event):
    add_event(title="Shown")
    first = client.get("/subscribe")
    assert first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in first.headers
    assert client.get("/subscribe", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    html = first.get_data(as_text=True)
    assert "Private addresses" not in html
    assert "csrf" not in html
    browser = signed_in("ana@brs.example", brs="contributor")
    answer = browser.get("/subscribe")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Private addresses" in answer.get_data(as_text=True)
    assert client.get("/subscribe").get_data(as_text=True) == html
    add_event(title="Another")
    assert "carries 2 events" in page(client)


def test_the_public_address_on_a_members_page_is_told_as_the_public_sees_it(signed_in, add_event):
    add_event(title="Public", first=clock.today())
    add_event(title="Ours", first=clock.today(), stage=Stage.DRAFT)
    add_event(title="Off", first=clock.today(), status=Status.CANCELLED)
    html = page(signed_in("ana@brs.example", brs="contributor"))
    assert "This address carries 2 events" in html
    assert "Ours" not in html


def test_a_stranger_who_wants_a_private_address_is_led_to_signing_in(app, client):
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    answer = client.post("/subscribe?convention=basel", data={"name": "Mine"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
