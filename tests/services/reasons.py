"""Every sentence that is made of a reason: a reason with realistic values, and what a programme officer reads."""

from __future__ import annotations

from datetime import date

from calendar_app.planning.findings import Effect, Reason
from calendar_app.planning.vocabulary import Severity


def reason(rule: str, severity: Severity = Severity.NONE, effect: Effect = Effect.NOTES, **values: object) -> Reason:
    # `from` is a word of Python, so it is written with a stroke.
    return Reason(rule, effect, tuple((name.rstrip("_"), value) for name, value in values.items()), severity)


JOURNEY = {"km": 6712, "journey": "intercontinental", "from_": "baku", "to": "busan"}
SHORT_WAY = {"km": 702, "journey": "continent", "from_": "geneva", "to": "rome"}
NO_CITY = {"km": 0, "journey": "unknown", "from_": "", "to": "rome"}
DELEGATES = ("chemicals-delegates", "chemicals-observers")
RELATED = ("crc-members/chemicals-delegates",)
WEEK = {"first": date(2025, 11, 3), "last": date(2025, 11, 7), "days": 5}
DAY = {"first": date(2025, 11, 7), "last": date(2025, 11, 7), "days": 1}
CASES: list[tuple[Reason, str]] = [
    (reason("no-dates"), "“Minamata COP-6” has no dates yet, so it is not compared with anything."),
    (
        reason("not-taking-place", status="postponed"),
        "“Minamata COP-6” is postponed, so it is not compared with anything.",
    ),
    (
        reason("not-taking-place", status="cancelled"),
        "“Minamata COP-6” is cancelled, so it is not compared with anything.",
    ),
    (
        reason("not-a-meeting", kind="deadline"),
        "“Minamata COP-6” (Deadline) is not a meeting that people attend, so it is not compared with anything.",
    ),
    (
        reason("parts-speak"),
        "“Minamata COP-6” is held in parts, so its parts are compared with other meetings instead of it.",
    ),
    (
        reason("too-vague", days=365),
        "The dates of “Minamata COP-6” leave open a period of 365 days, too long to be compared with anything.",
    ),
    (reason("options"), "These are dates that are considered for one and the same event."),
    (reason("same-event"), "This is one and the same event."),
    (reason("part-and-whole"), "One of the two is a part of the other."),
    (reason("parts-of-one"), "Both are parts of the same event."),
    (
        reason("same-series", series="GEF Council meetings"),
        "Both belong to the same series, whose meetings are planned together: GEF Council meetings.",
    ),
    (reason("same-as"), "Both records describe the same event."),
    (reason("far-apart", free_days=12), "There are 12 free days between the two, which is enough for any journey."),
    (reason("planned-together", link="back-to-back"), "The two are planned back-to-back on purpose."),
    (reason("planned-together", link="overlap-intended"), "The two are planned for the same days on purpose."),
    (
        reason("no-journey-online"),
        "At least one of the two is held online and they share no day, so nobody has to travel between them.",
    ),
    (
        reason("time-to-travel", free_days=2, **JOURNEY),
        (
            "There are 2 free days between the two, which is taken as enough for the journey. "
            "The journey between Baku and Busan is intercontinental, about 6,700 km."
        ),
    ),
    (
        reason("time-to-travel", free_days=1, **NO_CITY),
        (
            "There is 1 free day between the two, which is taken as enough for the journey. "
            "For at least one of the two no city is given, so the distance is not known."
        ),
    ),
    (
        reason("time-to-travel", free_days=0, km=46, journey="near", from_="geneva", to="lausanne"),
        (
            "One follows the other without a free day between them, which is taken as enough here. "
            "Geneva and Lausanne are near each other, about 50 km apart."
        ),
    ),
    (
        reason("time-to-travel", free_days=1, km=0, journey="same-city", from_="geneva", to="geneva"),
        "Both are in Geneva and share no day, so there is no journey between them.",
    ),
    (
        reason("travel", free_days=1, **JOURNEY),
        (
            "There is only 1 free day between the two. "
            "The journey between Baku and Busan is intercontinental, about 6,700 km."
        ),
    ),
    (
        reason("travel", free_days=2, **(JOURNEY | {"km": 0, "to": "nusa-penida"})),
        "There are only 2 free days between the two. The journey between Baku and Nusa Penida is intercontinental.",
    ),
    (
        reason("travel", free_days=0, **SHORT_WAY),
        (
            "One follows the other without a free day between them. "
            "The journey between Geneva and Rome, about 700 km, is not an intercontinental one."
        ),
    ),
    (
        reason("same-people", pools=DELEGATES, share=0.8, strong=True),
        (
            "Both meetings draw on the same people: national chemicals-and-waste delegates and "
            "chemicals and waste observers."
        ),
    ),
    (
        reason("same-people", pools=("chemicals-observers",), share=0.3, strong=False),
        "Some people, about 30 per cent, are wanted at both meetings: chemicals and waste observers.",
    ),
    (
        reason("same-staff", pools=("brs-conference-staff", "minamata-conference-staff"), share=0.7, strong=True),
        "Both meetings need the same staff: BRS conference staff and Minamata conference staff.",
    ),
    (
        reason("same-staff", pools=("chb-programme-officers",), share=0.3, strong=False),
        (
            "Both meetings need staff of the same team, of whom others can be sent: "
            "programme officers of the Chemicals and Health Branch."
        ),
    ),
    (
        reason("related-people", pools=RELATED, share=0.2, strong=False),
        (
            "Some people, about 20 per cent, are wanted at both meetings: "
            "Chemical Review Committee members are sometimes also national chemicals-and-waste delegates."
        ),
    ),
    (
        reason("related-people", pools=("ozone-officers/chemicals-delegates",), share=0.5, strong=True),
        (
            "Many people, about 50 per cent, are wanted at both meetings: "
            "national ozone officers are often also national chemicals-and-waste delegates."
        ),
    ),
    (reason("overlap", prepared=False, exact=True, **WEEK), "The two share 5 days: 3–7 November 2025."),
    (reason("overlap", prepared=False, exact=True, **DAY), "The two share 1 day: 7 November 2025."),
    (
        reason("overlap", prepared=True, exact=True, **DAY),
        "With preparatory meetings, the two share 1 day: 7 November 2025.",
    ),
    (
        reason("overlap", prepared=False, exact=False, **WEEK),
        "As far as the dates are known, both could take place within 3–7 November 2025.",
    ),
    (reason("places", km=0, journey="same-city", from_="geneva", to="geneva"), "Both are in Geneva."),
    (reason("places", **JOURNEY), "The journey between Baku and Busan is intercontinental, about 6,700 km."),
    (reason("places", **NO_CITY), "For at least one of the two no city is given, so the distance is not known."),
    (
        reason("places", **(NO_CITY | {"from_": "nusa-penida"})),
        "The distance between Nusa Penida and Rome is not known.",
    ),
    (
        reason("governing-sessions", Severity.CRITICAL, Effect.RAISES),
        "Both are sessions in which Parties decide or negotiate, and nobody can be in both cities at once.",
    ),
    (reason("no-shared-people"), "Hardly anybody is wanted at both meetings."),
    (reason("regions-differ"), "The two are for different regions, so different people attend them."),
    (
        reason("secretariat-travels", organisations=("brs",)),
        "Both meetings need officers of BRS, who have no day for the journey between them.",
    ),
    (
        reason("same-secretariat", organisations=("brs", "minamata")),
        "Both meetings need officers of BRS and Minamata on the same days.",
    ),
    (
        reason("shared-service", organisations=("brs",)),
        "Staff of BRS are planned for one of the two on days on which the other needs them too.",
    ),
    (
        reason("key-person", persons=("ana lopez", "bo chen")),
        "Both meetings need Ana Lopez and Bo Chen on the same days.",
    ),
    (
        reason("rival-side-events", organisations=("brs", "unep")),
        "Both are side events of one meeting at the same hour, organised by BRS and UNEP.",
    ),
    (
        reason("same-venue", venue="international environment house", city="geneva"),
        "Both are in the same building in Geneva on the same days.",
    ),
    (reason("online"), "At least one of the two is held online."),
    (reason("remote"), "At least one of the two says how people can take part from elsewhere."),
    (
        reason("short-in-town"),
        "Both are in one city and at least one takes only a few hours, so people can go from one to the other.",
    ),
    (reason("tentative"), "The dates of at least one of the two are tentative and may still change."),
    (reason("vague"), "The exact days of at least one of the two are not known yet."),
    (reason("outside"), "Neither of the two is held by a member organisation of this calendar."),
    (
        reason("short-online"),
        "One of the two is a short online session, which people can join beside the other meeting.",
    ),
    (reason("same-hours"), "Both are online, and their hours overlap."),
    (
        reason("hour-unknown", city="geneva"),
        (
            "One of the two is a short online session; it is not known at which local hour people in Geneva would have "
            "to join it."
        ),
    ),
    (
        reason("hour-unknown", city=""),
        (
            "One of the two is a short online session; it is not known at which local hour people at the other meeting "
            "would have to join it."
        ),
    ),
    (
        reason("workable-hour", start="14:00", end="16:00", city="geneva"),
        "In Geneva the short online session takes place from 14:00 to 16:00, when people can join it.",
    ),
    (
        reason("unworkable-hour", start="02:00", end="05:00", city="geneva"),
        "In Geneva the short online session takes place from 02:00 to 05:00, outside working hours.",
    ),
    (reason("possible", likelihood=0.8), "It is likely, at about 80 per cent, that the two share a day."),
    (reason("possible", likelihood=0.5), "It is quite possible, at about 50 per cent, that the two share a day."),
    (
        reason("possible", likelihood=0.14),
        "It is possible but not likely, at about 14 per cent, that the two share a day.",
    ),
    (reason("possible", likelihood=1.0), "It is likely, at about 99 per cent, that the two share a day."),
    (reason("unlikely", likelihood=0.06), "It is unlikely, at about 6 per cent, that the two share a day."),
    (reason("unlikely", likelihood=0.0), "It is very unlikely, at less than 1 per cent, that the two share a day."),
    (
        reason("stated-back-to-back"),
        "The two are entered as back-to-back.",
    ),
    (reason("overlap-intended"), "The two are entered as held at the same time on purpose."),
    (
        reason("one-trip", free_days=2, city="geneva", other_city="geneva", km=0),
        "Both are in Geneva with 2 free days between them: one journey is enough for both.",
    ),
    (
        reason("one-trip", free_days=0, city="geneva", other_city="geneva", km=0),
        "Both are in Geneva without a free day between them: one journey is enough for both.",
    ),
    (
        reason("one-trip", free_days=1, city="geneva", other_city="lausanne", km=51),
        (
            "Geneva and Lausanne are about 50 km apart, and there is 1 free day between the two: "
            "one journey is enough for both."
        ),
    ),
    (
        reason("one-trip", free_days=0, city="geneva", other_city="lausanne", km=51),
        (
            "Geneva and Lausanne are about 50 km apart, and there is no free day between the two: "
            "one journey is enough for both."
        ),
    ),
    (
        reason("city-missing", free_days=2, cities=("geneva",)),
        (
            "There are 2 free days between the two, and one secretariat leads both. "
            "One of them is in Geneva; if the other were there too, one journey would be enough for both."
        ),
    ),
    (
        reason("city-missing", free_days=0, cities=()),
        (
            "There is no free day between the two, and one secretariat leads both. "
            "It is not fully known where they take place; in one city, one journey would be enough for both."
        ),
    ),
    (
        reason("shared-audience", pools=("regional-centre-directors",)),
        "The same people are expected at both: regional-centre directors and coordinators.",
    ),
    (
        reason("related-audience", pools=("iomc-partners/chemicals-observers", *RELATED)),
        (
            "Some of the people are expected at both: "
            "Chemical Review Committee members are sometimes also national chemicals-and-waste delegates; "
            "international chemicals partners are sometimes also chemicals and waste observers."
        ),
    ),
    (reason("trips-saved", trips=24, share=0.8), "People who attend both could save about 24 journeys in all."),
    (reason("long-stay", days=14), "People who attend both would be away for at least 14 days."),
    (
        reason("in-town", organisations=("brs", "minamata"), city="geneva"),
        (
            "Officers of BRS and Minamata have their offices in Geneva, where the meeting takes place, "
            "and could attend it without a journey."
        ),
    ),
    (reason("days-unknown"), "The exact days are not known yet, so they are not compared with holidays."),
    (
        reason("free-days"),
        "No holiday, no day or period to avoid and no weekend start speaks against these dates.",
    ),
    (
        reason("official-holiday", Severity.MAJOR, day=date(2024, 9, 5), name="Jeûne genevois", city="geneva"),
        (
            "5 September 2024 is an official holiday of the United Nations in Geneva, where the meeting takes place: "
            "Jeûne genevois."
        ),
    ),
    (
        reason("staff-holiday", Severity.MINOR, day=date(2024, 9, 5), name="Jeûne genevois", city="geneva"),
        (
            "5 September 2024 is an official holiday of the United Nations in Geneva, where the staff of the meeting "
            "have their offices: Jeûne genevois."
        ),
    ),
    (
        reason("national-holiday", day=date(2025, 6, 2), name="Restoration of the Republic", city="rome", country="IT"),
        "2 June 2025 is a public holiday where the meeting takes place (Rome, Italy): Restoration of the Republic.",
    ),
    (
        reason("national-holiday", day=date(2025, 6, 1), name="Madaraka Day", city="", country="KE"),
        "1 June 2025 is a public holiday where the meeting takes place (Kenya): Madaraka Day.",
    ),
    (
        reason("observed-day", Severity.MAJOR, day=date(2026, 3, 20), name="Eid al-Fitr (±1 day)"),
        "The General Assembly asks that no meeting be held on 20 March 2026: Eid al-Fitr (±1 day).",
    ),
    (
        reason("avoided-day", Severity.MINOR, day=date(2025, 10, 2), name="Yom Kippur"),
        "The General Assembly asks to avoid meetings on 2 October 2025 where possible: Yom Kippur.",
    ),
    (
        reason("weekend-start", Severity.MINOR, day=date(2025, 6, 14)),
        "The meeting begins on a weekend: Saturday, 14 June 2025.",
    ),
    (
        reason(
            "avoided-period", Severity.MINOR, name="August in Europe", first=date(2025, 8, 1), last=date(2025, 8, 31)
        ),
        "The meeting lies in a period that many people avoid: August in Europe, 1–31 August 2025.",
    ),
    (
        reason("long-run", Severity.MINOR, days=14, most=12),
        "It lasts 14 days in a row, any preparatory meetings included; the limit for staff is 12 days.",
    ),
    (
        reason("round-lacks-region", missing=("GRULAC",), have=("Africa", "Asia-Pacific")),
        (
            "Preparatory meetings are planned for these regions: Africa and Asia and the Pacific. "
            "There is none yet for: Latin America and the Caribbean."
        ),
    ),
    (
        reason("information-session", organisations=("brs", "gfc"), meetings=4),
        "An information session of BRS and GFC could be added to the 4 preparatory meetings.",
    ),
    (
        reason("information-session", organisations=("brs",), meetings=1),
        "An information session of BRS could be added to the preparatory meeting.",
    ),
    (
        reason("briefing-missing", first=date(2025, 9, 22), last=date(2025, 10, 20)),
        (
            "No briefing of the permanent missions is planned yet; good dates for it are from 22 September 2025 "
            "to 20 October 2025."
        ),
    ),
]
