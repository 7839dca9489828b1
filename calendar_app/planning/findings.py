"""What planning says: findings, each with the rules that spoke, the numbers they used and what they changed."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from calendar_app.planning.vocabulary import About, FindingKind, Severity

if TYPE_CHECKING:
    import uuid
    from datetime import date

Value: TypeAlias = "str | int | float | bool | date | tuple[str, ...]"


class Effect(StrEnum):
    """What a rule did to the finding."""

    SPEAKS = "speaks"  # it is a ground of its own, of `severity`
    RAISES = "raises"  # what made it worse, to `severity`
    LOWERS = "lowers"  # one step, to `severity`
    CAPS = "caps"  # no more than `severity`
    SILENCES = "silences"  # nothing is said, whatever the other rules found
    QUIET = "quiet"  # looked, and found nothing; told by `explain` alone
    JOINS = "joins"  # a ground for an opportunity
    NOTES = "notes"  # a fact that people want to know with it


class Reason(NamedTuple):
    """One rule that spoke. `rule` is its name, `values` what it used: codes, numbers and days, never sentences.

    `internal` names the events ("a", "b", "ab") on whose internal fields it rests: only who may see those may see it.
    """

    rule: str
    effect: Effect
    values: tuple[tuple[str, Value], ...] = ()
    severity: Severity = Severity.NONE
    internal: str = ""

    def value(self, name: str, default: Value = "") -> Value:
        """Return one of the values."""
        return dict(self.values).get(name, default)


class Finding(NamedTuple):
    """A clash (of a severity) or an opportunity (Severity.NONE). `b` is None when it is about `a` alone.

    For two events `a` is the smaller id. `options` are the candidate dates that it speaks of, 0 for the event's own.
    `likelihood`, 0 to 1, is below 1 for what is only possible.
    """

    kind: FindingKind
    about: About
    a: uuid.UUID
    b: uuid.UUID | None
    severity: Severity
    reasons: tuple[Reason, ...]
    options: tuple[int, int] = (0, 0)
    likelihood: float = 1.0

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same finding after its reasons have changed."""
        return self.kind, self.about, str(self.a), str(self.b or "")


# Where several findings apply to one pair, its verdict is the first of these.
VERDICTS = ("critical", "major", "opportunity", "minor", "none")
