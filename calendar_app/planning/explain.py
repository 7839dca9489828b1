"""Why planning says what it says of two meetings, or of one: every rule with what it looked at and what it said.

The rules are asked, not repeated: what they return is only put in order here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calendar_app.planning.days import judge_days
from calendar_app.planning.findings import VERDICTS, Effect, Reason
from calendar_app.planning.likelihood import likelihood_of_overlap
from calendar_app.planning.meetings import free_days, linked, shared_days
from calendar_app.planning.opportunities import in_town, joined
from calendar_app.planning.pairs import each_ground, judge
from calendar_app.planning.relations import silence_of_one, silence_of_pair
from calendar_app.planning.vocabulary import LinkKind

if TYPE_CHECKING:
    import uuid

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.findings import Value
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.pairs import Judgement
    from calendar_app.planning.policy import Policy

# What coordinators ask about, in the order in which they think, with the rules that answer.
OF_PAIRS = {
    "taking-part": "no-dates not-taking-place not-a-meeting parts-speak too-vague",
    "relation": "options same-event part-and-whole parts-of-one same-series same-as",
    "link": "planned-together stated-back-to-back overlap-intended",
    "dates": "far-apart overlap travel time-to-travel no-journey-online",
    "people": "same-people same-staff related-people no-shared-people regions-differ governing-sessions",
    "journey": "places",
    "secretariats": "same-secretariat secretariat-travels rival-side-events",
    "services": "shared-service",
    "persons": "key-person",
    "venue": "same-venue",
    "format": "online remote short-in-town",
    "hours": "short-online same-hours hour-unknown workable-hour unworkable-hour",
    "certainty": "tentative vague possible unlikely",
    "owners": "outside",
    "opportunity": "one-trip city-missing shared-audience related-audience trips-saved long-stay",
}
OF_ONE = {
    "taking-part": OF_PAIRS["taking-part"],
    "holidays": "official-holiday staff-holiday national-holiday observed-day avoided-day",
    "weekend": "weekend-start",
    "periods": "avoided-period",
    "run": "long-run",
    "days": "days-unknown free-days",
    "in-town": "in-town",
}
_TOGETHER = "planned-together"


class Said(NamedTuple):
    """A reason; `event` is the one it is about where it is about one of two."""

    reason: Reason
    event: uuid.UUID | None = None


class Look(NamedTuple):
    """One thing that was looked at: what its rules said, nothing if they stayed silent, and the values they saw."""

    topic: str
    said: tuple[Said, ...]
    values: dict[str, Value]


class Explanation(NamedTuple):
    """The verdict, one of `VERDICTS`; what it rests on, or why there is none; and all that was looked at."""

    verdict: str
    reasons: tuple[Said, ...]
    looks: tuple[Look, ...]


def explain_pair(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> Explanation:
    """Explain two meetings, the one with the smaller event id first."""
    silent = [Said(reason, m.event) for m in (a, b) if (reason := silence_of_one(m, facts, policy))]
    judgement: Judgement | None = None
    chance: tuple[Reason, ...] = ()
    besides: list[Said] = []
    if not silent:
        judgement, chance = judge(a, b, facts, policy), joined(a, b, facts, policy)
        besides = [Said(reason) for ground in each_ground(a, b, facts, policy) for reason in ground.reasons]
    reasons = (*silent, *map(Said, judgement.reasons if judgement else ()), *map(Said, chance))
    related = silence_of_pair(a, b)
    if related or any(said.reason.rule == _TOGETHER for said in reasons):
        # What stands aside for how the two belong together is not worth telling.
        besides = []
    if related:
        besides = [Said(related)]
    every = tuple(dict.fromkeys((*reasons, *besides)))
    looks = _looks(OF_PAIRS, every, _values_of_pair(a, b, facts, policy))
    return Explanation(_verdict(judgement, chance), reasons, looks)


def explain_one(meeting: Meeting, facts: Facts, policy: Policy) -> Explanation:
    """Explain what is said of the days of one meeting."""
    silent = silence_of_one(meeting, facts, policy)
    judgement = None if silent else judge_days(meeting, facts, policy)
    chance = () if silent else in_town(meeting, facts)
    reasons = [silent] if silent else [*(judgement.reasons if judgement else ()), *chance]
    said = tuple(Said(reason, meeting.event) for reason in reasons)
    return Explanation(_verdict(judgement, chance), said, _looks(OF_ONE, said, _values_of_one(meeting, policy)))


def rank(explanation: Explanation) -> int:
    """Order explanations of several candidate dates: the one to be told comes first."""
    return VERDICTS.index(explanation.verdict)


def _verdict(judgement: Judgement | None, chance: tuple[Reason, ...]) -> str:
    words = {judgement.severity.word if judgement else "none", "opportunity" if chance else "none"}
    return next(word for word in VERDICTS if word in words)


def _looks(topics: dict[str, str], every: tuple[Said, ...], values: dict[str, dict[str, Value]]) -> tuple[Look, ...]:
    return tuple(
        Look(topic, tuple(said for said in every if said.reason.rule in rules.split()), values.get(topic, {}))
        for topic, rules in topics.items()
    )


def _values_of_pair(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> dict[str, dict[str, Value]]:
    """Return what each topic's rules had before them."""
    shared = facts.crowd.shared(a.people, b.people)
    journey, km = facts.journey(a, b, policy)
    link = linked(a, b, LinkKind)
    exact = a.is_exact and b.is_exact
    likelihood = 1.0 if exact else likelihood_of_overlap(a, b, facts)
    return {
        "link": {"link": str(link or "")},
        "dates": _days_of_pair(a, b),
        "people": {
            "share": shared.share,
            "weak": policy.weak_share,
            "strong": policy.strong_share,
            "pools": tuple(item.a if item.is_same else f"{item.a}/{item.b}" for item in shared.pools[:1]),
            "regions_differ": shared.regions_differ,
        },
        "journey": {"journey": str(journey), "km": km, "from": a.city, "to": b.city},
        "secretariats": {"a": tuple(sorted(a.secretariats)), "b": tuple(sorted(b.secretariats))},
        "services": {"a": tuple(s.provider for s in a.services), "b": tuple(s.provider for s in b.services)},
        "persons": {"a": len(a.key_persons), "b": len(b.key_persons)},
        "venue": {"a": a.venue, "b": b.venue},
        "format": {"a": str(a.format), "b": str(b.format), "remote": a.remote or b.remote},
        "hours": {"a": a.hours is not None, "b": b.hours is not None},
        "certainty": {
            "a": str(a.status), "b": str(b.status), "precision_a": str(a.precision), "precision_b": str(b.precision),
            "likelihood": round(likelihood, 2),
        },
        "owners": {"members": tuple(sorted(a.secretariats | b.secretariats))},
        "opportunity": {"most": policy.join_free_days},
    }  # fmt: skip


def _days_of_pair(a: Meeting, b: Meeting) -> dict[str, Value]:
    here, there = (a.taken, b.taken) if a.is_exact and b.is_exact else (a.span, b.span)
    if here is None or there is None:
        return {}
    gap = free_days(here, there)
    if gap >= 0:
        return {"free": gap}
    first, last, days = shared_days(here, there)
    return {"free": gap, "first": first, "last": last, "days": days}


def _values_of_one(meeting: Meeting, policy: Policy) -> dict[str, dict[str, Value]]:
    run = meeting.taken
    return {
        "weekend": {"weekday": meeting.span.start.weekday() if meeting.span else -1},
        "run": {"days": run.days if run else 0, "most": policy.long_run_days},
        "in-town": {"city": meeting.city},
    }


def group_of(look: Look) -> str:
    """Return how a look ended: spoke, lowered, silenced or quiet; the one that tells most if it said several things."""
    effects = {said.reason.effect for said in look.said}
    if Effect.SILENCES in effects:
        return "silenced"
    if effects & {Effect.LOWERS, Effect.CAPS}:
        return "lowered"
    if effects & {Effect.SPEAKS, Effect.RAISES, Effect.JOINS, Effect.NOTES}:
        return "spoke"
    return "quiet"
