"""The audit log in words: its actions, and the details of an entry as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACTIONS = {
    "account closed": _l("Account closed"),
    "account opened again": _l("Account opened again"),
    "action opened again": _l("Action of the review opened again"),
    "calendar restored": _l("Calendar restored from a backup"),
    "cycle changed": _l("Cycle of the exchange round changed"),
    "digest recipient added": _l("Recipient of digests added"),
    "digest recipient changed": _l("Recipient of digests changed"),
    "digest recipient removed": _l("Recipient of digests removed"),
    "digest settings changed": _l("Settings of digests changed"),
    "invitation accepted": _l("Invitation accepted"),
    "invitation revoked": _l("Invitation taken back"),
    "lead times changed": _l("Milestones of a kind changed"),
    "letter put aside": _l("Undelivered letter put aside"),
    "letter refused": _l("No further link sent: too many were asked for within an hour"),
    "letter to nobody": _l("Sign-in letter asked for an address without account"),
    "letter tried again": _l("Undelivered letter sent once more"),
    "list row added": _l("Row of a list added"),
    "list row as packaged again": _l("Row of a list as it comes with the calendar again"),
    "decision removed": _l("Decision of the review removed"),
    "list row changed": _l("Row of a list changed"),
    "list row removed": _l("Row of a list removed"),
    "member invited": _l("Member invited"),
    "member removed": _l("Member removed"),
    "name changed": _l("Name changed"),
    "organisation added": _l("Organisation added"),
    "organisation changed": _l("Organisation changed"),
    "password changed": _l("Password changed"),
    "policy as packaged again": _l("Planning policy as it comes with the calendar again"),
    "policy put in force": _l("Planning policy put in force"),
    "private address made": _l("Private address made"),
    "private address replaced": _l("Private address replaced"),
    "private address revoked": _l("Private address revoked"),
    "recovery codes made": _l("Recovery codes made"),
    "review closed": _l("Coordination review closed"),
    "review opened again": _l("Coordination review opened again"),
    "role changed": _l("Role changed"),
    "round answered": _l("Answer in the exchange round"),
    "round reminded": _l("Reminder of the exchange round sent"),
    "second step failed": _l("Second step of signing in failed"),
    "second step removed": _l("Second step of signing in removed"),
    "second step set up": _l("Second step of signing in set up"),
    "sign-in failed": _l("Sign-in failed"),
    "sign-ins ended": _l("Sign-ins ended"),
    "signed in": _l("Signed in"),
    "signed out": _l("Signed out"),
    "system administrator appointed": _l("System administrator appointed"),
}


def action_label(action: str) -> str:
    """Return an action in the reader's language; one that has no words here as it was written down."""
    return str(_ACTIONS.get(action, action))


def detail_lines(details: Mapping[str, Any]) -> list[str]:
    """Return what an entry says besides, a line for each value: "name: old → new" where it has both."""
    before, after = details.get("before"), details.get("after")
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = before or {}, after or {}
        return [_change(name, old.get(name), new.get(name)) for name in {**old, **new}]
    lines = [f"{name}: {_text(value)}" for name, value in details.items() if name not in {"before", "after"}]
    if "before" in details or "after" in details:
        lines.append(f"{_text(before)} → {_text(after)}")
    return lines


def _change(name: str, old: Any, new: Any) -> str:  # noqa: ANN401 - JSON
    return f"{name}: {_text(old)} → {_text(new)}" if old is not None else f"{name}: {_text(new)}"


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return "; ".join(_text(item) for item in value) or "–"
    return "–" if value in {None, ""} else str(value)
