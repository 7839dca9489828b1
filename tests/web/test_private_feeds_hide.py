"""Whatever the events, the members and the filters are: no feed has a sign of what its reader may not see.

Each event has a word of its own in every field that its readers see, and another one in every internal field.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from calendar_app.extensions import clock, transaction
from calendar_app.models import Account, PrivateFeed
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import private_feeds
from calendar_app.services.access import person_of
from calendar_app.services.filters import EventFilter
from tests.web.test_nothing_hidden_shows import KINDS, candidate, may_see, secret, word, written

MEMBERS = {
    "nobody's": {},
    "contributor": {"brs": "contributor"},
    "administrator": {"minamata": "administrator"},
    "both": {"brs": "coordinator", "minamata": "contributor"},
    "other": {"chb": "coordinator"},
}
FILTERS = (
    EventFilter(),
    EventFilter(convention=("basel",), tbc=True),
    EventFilter(convention=("minamata",)),
    EventFilter(q="zz", keep_cancelled=True, lang="fr"),
    EventFilter(q="zzpublicaaa"),
    EventFilter(organiser=("organiser-zzpublicbbb",), own="brs"),
    EventFilter(city=("town-zzpublicccc",), lang="ar"),
)
PUBLIC = ("/feeds/all.ics", "/feeds/all.ics?tbc=1&own=brs", "/feeds/basel.ics?lang=fr", "/feeds/calendar.ics?q=zz")
IN_FEEDS = frozenset(Stage) - {Stage.REJECTED, Stage.WITHDRAWN}


@pytest.fixture
def owners(app, add_account) -> dict[str, int]:
    """Somebody of each sort, by name."""
    return {name: add_account(f"{number}@example.org", **roles) for number, (name, roles) in enumerate(MEMBERS.items())}


@pytest.fixture
def proposer(add_account) -> int:
    return add_account("proposer@gfc.example", gfc="coordinator")


def tokens(owners: dict[str, int], wanted: EventFilter) -> dict[str, str]:
    """A token of each owner for this filter; those from before end."""
    with transaction() as session:
        session.execute(delete(PrivateFeed))
        return {
            name: private_feeds.make(
                session, "zz", wanted, by=person_of(session.get_one(Account, account)), now=clock.now()
            )
            for name, account in owners.items()
        }


def content(client, address: str, wanted: EventFilter) -> str:
    """What a feed says, whole lines, its headers too, but not what was asked for, which it tells back."""
    answer = client.get(address)
    if answer.status_code == 400:
        return ""
    assert answer.status_code == 200, address
    text = answer.get_data(as_text=True).replace("\r\n ", "") + str(answer.headers)
    return text.replace(wanted.without_options().query(), "").replace(wanted.query(), "")


@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(kinds=st.lists(KINDS, min_size=2, max_size=5), wanted=st.sampled_from(FILTERS))
def test_no_feed_has_what_its_reader_may_not_see(client, owners, proposer, kinds, wanted):
    with written(kinds, proposer) as ids:
        given_out = tokens(owners, wanted)
        readers = [(name, MEMBERS[name], f"/feeds/private/{token}.ics") for name, token in given_out.items()]
        readers += [("public", {}, address) for address in (*PUBLIC, f"/feeds/calendar.ics{wanted.query()}")]
        for name, roles, address in readers:
            found = content(client, address, wanted)
            for number, kind in enumerate(kinds):
                seen = may_see(kind, roles)
                assert seen or word(number) not in found, (name, address, kind)
                # Not even that there is one, if nobody outside ever saw it; only days and no word of one that was seen.
                assert seen or str(ids[number][0]) not in found, (name, address, kind)
                assert secret(number) not in found, (name, address)
                assert candidate(number) not in found, (name, address)
                if wanted == EventFilter() and name != "public":
                    there = seen and kind["stage"] in IN_FEEDS
                    assert (f"zz meeting {word(number)}" in found) is there, (name, kind)
            assert not [token for token in given_out.values() if token in found], (name, address)
