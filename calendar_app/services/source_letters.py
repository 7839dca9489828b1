"""Letters about a source: it fails for days, it works again, so much is gone that people are asked, it proposes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from calendar_app.mail.composing import Action, Letter, Listing, Paragraph, Quotation
from calendar_app.services import deciders, outbox
from calendar_app.services.records import in_language
from calendar_app.services.sentences import in_words
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import Source
    from calendar_app.services.reconciling import Plan

# So long a source may fail before anybody is written to: servers are mended, and links come back.
PATIENCE = timedelta(days=3)
_MOST_NAMED = 10


def fails(session: Session, source: Source, error: str, now: datetime, home: str) -> None:
    """Tell, once, that a source has failed for three days."""
    if source.failing_since is None or source.told_at or now - source.failing_since < PATIENCE:
        return
    since = source.failing_since
    source.told_at = now

    def letter(words: Words) -> Letter:
        values = {"source": words.isolated(source.name), "day": words.day(since.date())}
        return Letter(
            words.gettext("A source cannot be read: %(source)s") % {"source": source.name},
            (
                Paragraph(
                    words.gettext(
                        "Since %(day)s the calendar has not been able to read “%(source)s”. What came from it stays as"
                        " it is, and may be out of date."
                    )
                    % values
                ),
                Quotation(in_words(error, words)),
                Action(words.gettext("Look at the source"), _page(source, home)),
            ),
        )

    _tell(session, source, letter, now, f"failing/{since:%Y%m%dT%H%M%S}")


def works_again(session: Session, source: Source, now: datetime, home: str) -> None:
    """Tell that a source can be read again, if people were told that it could not."""
    if source.told_at is None or source.failing_since is None:
        return
    since = source.failing_since

    def letter(words: Words) -> Letter:
        sentence = words.gettext(
            "“%(source)s” could be read again. The calendar has taken over what changed meanwhile."
        )
        return Letter(
            words.gettext("A source works again: %(source)s") % {"source": source.name},
            (
                Paragraph(sentence % {"source": words.isolated(source.name)}),
                Action(words.gettext("Look at the source"), _page(source, home)),
            ),
        )

    _tell(session, source, letter, now, f"works/{since:%Y%m%dT%H%M%S}")


def much_gone(session: Session, source: Source, plan: Plan, now: datetime, home: str) -> None:
    """Ask, once, what it means that so much is gone from a source; note when this is over."""
    if not plan.is_in_doubt:
        source.much_gone_at = None
        return
    if source.much_gone_at:
        return
    source.much_gone_at = now

    def letter(words: Words) -> Letter:
        values = {"source": words.isolated(source.name), "gone": len(plan.missing), "had": plan.had}
        return Letter(
            words.gettext("Are these events called off? %(source)s") % {"source": source.name},
            (
                Paragraph(
                    words.gettext(
                        "%(gone)d of the %(had)d events of “%(source)s” are not in it any more. That may be a mistake"
                        " there: nothing was called off here."
                    )
                    % values
                ),
                Paragraph(words.gettext("Please look at the list and say whether they are called off or stay.")),
                Action(words.gettext("Look at the source"), _page(source, home)),
            ),
        )

    _tell(session, source, letter, now, f"gone/{now:%Y%m%dT%H%M%S}")


def proposes(
    session: Session, source: Source, steward: str, titles: Sequence[dict[str, str]], now: datetime, home: str
) -> None:
    """Tell another organisation, once for a run, that changes of events of theirs are proposed."""

    def letter(words: Words) -> Letter:
        number = len(titles)
        values = {"source": words.isolated(source.name), "num": number}
        sentence = words.ngettext(
            "“%(source)s” says something else than the calendar about %(num)d event that you keep. You decide:",
            "“%(source)s” says something else than the calendar about %(num)d events that you keep. You decide:",
            number,
        )
        named = tuple((in_language(of, words.language)[0], "") for of in titles[:_MOST_NAMED])
        more = words.ngettext("%(num)d more", "%(num)d more", number - _MOST_NAMED) % {"num": number - _MOST_NAMED}
        return Letter(
            words.gettext("Changes are proposed: %(source)s") % {"source": source.name},
            (
                Paragraph(sentence % values),
                Listing((*named, (more, "")) if number > _MOST_NAMED else named),
                Action(words.gettext("Look at what is proposed"), f"{home}/moderation"),
            ),
        )

    _tell(session, source, letter, now, f"proposed/{now:%Y%m%dT%H%M%S}/{steward}", steward)


def _page(source: Source, home: str) -> str:
    return f"{home}/sources/{source.slug}"


def _tell(
    session: Session, source: Source, letter: Callable[[Words], Letter], now: datetime, what: str, whom: str = ""
) -> None:
    """Queue a letter to those who decide for `whom`, the owner of the source if that is ""."""
    for account in deciders.accounts_of(session, whom or source.owner_code):
        recipient = outbox.Recipient(account.email, account.name, account.language)
        key = f"source/{source.slug}/{what}/{account.id}"
        outbox.queue(session, recipient, letter(Words(account.language)), now, key=key, about_work=True)
