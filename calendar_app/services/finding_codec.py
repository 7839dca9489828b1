"""Reasons as JSON and back. Days are {"day": "2027-03-01"}, lists of codes are lists; nothing else needs a mark."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from calendar_app.planning.findings import Effect, Finding, Reason
from calendar_app.planning.vocabulary import About, FindingKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.models import StoredFinding
    from calendar_app.planning.findings import Value

_DAY = "day"


def as_json(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Return reasons as JSON values."""
    return [
        {
            "rule": reason.rule,
            "effect": str(reason.effect),
            "values": {name: _written(value) for name, value in reason.values},
            "severity": int(reason.severity),
            "internal": reason.internal,
        }
        for reason in reasons
    ]


def reasons_of(written: Iterable[dict[str, Any]]) -> tuple[Reason, ...]:
    """Return the reasons that `as_json` wrote. Raises KeyError or ValueError for anything else."""
    return tuple(
        Reason(
            item["rule"],
            Effect(item["effect"]),
            tuple((name, _read(value)) for name, value in item["values"].items()),
            Severity(item["severity"]),
            item["internal"],
        )
        for item in written
    )


def finding_of(stored: StoredFinding) -> Finding:
    """Return a stored finding as planning made it."""
    return Finding(
        FindingKind(stored.kind),
        About(stored.about),
        stored.a_id,
        stored.b_id,
        Severity(stored.severity),
        reasons_of(stored.reasons),
        (stored.option_a, stored.option_b),
        stored.likelihood,
    )


def _written(value: Value) -> object:
    if isinstance(value, date):
        return {_DAY: value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def _read(value: Any) -> Value:  # noqa: ANN401 - what JSON holds
    if isinstance(value, dict):
        return date.fromisoformat(value[_DAY])
    return tuple(value) if isinstance(value, list) else value
