"""The policy: every threshold and weight of the rules, as one value that is read from TOML.

The packaged one is `reference/policy.toml`, whose comments tell what each number does; an administrator may put another
in force. A finding names the policy it was made with.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TypeAlias

_Problem: TypeAlias = tuple[str, str, tuple[str, ...]]


class PolicyError(ValueError):
    """A policy cannot be used. `problems` are (setting, code, values) of each mistake; codes are in `_check`."""

    def __init__(self, problems: list[_Problem]) -> None:
        """Keep all mistakes, so that they can be mended at once."""
        super().__init__("; ".join(f"{name}: {code} {', '.join(values)}".strip() for name, code, values in problems))
        self.problems = problems


@dataclass(frozen=True)
class Policy:
    """All thresholds. Days are whole days, shares and likelihoods 0 to 1, hours of the day 0 to 24, distances km."""

    # Same people
    strong_share: float
    weak_share: float
    # Travel
    near_km: int
    intercontinental_km: int
    continent_border_km: int
    major_below_free_days: int
    minor_below_free_days: int
    continental_minor_below_free_days: int
    weak_minor_below_free_days: int
    staff_minor_below_free_days: int
    # Format and hours
    online_lowers: int
    remote_lowers: int
    short_in_town_lowers: int
    short_hours: int
    working_day_starts: int
    working_day_ends: int
    # How sure the dates are
    tentative_lowers: int
    vague_at_most: int
    vague_longest_days: int
    vague_least_likelihood: float
    # Whose meetings
    outside_pairs_at_most: int
    same_secretariat: int
    shared_service: int
    key_person: int
    same_venue: int
    rival_side_events: int
    # Days
    official_holiday: int
    observed_day: int
    avoided_day: int
    national_holiday: int
    staff_holiday: int
    weekend_start: int
    avoided_period: int
    long_run: int
    long_run_days: int
    # Opportunities
    join_free_days: int
    join_share: float
    briefing_weeks_earliest: int
    briefing_weeks_latest: int
    round_weeks_earliest: int
    # Better dates
    cost_critical: int
    cost_major: int
    cost_minor: int
    gain_opportunity: int
    most_dates: int
    notice_weeks: int

    @cached_property
    def version(self) -> str:
        """Return a name for exactly these numbers."""
        text = ";".join(f"{item.name}={getattr(self, item.name)}" for item in fields(self))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


# The largest value of whole numbers that are not severities; severities go from 0 (say nothing) to 3 (critical).
_SEVERITIES = frozenset(
    "vague_at_most outside_pairs_at_most same_secretariat shared_service key_person same_venue rival_side_events "
    "official_holiday observed_day avoided_day national_holiday staff_holiday weekend_start avoided_period "
    "long_run".split()
)
_STEPS = frozenset({"online_lowers", "remote_lowers", "tentative_lowers", "short_in_town_lowers"})
_MOST = {"working_day_starts": 24, "working_day_ends": 24, "short_hours": 24}
_MOST_ELSE = 100_000
# Pairs of settings of which the first must not be larger than the second.
_ORDER = (
    ("weak_share", "strong_share"),
    ("weak_share", "join_share"),
    ("major_below_free_days", "minor_below_free_days"),
    ("weak_minor_below_free_days", "minor_below_free_days"),
    ("continental_minor_below_free_days", "minor_below_free_days"),
    ("staff_minor_below_free_days", "minor_below_free_days"),
    ("near_km", "continent_border_km"),
    ("continent_border_km", "intercontinental_km"),
    ("working_day_starts", "working_day_ends"),
    ("briefing_weeks_latest", "briefing_weeks_earliest"),
    ("cost_minor", "cost_major"),
    ("cost_major", "cost_critical"),
)


def parse_policy(text: str) -> Policy:
    """Return the policy that TOML text states; sections only group it. Raises `PolicyError` with every mistake."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PolicyError([("", "not-toml", (str(problem),))]) from None
    given: dict[str, object] = {}
    for name, value in data.items():
        given.update(value if isinstance(value, dict) else {name: value})
    problems: list[_Problem] = [(name, "unknown", ()) for name in given if name not in Policy.__dataclass_fields__]
    values: dict[str, float] = {}
    for item in fields(Policy):
        if item.name not in given:
            problems.append((item.name, "missing", ()))
            continue
        wrong = _check(item.name, str(item.type), given[item.name])
        if wrong:
            problems.append((item.name, *wrong))
        else:
            values[item.name] = given[item.name]  # type: ignore[assignment]
    problems += [
        (low, "more-than", (high,))
        for low, high in _ORDER
        if low in values and high in values and values[low] > values[high]
    ]
    if problems:
        raise PolicyError(problems)
    return Policy(**values)  # type: ignore[arg-type]


def most_of(name: str) -> int:
    """Return the largest number that a setting can have; the smallest is 0."""
    if is_share(name):
        return 1
    return 3 if name in _SEVERITIES | _STEPS else _MOST.get(name, _MOST_ELSE)


def is_severity(name: str) -> bool:
    """Tell whether the number of a setting is a severity, from 0 (say nothing) to 3 (critical)."""
    return name in _SEVERITIES


def is_share(name: str) -> bool:
    """Tell whether a setting is a share or a likelihood; the others are whole numbers."""
    return Policy.__dataclass_fields__[name].type == "float"


def _check(name: str, sort: str, value: object) -> tuple[str, tuple[str, ...]] | None:
    """Return what is wrong with one value: a code (not-a-number, out-of-range) and what it uses."""
    if isinstance(value, bool) or not isinstance(value, int if sort == "int" else (int, float)):
        return "not-a-number", ()
    most = most_of(name)
    if not 0 <= value <= most:
        return "out-of-range", ("0", str(most))
    return None
