"""What a rule saw that stayed silent, as an English sentence for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Status
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from calendar_app.planning.explain import Look
    from calendar_app.planning.findings import Value
    from calendar_app.services.wording import Words

_NOT_ASKED = "Not looked at: what is said above settles it."
_SATURDAY = 5


def why_quiet(look: Look, words: Words, *, settled: bool) -> str:
    """Return what was seen where nothing was said. `settled`: it was not even asked, nothing would be said anyhow."""
    if settled:
        return _NOT_ASKED
    sayer = _SAYERS[look.topic]
    return sayer if isinstance(sayer, str) else sayer(look.values, words)


def _link(values: dict[str, Value], _words: Words) -> str:
    if not values.get("link"):
        return "No link says that they are planned together."
    return f"They are linked ({values['link']}), which does not mean that they are planned together."


def _dates(values: dict[str, Value], words: Words) -> str:
    if not values:
        return "At least one of them has no dates."
    free = int(cast("int", values["free"]))
    if free >= 0:
        return f"{_counted(free, 'free day lies', 'free days lie')} between them."
    span = Span.inclusive(cast("date", values["first"]), cast("date", values["last"]))
    return f"They share {_counted(span.days, 'day', 'days')}: {words.days(span)}."


def _people(values: dict[str, Value], _words: Words) -> str:
    share, weak = float(cast("float", values["share"])), float(cast("float", values["weak"]))
    if share <= 0:
        return "No group of people is wanted at both."
    pools = " and ".join(_pool(code) for code in str(cast("tuple[str, ...]", values["pools"])[0]).split("/"))
    most = f"At most {share:.0%} of the people are the same ({pools})"
    return f"{most}, fewer than the {weak:.0%} from which on it counts." if share < weak else f"{most}."


def _secretariats(values: dict[str, Value], _words: Words) -> str:
    both = sorted(_codes(values, "a") & _codes(values, "b"))
    if not both:
        return "No member organisation holds both."
    return f"{_organisations(both)} has a part in both, but not on the same known days in two cities."


def _services(values: dict[str, Value], _words: Words) -> str:
    if not _codes(values, "a") | _codes(values, "b"):
        return "No organisation lends services to either of them."
    return "No organisation lends services to one of them on days on which the other needs it elsewhere."


def _venue(values: dict[str, Value], _words: Words) -> str:
    if not values["a"] or not values["b"]:
        return "At least one of them names no building."
    return "They are not in the same building on the same known days."


def _format(values: dict[str, Value], _words: Words) -> str:
    return f"How people take part ({values['a']}; {values['b']}) makes nothing less bad."


def _certainty(values: dict[str, Value], _words: Words) -> str:
    firm = values["a"] == values["b"] == Status.CONFIRMED
    if firm and values["precision_a"] == values["precision_b"] == Precision.DAY:
        return "Both are confirmed, on known days."
    return "That not all dates are confirmed or known to the day makes nothing less bad here."


def _owners(values: dict[str, Value], _words: Words) -> str:
    members = sorted(_codes(values, "members"))
    if not members:
        return "No member organisation holds either of them, which makes nothing less bad here."
    return f"At least one of them is held by a member organisation: {_organisations(members)}."


def _opportunity(values: dict[str, Value], _words: Words) -> str:
    most = int(cast("int", values["most"]))
    return (
        "They do not give the same people a reason to share one journey"
        f" (one city, at most {_counted(most, 'free day', 'free days')} between)."
    )


def _weekend(values: dict[str, Value], _words: Words) -> str:
    if int(cast("int", values["weekday"])) < _SATURDAY:
        return "It does not begin on a weekend."
    return "It begins on a weekend, which does not matter for this event."


def _run(values: dict[str, Value], _words: Words) -> str:
    days, most = int(cast("int", values["days"])), int(cast("int", values["most"]))
    lasts = f"It lasts {_counted(days, 'day', 'days')} with its preparatory meetings"
    return f"{lasts}; the limit for staff is {most}." if days <= most else f"{lasts}, which matters to no member."


def _in_town(values: dict[str, Value], _words: Words) -> str:
    if not values.get("city"):
        return "It has no city in which officers of a secretariat could be already."
    return "No secretariat whose officers are wanted there has its offices in the city."


_SAYERS: dict[str, str | Callable[[dict[str, Value], Words], str]] = {
    "taking-part": "They are meetings that take place, on dates exact enough to be compared.",
    "relation": "They are not parts of one event, not of one series, and not two records of one event.",
    "link": _link,
    "dates": _dates,
    "people": _people,
    "secretariats": _secretariats,
    "services": _services,
    "persons": "No key person is wanted at both on the same known days in two cities.",
    "venue": _venue,
    "format": _format,
    "hours": "There is no short online session that would have to be joined from the other meeting.",
    "certainty": _certainty,
    "owners": _owners,
    "opportunity": _opportunity,
    "holidays": "No holiday, and no day that the General Assembly asks to observe or to avoid, falls on its days.",
    "weekend": _weekend,
    "periods": "It lies in no period that such an event should avoid.",
    "run": _run,
    "days": "Its days are known.",
    "in-town": _in_town,
}


def _codes(values: dict[str, Value], name: str) -> set[str]:
    return set(cast("tuple[str, ...]", values[name]))


def _organisations(codes: Iterable[str]) -> str:
    listed = reference().organisations
    return ", ".join(listed[code].short_name if code in listed else code for code in codes)


def _pool(code: str) -> str:
    return reference().audiences.get(code) or code


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
