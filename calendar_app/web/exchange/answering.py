"""Who answers for an organisation's list: somebody who came by a letter's link, or a coordinator who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import abort, make_response, render_template, url_for

from calendar_app.extensions import db, mail_links
from calendar_app.models import ExchangeRound, Organisation
from calendar_app.services import deciders, exchange_rounds, mail_recipients
from calendar_app.services.access import Person, Role
from calendar_app.services.events import Change
from calendar_app.services.round_letters import PURPOSE
from calendar_app.services.signatures import BY_LINK
from calendar_app.web import guards
from calendar_app.web.exchange.area import month_of, now, round_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_NO_ACCOUNT = 0
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Answering:
    """Somebody who may answer for the list of `organisation` in `round`, as found in the transaction that asked.

    `who` stands in histories; `address` are the values of the page's address.
    """

    round: ExchangeRound
    organisation: Organisation
    person: Person
    who: str
    address: dict[str, Any]

    @property
    def by_link(self) -> bool:
        """Tell whether they came by a letter's link, not signed in."""
        return "token" in self.address

    def url(self, what: str = "list", **values: Any) -> str:  # noqa: ANN401
        """Return the address of a page of this list: "list", "sheet" or "reply"."""
        endpoint = f"exchange.{what}_by_link" if self.by_link else f"exchange.own_{what}"
        return url_for(endpoint, **self.address, **values)

    @property
    def signature(self) -> str:
        """How this person signs an answer or a confirmation."""
        return f"{self.who}, {BY_LINK}" if self.by_link else self.who

    def made(self, how: str = "") -> Change:
        """Return who changes events now; `how` is told with it."""
        actor = f"{self.who}, {how}" if how else self.signature
        return Change(actor[:300], now(), account_id=self.person.account_id or None)


def by_link(token: str) -> Answering:
    """Return who has a letter's link; 404 for a token that is not ours, 403 if the address no longer answers."""
    values = mail_links().values(PURPOSE, token)
    if values is None or len(values) != 3:  # noqa: PLR2004 - month, organisation, address
        abort(404)
    month, code, email = values
    session = db.session()
    round_, organisation = exchange_rounds.of_month(session, month_of(month)), session.get(Organisation, code)
    if round_ is None or organisation is None:
        abort(404)
    name = _names(session, code).get(email.casefold()) if organisation.member else None
    if name is None:
        abort(_no_longer())
    person = Person(_NO_ACCOUNT, name, email, roles={code: Role.COORDINATOR})
    # With the address, so that nobody stands there like a member who signed in.
    named = f"{name[:_LONGEST_NAME]} <{email}>" if name else email
    return Answering(round_, organisation, person, f"{named} ({organisation.short_name})", {"token": token})


def signed_in(month: str, code: str) -> Answering:
    """Return a coordinator of an organisation; leads strangers to sign in, 403 for everybody else."""
    someone = guards.coordinator()
    if code not in someone.deciding:
        abort(403)
    round_, organisation = round_of(month), db.session().get_one(Organisation, code)
    who = someone.signature(organisation.short_name)
    return Answering(round_, organisation, someone, who, {"month": month, "code": code})


def _names(session: Session, code: str) -> dict[str, str]:
    """Return who may answer by a link, by address: those the organisation chose, and who decides for it."""
    found = {row.email.casefold(): row.name for row in mail_recipients.rows_of(session, code)}
    return {a.email.casefold(): a.name for a in deciders.accounts_of(session, code)} | found


def _no_longer() -> Any:  # noqa: ANN401 - a response that ends the request
    return make_response(render_template("exchange/no_longer.html"), 403)
