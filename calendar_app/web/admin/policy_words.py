"""The settings of the policy in words: what each is called, what it does, and what can be wrong with its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from calendar_app.planning.policy import is_share
from calendar_app.planning.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel.speaklater import LazyString

SECTIONS: Mapping[str, LazyString] = {
    "same_people": _l("Same people"),
    "travel": _l("Travel"),
    "format": _l("Format and hours"),
    "certainty": _l("How sure the dates are"),
    "owners": _l("Whose meetings"),
    "days": _l("Days"),
    "opportunities": _l("Opportunities"),
    "better_dates": _l("Better dates"),
}


class Setting(NamedTuple):
    """What people read of a setting."""

    label: LazyString
    help: LazyString


SETTINGS: Mapping[str, Setting] = {
    "strong_share": Setting(
        _l("Share of the same people: strong"),
        _l("Two meetings that want this share of the same people, or more, are wanted by the same delegations."),
    ),
    "weak_share": Setting(
        _l("Share of the same people: weak"),
        _l("From this share up to the strong one, some of the people are the same. Below it, nobody is."),
    ),
    "near_km": Setting(
        _l("Cities next to each other, in kilometres"),
        _l("Cities at most this far apart are one place to stay, such as Geneva and Lausanne."),
    ),
    "intercontinental_km": Setting(
        _l("Long journey within a continent, in kilometres"),
        _l("From this distance a journey counts as intercontinental, even within one continent."),
    ),
    "continent_border_km": Setting(
        _l("Long journey to another continent, in kilometres"),
        _l(
            "From this distance a journey to another continent counts as intercontinental."
            " Below it, it is a short flight, such as Madrid to Rabat."
        ),
    ),
    "major_below_free_days": Setting(
        _l("Intercontinental journey: major below, in free days"),
        _l("The same people, an intercontinental journey and fewer free days than this in between: major."),
    ),
    "minor_below_free_days": Setting(
        _l("Intercontinental journey: minor below, in free days"),
        _l("The same people, an intercontinental journey and fewer free days than this in between: minor."),
    ),
    "continental_minor_below_free_days": Setting(
        _l("Journey within a continent: minor below, in free days"),
        _l("The same people, a journey within a continent and fewer free days than this in between: minor."),
    ),
    "weak_minor_below_free_days": Setting(
        _l("Some of the same people: minor below, in free days"),
        _l("Some of the same people, an intercontinental journey and fewer free days than this in between: minor."),
    ),
    "staff_minor_below_free_days": Setting(
        _l("The same secretariat: free days wanted"),
        _l(
            "One secretariat holds both, an intercontinental journey and fewer free days than this in between: as bad"
            " as one secretariat in two cities."
        ),
    ),
    "online_lowers": Setting(
        _l("Online: steps less bad"),
        _l("By so many steps a clash is less bad when one of the two meetings is online."),
    ),
    "remote_lowers": Setting(
        _l("Hybrid: steps less bad"),
        _l(
            "By so many steps a clash is less bad when one of the two meetings is hybrid"
            " and says what remote participants may do."
        ),
    ),
    "short_in_town_lowers": Setting(
        _l("A few hours in the same city: steps less bad"),
        _l(
            "By so many steps a clash is less bad when one of the two meetings takes a few hours in the city"
            " of the other: people can walk from one room to the other."
        ),
    ),
    "short_hours": Setting(
        _l("Short session, in hours"),
        _l(
            "A session of at most so many hours is short. When it is online, people can join it from another meeting"
            " if the hour there is a working hour."
        ),
    ),
    "working_day_starts": Setting(
        _l("Working day begins, as an hour"),
        _l("From this hour on, 0 to 24, people can join an online session from where they are."),
    ),
    "working_day_ends": Setting(
        _l("Working day ends, as an hour"),
        _l("Until this hour, 0 to 24, people can join an online session from where they are."),
    ),
    "tentative_lowers": Setting(
        _l("Tentative dates: steps less bad"),
        _l("By so many steps a clash is less bad when the dates of one of the two meetings are tentative."),
    ),
    "vague_at_most": Setting(
        _l("Dates not exact: at most"),
        _l("A clash that is only possible, because a date is a month or a quarter, is at most this severe."),
    ),
    "vague_longest_days": Setting(
        _l("Dates not exact: longest period, in days"),
        _l("A date that leaves open more days than this is no date yet: nothing is said of the meeting."),
    ),
    "vague_least_likelihood": Setting(
        _l("Dates not exact: smallest likelihood"),
        _l("A clash that is less likely than this is not mentioned."),
    ),
    "outside_pairs_at_most": Setting(
        _l("Two meetings of other organisations: at most"),
        _l("Two meetings of which no member of the exchange holds either: a clash is at most this severe."),
    ),
    "same_secretariat": Setting(
        _l("One secretariat in two cities"),
        _l("One secretariat holds two meetings in two cities on the same days."),
    ),
    "shared_service": Setting(
        _l("Staff on loan wanted elsewhere"),
        _l("A secretariat lends staff to a meeting while it holds, or serves, another one elsewhere."),
    ),
    "key_person": Setting(
        _l("A key person in two cities"),
        _l("A person who is named for both meetings is wanted in two cities on the same days."),
    ),
    "same_venue": Setting(
        _l("The same building"),
        _l("Two meetings are in the same building on the same days."),
    ),
    "rival_side_events": Setting(
        _l("Side events at the same hour"),
        _l("Two side events of one meeting have the same organisers at the same hour."),
    ),
    "official_holiday": Setting(
        _l("Official holiday"),
        _l("A meeting on an official United Nations holiday of the duty station where it takes place."),
    ),
    "observed_day": Setting(
        _l("Day to observe"),
        _l(
            "A meeting on a day that the General Assembly asks all bodies to observe:"
            " Eid al-Fitr, Eid al-Adha, Orthodox Good Friday."
        ),
    ),
    "avoided_day": Setting(
        _l("Day to avoid"),
        _l(
            "A meeting on a day that the General Assembly asks bodies to avoid:"
            " Yom Kippur, Day of Vesak, Diwali, Gurpurab, Orthodox Christmas."
        ),
    ),
    "national_holiday": Setting(
        _l("Public holiday"),
        _l("A meeting on a public holiday of the country, canton or city where it takes place."),
    ),
    "staff_holiday": Setting(
        _l("Holiday of the secretariat"),
        _l("A meeting elsewhere on an official holiday of the duty station of the secretariat that serves it."),
    ),
    "weekend_start": Setting(
        _l("Beginning on a weekend"),
        _l("A meeting that begins on a Saturday or Sunday."),
    ),
    "avoided_period": Setting(
        _l("Period to avoid"),
        _l(
            "A meeting in a period that people avoid: the turn of the year, August in Europe,"
            " Ramadan for regional meetings."
        ),
    ),
    "long_run": Setting(
        _l("Many days without a break"),
        _l("More days in a row in one city, served by staff of a secretariat, than the next setting allows."),
    ),
    "long_run_days": Setting(
        _l("Many days without a break, in days"),
        _l("More days in a row than this are many."),
    ),
    "join_free_days": Setting(
        _l("One journey for two meetings, in free days"),
        _l("Two meetings in one city with at most so many free days between them can share a journey."),
    ),
    "join_share": Setting(
        _l("One journey for two meetings, share of the same people"),
        _l("Two meetings are worth one journey if they want at least this share of the same people."),
    ),
    "briefing_weeks_earliest": Setting(
        _l("Briefing of the missions: earliest, in weeks before"),
        _l("A briefing of the permanent missions belongs at most so many weeks before a negotiating session."),
    ),
    "briefing_weeks_latest": Setting(
        _l("Briefing of the missions: latest, in weeks before"),
        _l("A briefing of the permanent missions belongs at least so many weeks before a negotiating session."),
    ),
    "round_weeks_earliest": Setting(
        _l("Regional preparatory meetings, in weeks before"),
        _l("Regional preparatory meetings belong to a session that begins at most so many weeks after them."),
    ),
    "cost_critical": Setting(
        _l("What a critical clash costs"),
        _l("Dates are compared by what they cost: so much for each critical clash."),
    ),
    "cost_major": Setting(
        _l("What a major clash costs"),
        _l("So much for each major clash."),
    ),
    "cost_minor": Setting(
        _l("What a minor clash costs"),
        _l("So much for each minor clash."),
    ),
    "gain_opportunity": Setting(
        _l("What an opportunity is worth"),
        _l("So much less for each opportunity."),
    ),
    "most_dates": Setting(
        _l("How many better dates are offered"),
        _l("At most so many dates are offered beside the form and on the page of a clash."),
    ),
    "notice_weeks": Setting(
        _l("Notice that an earlier date leaves, in weeks"),
        _l("A date that is sooner than the meeting's own is offered only if so many weeks are left until then."),
    ),
}


def severity_word(severity: Severity) -> str:
    """Return what a severity does, in the reader's language."""
    words: dict[Severity, str] = {
        Severity.NONE: _("say nothing"),
        Severity.MINOR: _("minor"),
        Severity.MAJOR: _("major"),
        Severity.CRITICAL: _("critical"),
    }
    return words[severity]


def problem_sentence(name: str, code: str, values: tuple[str, ...]) -> str:
    """Return what is wrong with the number of a setting, and what to write; codes are those of `PolicyError`."""
    if code == "out-of-range":
        sentence: str = _("Write a number from %(low)s to %(high)s.", low=values[0], high=values[1])
    elif code == "more-than":
        sentence = _("This cannot be more than “%(other)s”.", other=SETTINGS[values[0]].label)
    elif is_share(name):
        sentence = _("Write a number such as 0.5.")
    else:
        sentence = _("Write a whole number such as 3.")
    return sentence
