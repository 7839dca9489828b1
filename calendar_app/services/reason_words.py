"""The sentences of reasons: what each rule of `planning` found, as a programme officer reads it, in one language."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from calendar_app.planning.facts import Journey
from calendar_app.planning.vocabulary import LinkKind, Status
from calendar_app.services.reason_names import ReasonNames, number, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from calendar_app.planning.findings import Reason
    from calendar_app.services.reference import Reference
    from calendar_app.services.wording import Words

# Why nothing is said of one event, whatever it meets: these name it.
OF_ONE_EVENT = frozenset({"no-dates", "not-taking-place", "not-a-meeting", "parts-speak", "too-vague"})
_LIKELY, _POSSIBLE = 67, 34  # per cent


class ReasonWords:
    """The sentences of all rules, in one language."""

    def __init__(self, words: Words, reference: Reference) -> None:
        """Take the language, and the lists in which the names of codes are."""
        self.words = words
        self.names = ReasonNames(words, reference)

    def sentence(self, reason: Reason, title: str = "") -> str:
        """Return one reason in words; `title` names the event for the rules of `OF_ONE_EVENT`.

        Raises KeyError for a rule that has no sentence.
        """
        sayer = self._sayers.get(reason.rule)
        return sayer(reason, title) if sayer else self._patterns[reason.rule] % self.names.values(reason, title)

    @property
    def rules(self) -> frozenset[str]:
        """The names of all rules that have a sentence."""
        return frozenset(self._sayers.keys() | self._patterns.keys())

    # Sentences that are always the same

    @cached_property
    def _patterns(self) -> dict[str, str]:
        return _patterns_of_silence(self.words) | _patterns_of_pairs(self.words) | _patterns_of_days(self.words)

    # Sentences that depend on what was found

    @cached_property
    def _sayers(self) -> dict[str, Callable[[Reason, str], str]]:
        return {
            "not-taking-place": self._not_taking_place,
            "too-vague": self._too_vague,
            "far-apart": self._far_apart,
            "planned-together": self._planned_together,
            "same-people": self._same_people,
            "same-staff": self._same_staff,
            "related-people": self._related_people,
            "overlap": self._overlap,
            "places": self._places,
            "travel": self._travel,
            "time-to-travel": self._time_to_travel,
            "hour-unknown": self._hour_unknown,
            "possible": self._possible,
            "unlikely": self._unlikely,
            "one-trip": self._one_trip,
            "city-missing": self._city_missing,
            "trips-saved": self._trips_saved,
            "long-stay": self._long_stay,
            "long-run": self._long_run,
            "information-session": self._information_session,
        }

    def _not_taking_place(self, reason: Reason, title: str) -> str:
        words = self.words
        return {
            Status.POSTPONED: words.gettext("“%(title)s” is postponed, so it is not compared with anything."),
            Status.CANCELLED: words.gettext("“%(title)s” is cancelled, so it is not compared with anything."),
        }[Status(text(reason, "status"))] % self.names.values(reason, title)

    def _too_vague(self, reason: Reason, title: str) -> str:
        days = int(number(reason, "days"))
        return self.words.ngettext(
            "The dates of “%(title)s” leave open a period of %(num)d day, too long to be compared with anything.",
            "The dates of “%(title)s” leave open a period of %(num)d days, too long to be compared with anything.",
            days,
        ) % {"title": self.words.isolated(title), "num": days}

    def _far_apart(self, reason: Reason, _title: str) -> str:
        days = int(number(reason, "free_days"))
        return self.words.ngettext(
            "There is %(num)d free day between the two, which is enough for any journey.",
            "There are %(num)d free days between the two, which is enough for any journey.",
            days,
        ) % {"num": days}

    def _planned_together(self, reason: Reason, _title: str) -> str:
        if text(reason, "link") == LinkKind.BACK_TO_BACK:
            return self.words.gettext("The two are planned back-to-back on purpose.")
        return self.words.gettext("The two are planned for the same days on purpose.")

    def _same_people(self, reason: Reason, _title: str) -> str:
        strong = self.words.gettext("Both meetings draw on the same people: %(pools)s.")
        weak = self.words.gettext("Some people, about %(share)s per cent, are wanted at both meetings: %(pools)s.")
        return (strong if reason.value("strong") else weak) % self.names.values(reason)

    def _same_staff(self, reason: Reason, _title: str) -> str:
        strong = self.words.gettext("Both meetings need the same staff: %(pools)s.")
        weak = self.words.gettext("Both meetings need staff of the same team, of whom others can be sent: %(pools)s.")
        return (strong if reason.value("strong") else weak) % self.names.values(reason)

    def _related_people(self, reason: Reason, _title: str) -> str:
        strong = self.words.gettext("Many people, about %(share)s per cent, are wanted at both meetings: %(pools)s.")
        weak = self.words.gettext("Some people, about %(share)s per cent, are wanted at both meetings: %(pools)s.")
        return (strong if reason.value("strong") else weak) % self.names.values(reason)

    def _overlap(self, reason: Reason, _title: str) -> str:
        words, days, values = self.words, int(number(reason, "days")), self.names.values(reason)
        if not reason.value("exact", default=True):
            return words.gettext("As far as the dates are known, both could take place within %(when)s.") % values
        if reason.value("prepared"):
            return words.ngettext(
                "With preparatory meetings, the two share %(num)d day: %(when)s.",
                "With preparatory meetings, the two share %(num)d days: %(when)s.",
                days,
            ) % (values | {"num": days})
        return words.ngettext("The two share %(num)d day: %(when)s.", "The two share %(num)d days: %(when)s.", days) % (
            values | {"num": days}
        )

    def _places(self, reason: Reason, _title: str = "") -> str:
        """Return how far people travel, also behind the free days that they have for it."""
        words, journey = self.words, Journey(text(reason, "journey"))
        start, target = self.names.city(text(reason, "from")), self.names.city(text(reason, "to"))
        values = {"from": start, "to": target, "km": self.names.km(reason)}
        if journey is Journey.SAME_CITY:
            return words.gettext("Both are in %(city)s.") % {"city": start}
        if journey is Journey.UNKNOWN:
            known = words.gettext("The distance between %(from)s and %(to)s is not known.")
            no_city = words.gettext("For at least one of the two no city is given, so the distance is not known.")
            return (known if start and target else no_city) % values
        if journey is Journey.NEAR:
            return words.gettext("%(from)s and %(to)s are near each other, about %(km)s km apart.") % values
        if not reason.value("km"):
            far = words.gettext("The journey between %(from)s and %(to)s is intercontinental.")
            less = words.gettext("The journey between %(from)s and %(to)s is not an intercontinental one.")
        else:
            far = words.gettext("The journey between %(from)s and %(to)s is intercontinental, about %(km)s km.")
            less = words.gettext(
                "The journey between %(from)s and %(to)s, about %(km)s km, is not an intercontinental one."
            )
        return (far if journey is Journey.INTERCONTINENTAL else less) % values

    def _travel(self, reason: Reason, _title: str) -> str:
        words, days = self.words, int(number(reason, "free_days"))
        free = words.ngettext(
            "There is only %(num)d free day between the two.", "There are only %(num)d free days between the two.", days
        ) % {"num": days}
        none = words.gettext("One follows the other without a free day between them.")
        return f"{free if days else none} {self._places(reason)}"

    def _time_to_travel(self, reason: Reason, _title: str) -> str:
        words, days = self.words, int(number(reason, "free_days"))
        if text(reason, "journey") == Journey.SAME_CITY:
            same = words.gettext("Both are in %(city)s and share no day, so there is no journey between them.")
            return same % {"city": self.names.city(text(reason, "from"))}
        free = words.ngettext(
            "There is %(num)d free day between the two, which is taken as enough for the journey.",
            "There are %(num)d free days between the two, which is taken as enough for the journey.",
            days,
        ) % {"num": days}
        none = words.gettext("One follows the other without a free day between them, which is taken as enough here.")
        return f"{free if days else none} {self._places(reason)}"

    def _hour_unknown(self, reason: Reason, _title: str) -> str:
        if not text(reason, "city"):
            return self.words.gettext(
                "One of the two is a short online session; it is not known at which local hour "
                "people at the other meeting would have to join it."
            )
        return self.words.gettext(
            "One of the two is a short online session; it is not known at which local hour "
            "people in %(city)s would have to join it."
        ) % self.names.values(reason)

    def _possible(self, reason: Reason, _title: str) -> str:
        words = self.words
        # It is neither sure nor excluded, whatever rounding makes of it.
        percent = min(99, max(1, round(number(reason, "likelihood") * 100)))
        if percent >= _LIKELY:
            likely = words.gettext("It is likely, at about %(percent)s per cent, that the two share a day.")
        elif percent >= _POSSIBLE:
            likely = words.gettext("It is quite possible, at about %(percent)s per cent, that the two share a day.")
        else:
            likely = words.gettext(
                "It is possible but not likely, at about %(percent)s per cent, that the two share a day."
            )
        return likely % {"percent": percent}

    def _unlikely(self, reason: Reason, _title: str) -> str:
        percent = round(number(reason, "likelihood") * 100)
        if not percent:
            return self.words.gettext("It is very unlikely, at less than 1 per cent, that the two share a day.")
        little = self.words.gettext("It is unlikely, at about %(percent)s per cent, that the two share a day.")
        return little % {"percent": percent}

    def _one_trip(self, reason: Reason, _title: str) -> str:
        words, days = self.words, int(number(reason, "free_days"))
        values = {
            "city": self.names.city(text(reason, "city")), "other": self.names.city(text(reason, "other_city")),
            "km": self.names.km(reason), "num": days,
        }  # fmt: skip
        if values["city"] == values["other"]:
            none = words.gettext(
                "Both are in %(city)s without a free day between them: one journey is enough for both."
            )
            free = words.ngettext(
                "Both are in %(city)s with %(num)d free day between them: one journey is enough for both.",
                "Both are in %(city)s with %(num)d free days between them: one journey is enough for both.",
                days,
            )
        else:
            none = words.gettext(
                "%(city)s and %(other)s are about %(km)s km apart, and there is no free day between the two: "
                "one journey is enough for both."
            )
            free = words.ngettext(
                "%(city)s and %(other)s are about %(km)s km apart, and there is %(num)d free day between the two: "
                "one journey is enough for both.",
                "%(city)s and %(other)s are about %(km)s km apart, and there are %(num)d free days between the two: "
                "one journey is enough for both.",
                days,
            )
        return (free if days else none) % values

    def _city_missing(self, reason: Reason, _title: str) -> str:
        words, days, cities = self.words, int(number(reason, "free_days")), texts(reason, "cities")
        free = words.ngettext(
            "There is %(num)d free day between the two, and one secretariat leads both.",
            "There are %(num)d free days between the two, and one secretariat leads both.",
            days,
        ) % {"num": days}
        none = words.gettext("There is no free day between the two, and one secretariat leads both.")
        if len(cities) == 1:
            where = words.gettext(
                "One of them is in %(city)s; if the other were there too, one journey would be enough for both."
            ) % {"city": self.names.city(cities[0])}
        else:
            where = words.gettext(
                "It is not fully known where they take place; in one city, one journey would be enough for both."
            )
        return f"{free if days else none} {where}"

    def _trips_saved(self, reason: Reason, _title: str) -> str:
        trips = int(number(reason, "trips"))
        return self.words.ngettext(
            "People who attend both could save about %(num)d journey in all.",
            "People who attend both could save about %(num)d journeys in all.",
            trips,
        ) % {"num": trips}

    def _long_stay(self, reason: Reason, _title: str) -> str:
        days = int(number(reason, "days"))
        return self.words.ngettext(
            "People who attend both would be away for at least %(num)d day.",
            "People who attend both would be away for at least %(num)d days.",
            days,
        ) % {"num": days}

    def _long_run(self, reason: Reason, _title: str) -> str:
        days = int(number(reason, "days"))
        return self.words.ngettext(
            "It lasts %(num)d day in a row, any preparatory meetings included; the limit for staff is %(most)s.",
            "It lasts %(num)d days in a row, any preparatory meetings included; the limit for staff is %(most)s.",
            days,
        ) % {"num": days, "most": self.words.length(int(number(reason, "most")))}

    def _information_session(self, reason: Reason, _title: str) -> str:
        meetings = int(number(reason, "meetings"))
        return self.words.ngettext(
            "An information session of %(organisations)s could be added to the preparatory meeting.",
            "An information session of %(organisations)s could be added to the %(num)d preparatory meetings.",
            meetings,
        ) % (self.names.values(reason) | {"num": meetings})


def _patterns_of_silence(words: Words) -> dict[str, str]:
    """Return why nothing is said, whatever the dates."""
    return {
        "no-dates": words.gettext("“%(title)s” has no dates yet, so it is not compared with anything."),
        "not-a-meeting": words.gettext(
            "“%(title)s” (%(kind)s) is not a meeting that people attend, so it is not compared with anything."
        ),
        "parts-speak": words.gettext(
            "“%(title)s” is held in parts, so its parts are compared with other meetings instead of it."
        ),
        "options": words.gettext("These are dates that are considered for one and the same event."),
        "same-event": words.gettext("This is one and the same event."),
        "part-and-whole": words.gettext("One of the two is a part of the other."),
        "parts-of-one": words.gettext("Both are parts of the same event."),
        "same-series": words.gettext(
            "Both belong to the same series, whose meetings are planned together: %(series)s."
        ),
        "same-as": words.gettext("Both records describe the same event."),
    }


def _patterns_of_pairs(words: Words) -> dict[str, str]:
    """Return what is said of two meetings, besides what depends on a number."""
    return {
        "no-shared-people": words.gettext("Hardly anybody is wanted at both meetings."),
        "regions-differ": words.gettext("The two are for different regions, so different people attend them."),
        "governing-sessions": words.gettext(
            "Both are sessions in which Parties decide or negotiate, and nobody can be in both cities at once."
        ),
        "no-journey-online": words.gettext(
            "At least one of the two is held online and they share no day, so nobody has to travel between them."
        ),
        "secretariat-travels": words.gettext(
            "Both meetings need officers of %(organisations)s, who have no day for the journey between them."
        ),
        "same-secretariat": words.gettext("Both meetings need officers of %(organisations)s on the same days."),
        "shared-service": words.gettext(
            "Staff of %(organisations)s are planned for one of the two on days on which the other needs them too."
        ),
        "key-person": words.gettext("Both meetings need %(persons)s on the same days."),
        "rival-side-events": words.gettext(
            "Both are side events of one meeting at the same hour, organised by %(organisations)s."
        ),
        "same-venue": words.gettext("Both are in the same building in %(city)s on the same days."),
        "online": words.gettext("At least one of the two is held online."),
        "remote": words.gettext("At least one of the two says how people can take part from elsewhere."),
        "short-in-town": words.gettext(
            "Both are in one city and at least one takes only a few hours, so people can go from one to the other."
        ),
        "tentative": words.gettext("The dates of at least one of the two are tentative and may still change."),
        "vague": words.gettext("The exact days of at least one of the two are not known yet."),
        "outside": words.gettext("Neither of the two is held by a member organisation of this calendar."),
        "short-online": words.gettext(
            "One of the two is a short online session, which people can join beside the other meeting."
        ),
        "same-hours": words.gettext("Both are online, and their hours overlap."),
        "workable-hour": words.gettext(
            "In %(city)s the short online session takes place from %(start)s to %(end)s, when people can join it."
        ),
        "unworkable-hour": words.gettext(
            "In %(city)s the short online session takes place from %(start)s to %(end)s, outside working hours."
        ),
        "stated-back-to-back": words.gettext("The two are entered as back-to-back."),
        "overlap-intended": words.gettext("The two are entered as held at the same time on purpose."),
        "shared-audience": words.gettext("The same people are expected at both: %(pools)s."),
        "related-audience": words.gettext("Some of the people are expected at both: %(pools)s."),
    }


def _patterns_of_days(words: Words) -> dict[str, str]:
    """Return what is said of one meeting."""
    return {
        "days-unknown": words.gettext("The exact days are not known yet, so they are not compared with holidays."),
        "free-days": words.gettext(
            "No holiday, no day or period to avoid and no weekend start speaks against these dates."
        ),
        "official-holiday": words.gettext(
            "%(day)s is an official holiday of the United Nations in %(city)s, where the meeting takes place: %(name)s."
        ),
        "staff-holiday": words.gettext(
            "%(day)s is an official holiday of the United Nations in %(city)s, where the staff of the meeting "
            "have their offices: %(name)s."
        ),
        "national-holiday": words.gettext(
            "%(day)s is a public holiday where the meeting takes place (%(country)s): %(name)s."
        ),
        "observed-day": words.gettext("The General Assembly asks that no meeting be held on %(day)s: %(name)s."),
        "avoided-day": words.gettext(
            "The General Assembly asks to avoid meetings on %(day)s where possible: %(name)s."
        ),
        "weekend-start": words.gettext("The meeting begins on a weekend: %(weekday)s, %(day)s."),
        "avoided-period": words.gettext("The meeting lies in a period that many people avoid: %(name)s, %(when)s."),
        "in-town": words.gettext(
            "Officers of %(organisations)s have their offices in %(city)s, where the meeting takes place, "
            "and could attend it without a journey."
        ),
        "round-lacks-region": words.gettext(
            "Preparatory meetings are planned for these regions: %(have)s. There is none yet for: %(missing)s."
        ),
        "briefing-missing": words.gettext(
            "No briefing of the permanent missions is planned yet; good dates for it are from %(first)s to %(last)s."
        ),
    }
