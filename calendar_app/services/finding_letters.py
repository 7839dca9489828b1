"""Letters about clashes: to those who decide for the events, and about critical ones to all members that may know."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from babel.lists import format_list
from sqlalchemy import select

from calendar_app.mail.composing import Action, Block, Letter, Listing, Paragraph, Quotation
from calendar_app.models import Organisation
from calendar_app.planning.findings import Effect
from calendar_app.planning.vocabulary import Severity
from calendar_app.services import deciders, outbox
from calendar_app.services.access import person_of
from calendar_app.services.finding_board import (
    events_of,
    hidden_sentence,
    hidden_side,
    may_see,
    owners_of,
    short_name,
)
from calendar_app.services.finding_codec import finding_of
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.records import in_language
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import Account, StoredFinding
    from calendar_app.services.access import Person
    from calendar_app.services.calendar import Viewer

# Where a session keeps the public address of the calendar: what notices clashes knows no pages.
PUBLIC_URL = "public address"
# So many clashes are told in full; of more only the headlines stand in the letter.
_IN_FULL, _LISTED = 5, 50


class Decided(NamedTuple):
    """A decision that the dates stay, made with the change that led to the clash: by whom, why, and for whom.

    `organisations` are those that have answered with it.
    """

    account_id: int
    name: str
    why: str
    organisations: frozenset[str]


_NOTHING_DECIDED: Mapping[uuid.UUID, Decided] = MappingProxyType({})


def tell_owners(
    session: Session,
    news: list[StoredFinding],
    now: datetime,
    decided: Mapping[uuid.UUID, Decided] = _NOTHING_DECIDED,
) -> None:
    """Write to the coordinators of both stewards of each clash, of critical ones to those of every member.

    `news` are major or critical clashes that are new, reopened or worse. Everybody gets one letter for all of them, and
    of each no more than they may see. `session.info[PUBLIC_URL]` is the full address of the calendar. `decided` has by
    id the clashes on which somebody decided already: of these only the other owners hear, with the decision.
    """
    session.flush()
    told: dict[int, tuple[Account, list[StoredFinding]]] = {}
    members = _members(session) if any(found.severity == Severity.CRITICAL for found in news) else []
    known: dict[str, list[Account]] = {}
    for found in sorted(news, key=lambda item: (-item.severity, item.key)):
        decision = decided.get(found.id)
        for code in _codes(found, members, decision):
            if code not in known:
                known[code] = deciders.accounts_of(session, code)
            for account in known[code]:
                if decision and account.id == decision.account_id:
                    continue
                viewer = person_of(account).viewer
                if not may_see(viewer, found) and hidden_side(viewer, found) is None:
                    continue
                _account, some = told.setdefault(account.id, (account, []))
                if found not in some:
                    some.append(found)
    for account, some in told.values():
        letter = _Writer(session, account, decided).letter(some)
        recipient = outbox.Recipient(account.email, account.name, account.language)
        outbox.queue(session, recipient, letter, now, about_work=True)


def _codes(found: StoredFinding, members: list[str], decision: Decided | None) -> tuple[str, ...]:
    """Return the organisations that hear of a clash."""
    owners = owners_of(found)
    if decision:
        return tuple(code for code in owners if code not in decision.organisations)
    return tuple(dict.fromkeys((*owners, *members))) if found.severity == Severity.CRITICAL else owners


def _members(session: Session) -> list[str]:
    query = select(Organisation.code).where(Organisation.member).order_by(Organisation.code)
    return list(session.scalars(query))


class _Writer:
    """Writes the letter of one person, in their language."""

    def __init__(self, session: Session, account: Account, decided: Mapping[uuid.UUID, Decided]) -> None:
        self.person: Person = person_of(account)
        self.words = Words(account.language)
        self.decided = decided
        self.address = str(session.info[PUBLIC_URL])

    def letter(self, some: list[StoredFinding]) -> Letter:
        """Return the letter about these clashes, the worst first."""
        blocks: list[Block] = []
        for found in some[:_IN_FULL]:
            blocks += self._in_full(found) if may_see(self.person.viewer, found) else self._hidden(found)
        rest = some[_IN_FULL:_LISTED]
        if rest:
            blocks.append(Paragraph(self.words.gettext("And these clashes:")))
            blocks.append(Listing(tuple(self._line(found) for found in rest)))
        if len(some) > _LISTED:
            blocks.append(Action(self.words.gettext("See all clashes"), f"{self.address}/clashes"))
        return Letter(self._subject(some), tuple(blocks))

    def _subject(self, some: list[StoredFinding]) -> str:
        words, first, more = self.words, some[0], len(some) - 1
        if may_see(self.person.viewer, first):
            titles = [self._title(first, event) for event in _ids(first)]
        else:
            titles = [self._title(first, _own_id(self.person.viewer, first))]
        values = {"events": format_list(titles, locale=words.locale), "num": more}
        critical = first.severity == Severity.CRITICAL
        if more:
            text = (
                words.ngettext(
                    "Critical clash, and %(num)d more: %(events)s",
                    "Critical clash, and %(num)d more: %(events)s",
                    more,
                )
                if critical
                else words.ngettext(
                    "Major clash, and %(num)d more: %(events)s", "Major clash, and %(num)d more: %(events)s", more
                )
            )
            return text % values
        text = words.gettext("Critical clash: %(events)s") if critical else words.gettext("Major clash: %(events)s")
        return text % values

    def _title(self, found: StoredFinding, event_id: uuid.UUID) -> str:
        event = next(event for event in events_of(found) if event.id == event_id)
        return in_language(event.titles, self.words.language)[0]

    def _speaker(self, found: StoredFinding) -> FindingWords:
        return FindingWords(self.words, lambda event: self._title(found, event), reference())

    def _url(self, found: StoredFinding) -> str:
        return f"{self.address}/clashes/{found.id}"

    def _in_full(self, found: StoredFinding) -> list[Block]:
        """Return what is said of a clash to somebody who may see all of it."""
        speak, finding = self._speaker(found), finding_of(found)
        words = self.words
        severity = words.gettext("%(severity)s: %(sentence)s") % {
            "severity": speak.severity(Severity(found.severity)),
            "sentence": speak.headline(finding),
        }
        reasons = [r for r in finding.reasons if r.effect is not Effect.QUIET]
        owners = owners_of(found)
        kept = words.gettext("Kept by: %(organisations)s.") % {"organisations": self._organisations(owners)}
        blocks: list[Block] = [
            Paragraph(severity),
            Listing(tuple((speak.sentence(reason, finding), "") for reason in reasons)),
            *self._decision(found),
            Paragraph(f"{kept} {self._what_to_do(found, owners)}"),
            Action(words.gettext("Open the clash"), self._url(found)),
        ]
        return blocks

    def _decision(self, found: StoredFinding) -> list[Block]:
        decision = self.decided.get(found.id)
        if decision is None:
            return []
        sentence = self.words.gettext("%(name)s decided to keep these dates all the same, and says why:")
        return [Paragraph(sentence % {"name": self.words.isolated(decision.name)}), Quotation(decision.why)]

    def _what_to_do(self, found: StoredFinding, owners: tuple[str, ...]) -> str:
        words = self.words
        if not self.person.deciding & set(owners):
            return words.gettext(
                "You get this letter because the clash is critical and your organisation belongs to the exchange. You"
                " can comment on its page."
            )
        if found.severity == Severity.CRITICAL:
            return words.gettext(
                "A critical clash needs a decision that carries a name: move an event, or say on its page why the dates"
                " stay."
            )
        return words.gettext("Please move an event, or acknowledge or accept the clash on its page and say why.")

    def _hidden(self, found: StoredFinding) -> list[Block]:
        """Return what is said to a steward of whose clash something is hidden: their own event, and whom to ask."""
        own = _own_id(self.person.viewer, found)
        title = self.words.isolated(self._title(found, own))
        severity = self._speaker(found).severity(Severity(found.severity))
        sentence = self.words.gettext("%(severity)s clash with the dates of “%(title)s”.") % {
            "severity": severity,
            "title": title,
        }
        return [
            Paragraph(f"{sentence} {hidden_sentence(self.words, self.person.viewer, found)}"),
            Action(self.words.gettext("Open your event"), f"{self.address}/events/{own}"),
        ]

    def _line(self, found: StoredFinding) -> tuple[str, str]:
        if may_see(self.person.viewer, found):
            return self._speaker(found).headline(finding_of(found)), self._url(found)
        own = _own_id(self.person.viewer, found)
        return self._title(found, own), f"{self.address}/events/{own}"

    def _organisations(self, codes: Iterable[str]) -> str:
        return format_list([short_name(self.words, code) for code in codes], locale=self.words.locale)


def _ids(found: StoredFinding) -> list[uuid.UUID]:
    return [event.id for event in events_of(found)]


def _own_id(viewer: Viewer, found: StoredFinding) -> uuid.UUID:
    own = hidden_side(viewer, found)
    assert own  # noqa: S101 - nobody else gets a letter about what is hidden
    return own.id
