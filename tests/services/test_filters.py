"""The filter vocabulary: what each parameter takes, and the error that names what it does not take."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services import filters
from calendar_app.services.countries import country_codes
from calendar_app.services.filters import ANY_OF, FEED_OPTIONS, MAX_TEXT, MAX_VALUES, ONCE, EventFilter, FilterError
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference import reference

IN_USE = {("city", "ouagadougou"), ("organiser", "some-network")}
FACTS = reference()
VOCABULARY = {
    "convention": tuple(FACTS.processes),
    "body": tuple(FACTS.bodies),
    "kind": tuple(FACTS.kinds),
    "region": tuple(FACTS.regions),
    "country": country_codes(),
    "city": tuple(FACTS.cities),
    "format": tuple(Format),
    "organiser": tuple(FACTS.organisations),
    "status": tuple(Status),
}
MONTHS = st.dates(date(1970, 1, 1), date(2099, 12, 31)).map(lambda day: f"{day:%Y-%m}")
DAYS = st.dates(date(1970, 1, 1), date(2099, 12, 31)).map(str)


def parse(*, feed=False, also=(), fixed=None, filtered=True, **parameters) -> EventFilter:
    given_values = {name.rstrip("_"): [v] if isinstance(v, str) else v for name, v in parameters.items()}
    return filters.parse(given_values, FACTS, exists, also=also, feed=feed, fixed=fixed, filtered=filtered)


def exists(name: str, value: str) -> str | None:
    return value if (name, value) in IN_USE else None


def problems(**parameters) -> list[filters.Problem]:
    with pytest.raises(FilterError) as refused:
        parse(**parameters)
    return refused.value.problems


def test_the_vocabulary_is_that_of_the_contract():
    assert ANY_OF == ("convention", "body", "kind", "region", "country", "city", "format", "organiser", "status")
    assert ONCE == ("from", "to", "q", "lang")
    assert FEED_OPTIONS == ("tbc", "cancelled", "own")
    assert set(VOCABULARY) == set(ANY_OF)
    assert {"CH", "TR", "GB", "XK"} <= set(country_codes())
    assert not {"EU", "ZZ", "XA", "UK", "ß"} & set(country_codes())


@pytest.mark.parametrize("name", ANY_OF)
def test_every_value_of_the_vocabulary_is_taken_in_any_case_and_comes_out_in_its_own(name):
    for value in VOCABULARY[name]:
        for spelling in (value, value.upper(), value.lower(), f" {value} "):
            assert getattr(parse(**{name: spelling}), name) == (value,)


@pytest.mark.parametrize("name", ANY_OF)
def test_values_may_be_repeated_comma_separated_or_both_and_count_once(name):
    a, b, c = VOCABULARY[name][:3]
    expected = (a, b, c)
    assert getattr(parse(**{name: f"{a},{b},{c}"}), name) == expected
    assert getattr(parse(**{name: [a, b, c]}), name) == expected
    assert getattr(parse(**{name: [f"{a}, {b}", c, f"{a.upper()},,{b}"]}), name) == expected


@pytest.mark.parametrize("name", [*ANY_OF, *ONCE])
@pytest.mark.parametrize("blank", ["", "  ", ","])
def test_a_blank_choice_is_no_choice(name, blank):
    if name in ANY_OF or blank != ",":
        assert parse(**{name: blank}) == EventFilter()


def test_cities_and_organisers_of_events_are_known_beyond_the_lists():
    assert parse(city="Ouagadougou").city == ("ouagadougou",)
    assert parse(organiser="some-network,brs").organiser == ("some-network", "brs")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2027-04", date(2027, 4, 1), date(2027, 4, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2027-12", date(2027, 12, 1), date(2027, 12, 31)),
        ("2027-04-19", date(2027, 4, 19), date(2027, 4, 19)),
        (" 2027-04-19 ", date(2027, 4, 19), date(2027, 4, 19)),
        ("1970-01", date(1970, 1, 1), date(1970, 1, 31)),
        ("2099-12", date(2099, 12, 1), date(2099, 12, 31)),
    ],
)
def test_a_month_means_its_first_day_or_its_last(text, first, last):
    wanted = parse(from_=text, to=text)
    assert (wanted.first, wanted.last) == (first, last)


def test_the_canonical_query_has_one_order_whatever_was_written():
    wanted = parse(
        q="POPs", status="cancelled", to="2027-12", convention="Basel,MINAMATA", from_="2027-01-05", lang="fr",
        country="ch", feed=True, tbc="1", cancelled="keep", own="BRS",
    )  # fmt: skip
    assert wanted.query() == (
        "?convention=basel&convention=minamata&country=CH&status=cancelled"
        "&from=2027-01-05&to=2027-12&q=POPs&lang=fr&tbc=1&cancelled=keep&own=brs"
    )
    assert EventFilter().query() == ""
    assert EventFilter().is_empty
    assert parse(lang="fr").is_empty
    assert not parse(q="cop").is_empty


@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            **{name: st.lists(st.sampled_from(values), max_size=4) for name, values in VOCABULARY.items()},
            "from": st.one_of(MONTHS, DAYS).map(lambda text: [text]),
            "to": st.one_of(MONTHS, DAYS).map(lambda text: [text]),
            "q": st.sampled_from(["cop 7", "Genève & co", "日内瓦", "50 %", "a+b=c", "#1"]).map(lambda text: [text]),
            "lang": st.sampled_from(LANGUAGES).map(lambda text: [text]),
            "tbc": st.just(["1"]),
            "cancelled": st.just(["keep"]),
        },
    )
)
def test_a_filter_survives_the_way_through_its_own_address(values):
    try:
        wanted = filters.parse(values, FACTS, exists, feed=True)
    except FilterError as refused:
        wanted = None
        codes = [problem.code for problem in refused.problems]
    if wanted is None:
        assert codes == ["reversed"]
        return
    again = filters.parse(parse_qs(wanted.query().removeprefix("?")), FACTS, exists, feed=True)
    assert again == wanted
    assert again.query() == wanted.query()


def test_a_choice_can_be_taken_away_alone_or_with_all_of_its_kind():
    wanted = parse(convention="basel,minamata", q="cop", from_="2027-01", to="2027-02")
    assert wanted.without("convention", "basel").convention == ("minamata",)
    assert wanted.without("convention").convention == ()
    assert (wanted.without("from").first, wanted.without("from").first_text) == (None, "")
    assert (wanted.without("to").last, wanted.without("to").last_text) == (None, "")
    assert wanted.without("q").q == ""


@pytest.mark.parametrize("name", ANY_OF)
def test_an_unknown_value_is_named_with_the_list_of_the_valid_ones(name):
    (problem,) = problems(**{name: "nonsense-value"})
    assert (problem.code, problem.parameter, problem.value) == ("unknown-value", name, "nonsense-value")
    assert set(problem.valid) == set(VOCABULARY[name])


@pytest.mark.parametrize(
    ("parameters", "code", "name", "value"),
    [
        ({"colour": "red"}, "unknown-parameter", "colour", ""),
        ({"tbc": "1"}, "unknown-parameter", "tbc", ""),
        ({"page": "1"}, "unknown-parameter", "page", ""),
        ({"utm_source": "x", "feed": True}, "unknown-parameter", "utm_source", ""),
        ({"lang": "de"}, "unknown-value", "lang", "de"),
        ({"tbc": "yes", "feed": True}, "unknown-value", "tbc", "yes"),
        ({"cancelled": "1", "feed": True}, "unknown-value", "cancelled", "1"),
        ({"lang": ["fr", "fr"]}, "repeated", "lang", ""),
        ({"q": ["a", "b"]}, "repeated", "q", ""),
        ({"from_": ["2027-01", "2027-02"]}, "repeated", "from", ""),
        ({"to": ["2027-01", ""]}, "repeated", "to", ""),
        ({"q": "x" * (MAX_TEXT + 1)}, "too-long", "q", ""),
        ({"kind": ",".join(f"k{n}" for n in range(MAX_VALUES + 1))}, "too-many", "kind", str(MAX_VALUES + 1)),
        ({"from_": "2027-13"}, "bad-date", "from", "2027-13"),
        ({"from_": "2027-02-29"}, "bad-date", "from", "2027-02-29"),
        ({"to": "19/04/2027"}, "bad-date", "to", "19/04/2027"),
        ({"to": "1969-12-31"}, "bad-date", "to", "1969-12-31"),
        ({"to": "2100-01"}, "bad-date", "to", "2100-01"),
        ({"to": "٢٠٢٧-٠٤"}, "bad-date", "to", "٢٠٢٧-٠٤"),
        ({"to": "9999-12"}, "bad-date", "to", "9999-12"),
        ({"to": "99999-12-01"}, "bad-date", "to", "99999-12-01"),
        ({"to": "2027-W10-1"}, "bad-date", "to", "2027-W10-1"),
        ({"to": "2027-01,2027-02"}, "bad-date", "to", "2027-01,2027-02"),
        ({"from_": "2027-05", "to": "2027-04"}, "reversed", "to", "2027-04"),
        ({"q": "..."}, "bad-text", "q", "..."),
        ({"q": "a\0b"}, "bad-text", "q", "a b"),
        ({"q": "\ud800x"}, "bad-text", "q", " x"),
        ({"convention": "basel", "fixed": {"convention": "minamata"}}, "no-effect", "convention", "minamata"),
    ],
)  # fmt: skip
def test_each_error_names_the_parameter_and_what_is_wrong(parameters, code, name, value):
    (problem,) = problems(**parameters)
    assert (problem.code, problem.parameter, problem.value) == (code, name, value)


@pytest.mark.parametrize(
    ("parameters", "valid"),
    [
        ({"colour": "red"}, {*ANY_OF, *ONCE}),
        ({"colour": "red", "also": ("page",)}, {*ANY_OF, *ONCE, "page"}),
        ({"colour": "red", "feed": True}, {*ANY_OF, *ONCE, *FEED_OPTIONS}),
        ({"convention": "basel", "filtered": False}, {"lang"}),
        ({"q": "basel", "filtered": False, "feed": True}, {"lang", *FEED_OPTIONS}),
        ({"lang": "de"}, set(LANGUAGES)),
        ({"tbc": "2", "feed": True}, {"1"}),
        ({"cancelled": "2", "feed": True}, {"keep"}),
    ],
)
def test_what_is_valid_is_listed(parameters, valid):
    (problem,) = problems(**parameters)
    assert set(problem.valid) == valid


def test_the_closest_valid_values_come_first():
    (problem,) = problems(convention="stokholm")
    assert problem.valid[0] == "stockholm"
    (problem,) = problems(conventoin="basel")
    assert problem.valid[0] == "convention"


def test_all_that_is_wrong_is_told_at_once():
    found = problems(convention="mars", kind="party", colour="red", from_="soon")
    assert {(problem.code, problem.parameter) for problem in found} == {
        ("unknown-value", "convention"), ("unknown-value", "kind"), ("unknown-parameter", "colour"),
        ("bad-date", "from"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["utm_source", "utm_medium", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "ref"])
def test_what_mail_programs_add_passes_on_pages_and_not_on_feeds(name):
    assert parse(**{name: "x"}) == EventFilter()
    (problem,) = problems(feed=True, **{name: "x"})
    assert problem.code == "unknown-parameter"


@given(st.dictionaries(st.text(max_size=12), st.lists(st.text(max_size=30), max_size=3), max_size=4), st.booleans())
def test_any_parameters_give_a_filter_or_named_problems(parameters, feed):
    told = []
    try:
        filters.parse(parameters, FACTS, exists, feed=feed)
    except FilterError as refused:
        told = refused.problems
    for problem in told:
        assert problem.code
        assert len(problem.parameter) <= 60
        assert len(problem.value) <= 80
        f"{problem.parameter}{problem.value}".encode()


@given(st.sampled_from([*ANY_OF, *ONCE]), st.text(max_size=300))
def test_any_value_of_any_filter_is_taken_or_named(name, value):
    told = []
    try:
        filters.parse({name: [value]}, FACTS, exists)
    except FilterError as refused:
        told = refused.problems
    assert all(problem.parameter == name for problem in told)


SAVED = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.lists(st.sampled_from(VOCABULARY[name]), min_size=1, max_size=3) for name in ANY_OF},
        "from": MONTHS.map(lambda text: [text]),
        "q": st.just(["COP 7"]),
        "lang": st.sampled_from(LANGUAGES).map(lambda text: [text]),
        "tbc": st.just(["1"]),
        "cancelled": st.just(["keep"]),
        "own": st.sampled_from(VOCABULARY["organiser"]).map(lambda text: [text]),
    },
)


@given(values=SAVED)
def test_a_saved_filter_comes_back_as_it_was(values):
    wanted = filters.parse(values, FACTS, exists, feed=True)
    assert filters.restore(wanted.query(), FACTS, exists) == (wanted, [])


@pytest.mark.parametrize("name", ANY_OF)
def test_a_saved_value_that_has_left_the_lists_stays_where_nothing_has_it_and_is_named(name):
    known = VOCABULARY[name][0]
    restored, gone = filters.restore(f"?{name}=gone&{name}={known}&lang=xx&own=gone", FACTS, exists)
    assert getattr(restored, name) == ("gone", known)
    assert (restored.lang, restored.own) == ("", "")
    assert gone == ["gone", "xx", "gone"]
    assert not filters.restore(f"?{name}=gone", FACTS, exists)[0].is_empty


def test_whose_events_come_first_is_one_organisation_of_the_list_or_of_the_events():
    assert parse(feed=True, own="BRS").own == "brs"
    assert parse(feed=True, own="some-network").own == "some-network"
    for wrong in ("nobody", "brs,minamata"):
        (problem,) = problems(feed=True, own=wrong)
        assert (problem.code, problem.parameter, problem.value) == ("unknown-value", "own", wrong)
        assert set(problem.valid) == set(VOCABULARY["organiser"])
    assert problems(own="brs")[0].code == "unknown-parameter"
    assert parse(feed=True, own="brs").is_empty
    assert parse(feed=True, own="brs", tbc="1").without_options() == EventFilter()
