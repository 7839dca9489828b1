"""The form of the policy: a number for each setting, so that nobody has to write TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.widgets import NumberInput

from calendar_app.planning.policy import Policy, PolicyError, is_share, most_of, parse_policy
from calendar_app.web.admin.policy_words import SETTINGS, problem_sentence
from calendar_app.web.submit.fields import Line, Text

if TYPE_CHECKING:
    from calendar_app.models import PolicyVersion

_MOST_DIGITS = 20
_MOST_REASON = 1000


class PolicyForm(FlaskForm):  # type: ignore[misc]
    """The settings, why they are changed, and what the person had before them.

    `base` is the version that was in force when the numbers were shown, `looked_at` the policy whose effect was.
    """

    reason = Text(_l("Why"), most=_MOST_REASON, rows=2)
    base = HiddenField()
    looked_at = HiddenField()

    def policy(self) -> Policy | None:
        """Return the policy that the numbers make; what is wrong with a number is said at its field, then None."""
        self.validate()
        typed = {name: _number(self[name].data, name) for name in SETTINGS}
        try:
            found = parse_policy("\n".join(f"{name} = {value}" for name, value in typed.items()))
        except PolicyError as problem:
            for name, code, values in problem.problems:
                self[name].errors = [*self[name].errors, problem_sentence(name, code, values)]
            return None
        return None if self.errors else found

    def show(self, policy: Policy) -> None:
        """Put the numbers of a policy in the fields."""
        for name in SETTINGS:
            self[name].data = f"{getattr(policy, name):g}" if is_share(name) else str(getattr(policy, name))

    def begin_from(self, row: PolicyVersion | None) -> None:
        """Note which version is in force while these numbers are shown."""
        self.base.data = _name_of(row)

    def began_from(self, row: PolicyVersion | None) -> bool:
        """Tell whether that version is still the one in force."""
        return bool(self.base.data == _name_of(row))


def _name_of(row: PolicyVersion | None) -> str:
    return str(row.id) if row else "packaged"


for _name, _setting in SETTINGS.items():
    _look = {"min": "0", "max": str(most_of(_name)), "step": "any" if is_share(_name) else "1"}
    setattr(
        PolicyForm,
        _name,
        Line(_setting.label, most=_MOST_DIGITS, widget=NumberInput(step=_look["step"]), render_kw=_look),
    )


def _number(typed: str, name: str) -> str:
    """Return what was typed as a TOML number, or as a text where it is none."""
    try:
        return repr(float(typed.replace(",", ".")) if is_share(name) else int(typed))
    except ValueError:
        return '""'
