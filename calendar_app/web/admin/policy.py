"""The planning policy: its numbers, what others would change on the board, and putting them in force."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.planning.policy import Policy, is_severity, is_share, most_of
from calendar_app.planning.vocabulary import FindingKind, Severity
from calendar_app.services import policies, policy_preview
from calendar_app.services.calendar import visible_to
from calendar_app.services.events import Change
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.policy_preview import Turn
from calendar_app.services.reference import reference
from calendar_app.web import guards
from calendar_app.web.admin.area import admin_page, blueprint, still_system_administrator
from calendar_app.web.admin.policy_form import PolicyForm
from calendar_app.web.admin.policy_words import SECTIONS, SETTINGS, severity_word
from calendar_app.web.event_lines import event_line, reader_of
from calendar_app.web.page import words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.policies import PastVersion
    from calendar_app.services.policy_preview import Preview, Turned
    from calendar_app.web.event_lines import EventLine

_MOST_SHOWN = 200
# Beyond the hours of a day a limit only keeps out slips.
_MOST_TOLD = 24


@blueprint.get("/admin/policy")
def policy() -> ResponseReturnValue:
    """Show the numbers in force."""
    guards.system_administrator()
    form = PolicyForm(formdata=None)
    row = policies.newest(db.session())
    form.show(policies.reading(row).policy)
    form.begin_from(row)
    return _page(form)


@blueprint.get("/admin/policy.toml")
def policy_text() -> ResponseReturnValue:
    """Give the policy in force as TOML."""
    guards.system_administrator()
    found = policies.in_force(db.session())
    headers = {"Content-Disposition": f'attachment; filename="policy-{found.version}.toml"'}
    return Response(policies.as_toml(found), mimetype="application/toml", headers=headers)


@blueprint.post("/admin/policy")
def change_policy() -> ResponseReturnValue:
    """Show what other numbers would change; put them in force if they were looked at before, with a reason."""
    person = guards.system_administrator()
    form = PolicyForm()
    act = request.form.get("act", "")
    if act == "packaged":
        form.show(policies.packaged())
    wanted = form.policy()
    if wanted is None:
        return _page(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    status, note = _hindrance(form, wanted, act)
    if status != HTTPStatus.OK or act != "put":
        return _preview_page(form, person, wanted, status, note)
    with transaction() as session:
        is_current = form.began_from(policies.newest(session))
        if is_current:
            _put(session, still_system_administrator(session), wanted, form.reason.data)
    if not is_current:
        return _preview_page(form, person, wanted, *_hindrance(form, wanted, act))
    flash(_("These numbers are in force. All findings were made anew with them."))
    return redirect(url_for("admin.policy"), 303)


def _hindrance(form: PolicyForm, wanted: Policy, act: str) -> tuple[int, str]:
    """Return why the numbers are shown again instead of put in force: a status, and what to say with them."""
    if not form.began_from(policies.newest(db.session())):
        return HTTPStatus.CONFLICT, _(
            "The policy was changed while you had this page open. Your numbers are kept and nothing is in force yet:"
            " look at what they would change now."
        )
    if act != "put":
        return HTTPStatus.OK, ""
    if form.looked_at.data != wanted.version:
        return HTTPStatus.CONFLICT, _(
            "You changed numbers after the preview. Nothing is in force yet: look at what would change now."
        )
    if not form.reason.data:
        form.reason.errors = [_("Write why, in one sentence.")]
        return HTTPStatus.UNPROCESSABLE_ENTITY, _("Nothing is in force yet: write why, at the end of this page.")
    return HTTPStatus.OK, ""


def _put(session: Session, by: Person, wanted: Policy, reason: str) -> None:
    made = Change(by.name or by.email, clock.now(), reason, by.account_id)
    if wanted.version == policies.packaged().version:
        policies.back_to_packaged(session, made)
    else:
        policies.put_in_force(session, policies.as_toml(wanted), made)


def _preview_page(
    form: PolicyForm, person: Person, wanted: Policy, status: int = 200, note: str = ""
) -> ResponseReturnValue:
    """Return the page with what the numbers would change, ready to be put in force."""
    session = db.session()
    row = policies.newest(session)
    present = policies.reading(row)
    form.begin_from(row)
    form.looked_at.data = wanted.version
    found = policy_preview.preview(session, person.viewer, present.policy, wanted, clock.today())
    shown = {
        "changes": [_change(*item) for item in policies.differences(present.policy, wanted)],
        # Numbers that this version of the program had to fill in can be kept as they are.
        "can_put": wanted.version != present.policy.version or bool(present.taken),
        "is_packaged": wanted.version == policies.packaged().version,
        **_effect(found, person),
    }
    return _page(form, status=status, preview=shown, note=note)


def _effect(found: Preview, person: Person) -> dict[str, Any]:
    shown = found.turned[:_MOST_SHOWN]
    lines = _lines(person, {e for item in shown for e in (item.finding.a, item.finding.b) if e})
    say = FindingWords(words(), lambda event: lines[event].short_title or lines[event].title, reference())
    items = [(item.is_past, _item(item, lines, say)) for item in shown]
    return {
        "counts": [(_count_label(count.severity, say), count.before, count.after) for count in found.counts],
        "groups": [
            (title, some)
            for title, past in ((_("Events to come"), False), (_("Past events"), True))
            if (some := [item for is_past, item in items if is_past is past])
        ],
        "more": len(found.turned) - len(shown),
        "otherwise": found.otherwise,
        "events": found.events,
    }


def _count_label(severity: Severity, say: FindingWords) -> str:
    label: str = say.severity(severity) if severity else _("Opportunities")
    return label


def _lines(person: Person, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, EventLine]:
    query = db.select(Event).where(visible_to(person.viewer), Event.id.in_(ids))
    events = db.session.scalars(query.options(joinedload(Event.whole))).all()
    reader = reader_of(events)
    return {event.id: event_line(event, reader) for event in events}


def _item(item: Turned, lines: dict[uuid.UUID, EventLine], say: FindingWords) -> dict[str, Any]:
    finding = item.finding
    clash = finding.kind is FindingKind.CLASH
    return {
        "what": say.severity(finding.severity) if clash else say.kind(finding.kind),
        "severity": finding.severity.word if clash else "opportunity",
        "turn": {
            Turn.APPEARS: _("New"),
            Turn.RISES: _("Worse; it was: %(severity)s", severity=say.severity(item.before)),
            Turn.FALLS: _("Less bad; it was: %(severity)s", severity=say.severity(item.before)),
            Turn.GOES: _("No longer found"),
        }[item.turn],
        "events": [lines[event] for event in (finding.a, finding.b) if event],
        "headline": say.headline(finding),
    }


def _page(
    form: PolicyForm, *, status: int = 200, preview: dict[str, Any] | None = None, note: str = ""
) -> ResponseReturnValue:
    session = db.session()
    row = policies.newest(session)
    present, packaged = policies.reading(row), policies.packaged()
    return admin_page(
        "policy.html",
        status,
        form=form,
        note=note,
        preview=preview,
        sections=[
            (SECTIONS[section], [_setting(name, form, present.policy, packaged) for name in names])
            for section, names in policies.sections().items()
        ],
        is_packaged=present.policy.version == packaged.version,
        version=present.policy.version,
        taken=[str(SETTINGS[name].label) for name in present.taken],
        history=[_past(version) for version in policies.history(session)],
    )


def _setting(name: str, form: PolicyForm, present: Policy, packaged: Policy) -> dict[str, Any]:
    most = most_of(name)
    now, comes = getattr(present, name), getattr(packaged, name)
    return {
        "field": form[name],
        "help": SETTINGS[name].help,
        "range": _("From 0 to %(most)s.", most=most) if most <= _MOST_TOLD else "",
        "now": _shown(name, now),
        "packaged": _shown(name, comes),
        "differs": now != comes,
    }


def _shown(name: str, value: float) -> str:
    """Return the number of a setting as people read it."""
    text = f"{value:g}" if is_share(name) else str(value)
    if is_severity(name):
        text = _("%(number)s, %(meaning)s", number=text, meaning=severity_word(Severity(int(value))))
    return text


def _change(name: str, before: float, after: float) -> dict[str, str]:
    known = SETTINGS.get(name)
    if known is None:
        # A setting of another version of the program.
        return {"label": name, "before": f"{before:g}", "after": f"{after:g}"}
    return {"label": str(known.label), "before": _shown(name, before), "after": _shown(name, after)}


def _past(version: PastVersion) -> dict[str, Any]:
    local = version.row.at.astimezone(clock.zone)
    return {
        "day": words().day(local.date()),
        "time": f"{local:%H:%M}",
        "iso": version.row.at.isoformat(timespec="seconds"),
        "actor": version.row.actor,
        "reason": version.row.reason,
        "is_packaged": version.is_packaged,
        "changes": [_change(*item) for item in version.changes],
    }
