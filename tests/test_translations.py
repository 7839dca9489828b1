"""Every text that people read is in the catalogues, they are complete, and no other language shows English."""

from __future__ import annotations

import ast
import re
import uuid
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import abort, render_template_string
from flask_wtf import FlaskForm
from werkzeug.exceptions import default_exceptions
from wtforms import SelectMultipleField, StringField, TimeField
from wtforms.i18n import messages_path
from wtforms.validators import InputRequired, Length

from calendar_app.extensions import clock, transaction
from calendar_app.factory import ROOT
from calendar_app.models import (
    DigestIssue,
    DigestRecipient,
    Event,
    Import,
    MailSubscription,
    Proposal,
    ReviewDecision,
    SourceItem,
    SourceRun,
    Submission,
    SubmissionLetter,
)
from calendar_app.services import (
    drafts,
    events,
    filters,
    holidays,
    importing,
    public_mail,
    reference_texts,
    reviews,
    sources,
)
from calendar_app.services.columns import COLUMNS
from calendar_app.services.mail_links import MailLinks
from calendar_app.services.records import Option, record_of
from calendar_app.services.reference import packaged_rows, reference
from calendar_app.services.sentences import in_english, stored
from calendar_app.services.text import fold
from calendar_app.web.form_messages import gettext_of_forms, ngettext_of_forms
from tests.catalogues import (
    CATALOGUES,
    LANGUAGES,
    TEMPLATE,
    compiled,
    extracted,
    latin_left,
    messages,
    path_of,
    plural_function,
    problems_of,
    read,
    texts_of,
    translations_in,
)
from tests.conftest import close_databases, make_app
from tests.exchange.rounds import add_rounds
from tests.people import browser_of, new_account
from tests.visitor import Page, visit
from tests.web.forms import post

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

DATA = "Ωδίνη"  # what the calendar says itself, in letters that no text of the pages has


def test_the_catalogues_for_translators_are_current():
    wanted = extracted()
    assert len(wanted) > 600
    for path in (TEMPLATE, *CATALOGUES):
        assert {texts_of(message) for message in messages(read(path))} == wanted, f"{path}: run `make messages`"


def test_no_text_for_translators_stands_inside_of_an_f_string():
    """Whoever collects the texts does not look into those."""
    names = {"_", "_l", "gettext", "ngettext", "lazy_gettext", "pgettext", "npgettext"}
    hidden = []
    for path in sorted(ROOT.joinpath("calendar_app").rglob("*.py")):
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(text, ast.JoinedStr):
                calls = [node for node in ast.walk(text) if isinstance(node, ast.Call)]
                literal = [call.func for call in calls if call.args and isinstance(call.args[0], ast.Constant)]
                called = {getattr(function, "id", getattr(function, "attr", "")) for function in literal}
                hidden += [f"{path}:{text.lineno}"] if called & names else []
    assert hidden == []


def test_every_name_of_the_packaged_lists_that_people_read_is_collected():
    facts = reference()
    wanted = {
        *facts.audiences.values(),
        *holidays.duty_stations().values(),
        *(holiday.name for holiday in holidays.all_holidays()),
        *(row["name"] for name in ("observances.csv", "avoid_periods.csv") for _line, row in packaged_rows(name)),
        *(text for kind in facts.kinds.values() for text in (kind.name, kind.plural)),
        *(step.name for kind in facts.kinds.values() for step in kind.milestones),
        *(text for process in facts.processes.values() for text in (process.short_name, process.name)),
        *(thing.name for things in (facts.bodies, facts.regions, facts.cities, facts.organisations)
          for thing in things.values()),
    }  # fmt: skip
    assert wanted <= {text for texts in extracted() for text in texts}


@pytest.mark.parametrize(
    ("short_name", "is_text"),
    [("Task force", True), ("France", True), ("INC secretariat", True), ("BCCC Africa", True),
     ("BC COP", False), ("CITES", False), ("InforMEA", False), ("SC BAT/BEP", False)],
)  # fmt: skip
def test_a_short_name_is_a_text_if_it_has_a_word_in_it(short_name, is_text):
    assert reference_texts.is_words(short_name) == is_text


@pytest.mark.parametrize("path", CATALOGUES, ids=LANGUAGES)
def test_a_catalogue_is_complete_and_right(path):
    assert problems_of(read(path)) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=LANGUAGES)
def test_a_catalogue_counts_as_its_language_does(path):
    catalogue = read(path)
    select, rule = plural_function(catalogue), Locale.parse(catalogue.locale).plural_form
    pairs = {(select(number), rule(number)) for number in range(1000)}
    assert len(pairs) == catalogue.num_plurals == len({form for form, _name in pairs}) == len({n for _f, n in pairs})


@pytest.mark.parametrize(
    ("source", "translation", "problem"),
    [
        ("Show", "", "empty"),
        ("Show", "Show", "not translated"),
        ("Show", "عرض the list", "English left"),
        ("From %(day)s", "من", "placeholders differ"),
        ("From %(day)s", "من %(dy)s", "placeholders differ"),
        ("Show", "عرض 5%", "placeholders differ"),
        ("Show", "<b>عرض</b>", "HTML"),
        ("Show", "عرض ", "blank at an end"),
        (("%(num)s day", "%(num)s days"), ("لا أيام", "يوم", "يومان", "%(num)s أيام", "%(num)s يومًا", ""), "empty"),
        (("%(num)s day", "%(num)s days"), ("لا أيام", "يوم", "يومان", "أيام", "%(num)s يومًا", "%(num)s يوم"),
         "placeholders differ"),
    ],
)  # fmt: skip
def test_the_check_of_catalogues_finds(source, translation, problem):
    catalogue = read(path_of("ar"))
    planted = Catalog(locale="ar")
    planted._num_plurals, planted._plural_expr = catalogue.num_plurals, catalogue.plural_expr
    planted.add(source, translation)
    assert [found.partition(":")[0] for found in problems_of(planted)] == [problem]


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_finds_a_city_by_the_name_that_pages_show(language):
    strings = {texts_of(message)[0]: message.string for message in read(path_of(language))}
    for city in reference().cities.values():
        assert fold(strings[city.name]) in {fold(name) for name in reference().city_names(city.name)}


# What pages say: an application whose translations are in a folder of the test's own.


@pytest.fixture
def small_app(sqlite_databases, tmp_path):
    """An application with a few events that have every field, all in Greek letters. No context is left open."""
    url = sqlite_databases.make(with_tables=True)
    app = make_app(url, tmp_path)
    with app.app_context():
        add_events()
        close_databases()
    yield app
    with app.app_context():
        close_databases()
    sqlite_databases.drop(url)


@pytest.fixture(scope="module")
def failing(sqlite_databases, tmp_path_factory):
    """An application with every error at an address of its own: `/fails/404`. No context is left open."""
    url = sqlite_databases.make(with_tables=True)
    app = make_app(url, tmp_path_factory.mktemp("failing"))
    app.add_url_rule("/fails/<int:code>", view_func=abort, endpoint="fails")
    app.add_url_rule("/form", view_func=lambda: "", methods=["POST"], endpoint="form")
    yield app
    with app.app_context():
        close_databases()
    sqlite_databases.drop(url)


@pytest.fixture
def in_arabic(tmp_path):
    """The committed Arabic catalogue in use."""
    folder = compiled(tmp_path / "translations", read(path_of("ar")), "ar")
    with translations_in(folder):
        yield


def add_events() -> None:
    cells = dict.fromkeys(COLUMNS, "") | {
        "id": "shown", "title": DATA, "start": "2027-03-01", "end": "2027-03-01", "conventions": "Basel",
        "body": "BC-COP; TaskForce", "body_numbers": "18; ", "organiser": f"brs; fao; {DATA}", "kind": "workshop",
        "city": "Geneva", "country": "CH", "regions": "Africa", "venue": DATA, "start_time": "09:00",
        "end_time": "10:00", "timezone": "Europe/Zurich", "status": "postponed", "format": "hybrid",
        "description": DATA, "access": "invitation", "languages": "fr", "remote_participation": DATA, "contact": DATA,
        "decisions": DATA, "outcome": DATA, "cooperation_area": DATA, "part_label": DATA, "series": DATA,
        "source_ids": "shown", "source_quote": DATA, "source_dates": DATA, "source_notes": DATA,
        "source_conflicts": "dates", "source_file": DATA, "steward": "brs", "stage": "published", "notes": DATA,
    }  # fmt: skip
    others = [
        cells | {"id": "sent", "stage": "submitted", "status": "tentative"},
        cells | {"id": "draft", "stage": "draft", "status": "tentative"},
        cells | {"id": "other", "steward": "minamata", "status": "confirmed"},
        cells | {"id": "part", "part_of": "shown", "part_role": "session", "links": "prepares-for shown"},
        cells | {"id": "long", "start": "2026-11-19", "end": "2026-12-04", "status": "confirmed", "regions": "global",
                 "city": DATA, "format": "in-person", "links": "back-to-back shown", "kind": "conference"},
        cells | {"id": "online", "start": "2027-03-02", "end": "2027-03-02", "status": "tentative", "city": "",
                 "country": "", "format": "online", "kind": "webinar"},
        cells | {"id": "vague", "start": "2027-04-01", "end": "2027-06-30", "date_precision": "quarter",
                 "start_time": "", "end_time": "", "status": "tentative"},
        cells | {"id": "words", "start": "", "end": "", "date_precision": "words", "date_text": DATA,
                 "start_time": "", "end_time": "", "status": "tentative"},
        cells | {"id": "past", "start": "2026-03-01", "end": "2026-03-05", "status": "cancelled"},
        cells | {"id": "first", "stage": "submitted", "status": "confirmed"},
        cells | {"id": "second", "stage": "submitted", "status": "confirmed", "start": "2027-03-08",
                 "end": "2027-03-08"},
    ]  # fmt: skip
    rows = [row | {"source_ids": row["id"]} for row in (cells, *others)]
    with transaction() as session:
        change = events.Change(DATA, clock.now())
        report = importing.import_rows(session, list(enumerate(rows, 2)), change, reference())
        assert not report.rejected


def without_marks(text: str) -> str:
    rest = text
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
        rest = shorter
    # A link inside a sentence cuts it into several texts.
    return re.sub(r"⟦[^⟧]*$|^[^⟦]*⟧", "", rest)


def english_left(page: Page) -> set[str]:
    """Return the texts of a page in which English of ours is left; addresses and zones are no English."""
    parameters = "|".join({*filters.ANY_OF, *filters.ONCE, *filters.FEED_OPTIONS, "page"})
    wrong = set()
    for text in page.texts:
        rest = re.sub(r"\w+://\S+|\S+@\S+|\b[A-Z]\w+(?:/[A-Z][\w-]+)+|\bCES?T\b", " ", without_marks(text))
        if latin_left(re.sub(rf"[«“]({parameters})[»”]", " ", rest)):
            wrong.add(text)
    return wrong


def error_pages(app, language: str) -> dict[str, Page]:
    """Ask for what cannot be had, in every way that has a sentence or a page of its own."""
    client = app.test_client()
    queries = ["ω=1", "kind=ω", "from=2027-02&to=2027-01", "from=ω", "q=1&q=2", "q=%3F", "q=" + 201 * "ω"]
    queries += ["kind=" + ",".join(map(str, range(51))), "page=ω"]
    answers = {f"/?{query}"[:60]: client.get(f"/?{query}&lang={language}") for query in queries}
    answers["404"] = client.get(f"/nowhere?lang={language}")
    answers["405"] = client.post(f"/?lang={language}")
    answers["414"] = client.get(f"/?lang={language}&q=" + 5000 * "ω")
    assert {answer.status_code for answer in answers.values()} == {400, 404, 405, 414}
    return {name: Page(answer.get_data(as_text=True)) for name, answer in answers.items()}


def add_source(session: Session) -> None:
    """Add a source of brs that was read, with an event of which it says something else, one it lost, and a series."""
    values = {"slug": "partner", "name": DATA, "url": "https://partner.example/", "kind": "ics", "rules": []}
    source = sources.add(session, values | {"owner_code": "brs", "trust": "direct", "timezone": "UTC"}, clock.now())
    for uid, missing in (("shown", None), ("past", clock.now()), ("first", None), ("second", None)):
        event_id = importing.source_event_id(uid)
        said = {"titles": {"en": DATA}, "span": ["2027-06-01", "2027-06-02"], "precision": "day"}
        session.add(
            SourceItem(
                source_id=source.id, uid=uid, note=f"partner:{uid}", event_id=event_id, said=said, kept={},
                first_at=clock.now(), missing_since=missing,
            )
        )  # fmt: skip
    acts = [{"act": "update", "event": str(importing.source_event_id("shown")), "fields": ["titles"], "disagree": []}]
    notes = [{"code": "no-start", "detail": "", "uid": "x", "line": 7, "times": 2}]
    for outcome in ("done", "much-gone", "unchanged", "failed"):
        session.add(
            SourceRun(
                source_id=source.id, at=clock.now(), outcome=outcome, notes=notes, acts=acts, seconds=1.25,
                error=DATA if outcome == "failed" else "", counts={"update": 1, "disagree": 1, "missing": 1},
            )
        )  # fmt: skip


def member(app) -> tuple[FlaskClient, list[str]]:
    """A browser of somebody who may do everything, and the addresses that they are sent by letter."""
    with app.app_context():
        account_id = new_account("ana@example.org", name=DATA, system_administrator=True, brs="administrator")
        other = new_account("bo@example.org", name=DATA, minamata="coordinator")
        submission_id, proposal_id = uuid.uuid4(), uuid.uuid4()
        with transaction() as session:
            sent = importing.source_event_id("sent")
            submission = Submission(
                id=uuid.uuid4(),
                key="key",
                event_id=sent,
                organisation_code="brs",
                account_id=account_id,
                name=DATA,
                email="ana@example.org",
                language="en",
                form={},
                created_at=clock.now(),
                confirmed_at=clock.now(),
                letters=[
                    SubmissionLetter(at=clock.now(), author=DATA, action=action, text=DATA)
                    for action in ("submitted", "changes-requested", "resubmitted")
                ],
            )
            proposal = Proposal(
                id=uuid.uuid4(),
                event_id=importing.source_event_id("shown"),
                proposed_by_id=other,
                organisation_code="minamata",
                before={"venue": DATA},
                after={"venue": DATA * 2},
                reason=DATA,
                state="open",
                created_at=clock.now(),
            )
            brought = Import(
                id=uuid.uuid4(),
                organisation_code="brs",
                actor=DATA,
                filename=f"{DATA}.csv",
                made_at=clock.now(),
                data=f"{DATA},{DATA}\n{DATA},2027-03-01\n".encode(),
                state="preview",
                choices={},
                settings={"header": 1, "columns": ["title", "start"]},
                report={"rows": rows_of_an_import(), "remarks": [stored(in_english(UNKNOWN, names=[DATA]))]},
            )
            session.add(brought)
            add_source(session)
            issue = DigestIssue(
                id=uuid.uuid4(), organisation_code="brs", edition="2026-10", language="en", since=clock.now(),
                composed_at=clock.now(), subject=DATA, text=DATA, html=f"<p>{DATA}</p>", ics=DATA,
            )  # fmt: skip
            reader = MailSubscription(
                id=uuid.uuid4(), email="reader@example.org", language="en", query="", state="asked",
                asked_at=clock.now(),
            )  # fmt: skip
            desk = DigestRecipient(organisation_code="brs", kind="mailbox", email="desk@example.org", name=DATA)
            session.add_all([submission, proposal, issue, reader, desk])
            links = MailLinks("", app.config["SECRET_KEY"])
            by_letter = [
                f"/mail/confirm/{links.token(public_mail.CONFIRM, str(reader.id))}",
                f"/mail/unsubscribe/{links.token(public_mail.END, str(reader.id))}",
            ]
            event = session.get(Event, importing.source_event_id("vague"))
            option = Option(date(2027, 4, 5), date(2027, 4, 6), held_until=date(2026, 11, 25), note=DATA)
            record = replace(record_of(event), options=(option,))
            events.change(session, event, record, events.Change(DATA, clock.now()), reference())
            for month, about in ((date(2026, 10, 1), "other"), (date(2026, 11, 1), "other")):
                reviews.begun(session, month)
                action = ReviewDecision(
                    month=month, line=about, subject=DATA, text=DATA, owner_name=DATA, due_on=date(2026, 11, 1),
                    state="open", made_at=clock.now(), made_by=DATA, version=1,
                )  # fmt: skip
                session.add(action)
            drafts.save(session, drafts.Owner(account_id), "", {"title": [DATA], "key": ["draft"]}, clock.now())
        rounds = add_rounds(app, DATA)
        browser = browser_of(app, account_id)
        close_databases()
    addresses = [
        *rounds,
        "/submissions/open/none", "/invitations/none", "/password/forgot/none", "/sign-in/link/none",
        "/feeds/private/none.ics", "/review/2026-11/decisions", *by_letter,
        f"/submissions/{submission_id}", f"/submit/received/{submission_id}", f"/proposals/{proposal_id}",
    ]  # fmt: skip
    return browser, addresses


UNKNOWN = "Columns not known and left out: %(names)s."
NOT_VALID, BAD_DATE = "%(column)s is '%(text)s'; valid are %(valid)s.", "%(column)s is '%(text)s'; %(because)s"


def rows_of_an_import() -> list[dict[str, Any]]:
    """A row of each outcome that needs no event, the refused one with sentences of several kinds."""
    problems = [
        in_english(NOT_VALID, column="kind", text=DATA, valid=[DATA]),
        in_english(BAD_DATE, column="start", text=DATA, because="there is no such day."),
        in_english(
            "it names the same event as line %(line)d, but says otherwise: %(fields)s.", line=3, fields=["span"]
        ),
    ]
    told = {"title": DATA, "notes": [stored(in_english("No end is given; it is taken as one day."))], "likely": []}
    rows: list[dict[str, Any]] = [{"outcome": "refused", "problems": list(map(stored, problems))}]
    rows += [{"outcome": "repeated", "as": 1}, {"outcome": "same"}, {"outcome": "left"}, {"outcome": "heading"}]
    return [told | row | {"line": line} for line, row in enumerate(rows, 2)]


def private_addresses(browser: FlaskClient, language: str) -> dict[str, Page]:
    """Make and replace a private address; return the pages that are shown only then."""
    here = f"/subscribe?lang={language}"
    chosen = f"{here}&convention=basel&organiser=brs&from=2027-01&q=ω&tbc=1&cancelled=keep&own=brs"
    act = f"/subscribe/private/1/replace?lang={language}"
    answers = {
        "made": post(browser, chosen, {"name": DATA}),
        "replaced": post(browser, act, page=here),
        "without name": post(browser, here, {"name": ""}),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "made": 200, "replaced": 200, "without name": 422,
    }  # fmt: skip
    return {name: Page(answer.get_data(as_text=True)) for name, answer in answers.items()}


def assert_no_english(app, language: str) -> None:
    browser, addresses = member(app)
    made = private_addresses(browser, language)
    strangers, members = visit(app, language), visit(app, language, browser, addresses)
    assert len(strangers.pages) > 30
    assert len(members.pages) > 80
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods} - {"static"}
    missing = routes - strangers.endpoints - members.endpoints
    assert not missing, f"no link leads to {missing}"
    pages = strangers.pages | {f"{name} for members": page for name, page in members.pages.items()}
    pages |= error_pages(app, language) | made
    # A fragment, which a script puts into a page, says no language of its own.
    assert {name for name, page in pages.items() if page.language not in {language, ""}} == set()
    wrong: dict[str, str] = {}
    for name, page in pages.items():
        for text in english_left(page):
            wrong.setdefault(text, name)
    assert wrong == {}


def test_no_page_in_arabic_shows_english(small_app, in_arabic):
    """Visit every page: the catalogue is complete, so what is English there was never marked to be translated."""
    assert_no_english(small_app, "ar")


@pytest.mark.parametrize(
    ("arabic", "planted"),
    [
        ("<title>", "<title>Forgotten "),
        ("<main", '<main title="Forgotten"'),
        ("<main", '<main aria-label="Forgotten"'),
        ("<main", '<main aria-description="Forgotten"'),
        ("<main", '<main data-text="Forgotten"'),
        ("<main", '<main data-else="Forgotten, too"'),
        ("<form", "<p>Forgotten</p><form"),
        ("</select>", "<option>Forgotten</option></select>"),
        ("</select>", '<optgroup label="Forgotten"></optgroup></select>'),
        ("</form>", '<input placeholder="Forgotten"></form>'),
        ("</form>", '<input type="submit" value="Forgotten"></form>'),
        ("</form>", '<img alt="Forgotten"></form>'),
    ],
)  # fmt: skip
def test_the_check_of_pages_finds_english(small_app, in_arabic, arabic, planted):
    content = small_app.test_client().get("/?lang=ar").get_data(as_text=True)
    assert arabic in content
    assert english_left(Page(content)) == set()
    assert len(english_left(Page(content.replace(arabic, planted, 1)))) == 1


def test_names_of_the_packaged_lists_are_shown_in_arabic(small_app, in_arabic):
    client = small_app.test_client()
    event = client.get(f"/events/{importing.source_event_id('shown')}?lang=ar").get_data(as_text=True)
    for text in ("جنيف، سويسرا", "منظمة الأغذية والزراعة للأمم المتحدة", "أمانة اتفاقيات بازل وروتردام واستكهولم",
                 "فرقة العمل", "أفريقيا", "حلقة عمل"):  # fmt: skip
        assert text in event
    # The whole world is no region to name.
    whole_world = client.get(f"/events/{importing.source_event_id('long')}?lang=ar").get_data(as_text=True)
    assert "عالمي" not in whole_world
    # A city that is not in the list stays as it was written.
    assert f"{DATA}، سويسرا" in whole_world
    assert "نيروبي" in client.get("/about?lang=ar").get_data(as_text=True)
    assert DATA in client.get("/?lang=ar&q=جنيف").get_data(as_text=True)


def test_a_feed_speaks_arabic_when_asked_and_english_is_the_same_with_and_without_catalogues(small_app, tmp_path):
    client = small_app.test_client()
    folder = compiled(tmp_path / "translations", read(path_of("ar")), "ar")
    with translations_in(folder):
        arabic = client.get("/feeds/all.ics?lang=ar").get_data(as_text=True).replace("\r\n ", "")
        english = client.get("/feeds/all.ics").get_data()
    assert "LOCATION:" + DATA + r"\, جنيف، سويسرا" in arabic
    assert "X-WR-CALNAME:التقويم المشترك للاجتماعات" in arabic
    assert "منظمة الأغذية والزراعة للأمم المتحدة" in arabic
    with translations_in(tmp_path / "nothing"):
        assert client.get("/feeds/all.ics").get_data() == english


def test_the_calendar_is_in_english_where_no_catalogue_was_made(small_app, tmp_path):
    with translations_in(tmp_path / "nothing"):
        page = Page(small_app.test_client().get("/?lang=ar").get_data(as_text=True))
    assert page.language == "en"
    assert "Coming events" in page.texts


# What libraries say.


@pytest.mark.parametrize("code", sorted(default_exceptions))
def test_every_error_page_is_in_arabic(failing, in_arabic, code):
    answer = failing.test_client().get(f"/fails/{code}?lang=ar")
    page = Page(answer.get_data(as_text=True))
    assert (answer.status_code, page.language, english_left(page)) == (code, "ar", set())


def test_a_form_without_its_token_is_refused_in_arabic(failing, in_arabic):
    answer = failing.test_client().post("/form?lang=ar")
    page = Page(answer.get_data(as_text=True))
    assert (answer.status_code, english_left(page)) == (400, set())
    assert "لم تعد هذه الاستمارة صالحة" in page.texts


def test_what_forms_say_about_wrong_values_is_in_arabic(failing, in_arabic):
    class Form(FlaskForm):
        name = StringField(validators=[InputRequired()])
        title = StringField(validators=[Length(min=5)])
        begin = TimeField()
        where = SelectMultipleField(choices=["1"])

    values = {"title": "ω", "begin": "ω", "where": ["ω", "ψ", "φ"]}
    with failing.test_request_context("/?lang=ar", method="POST", data=values):
        failing.preprocess_request()
        form = Form(meta={"csrf": False})
        assert not form.validate()
        shown = render_template_string("{{ errors }}", errors=" ".join(str(e) for e in form.errors.values()))
    assert set(form.errors) == {"name", "title", "begin", "where"}
    assert latin_left(shown) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_of_the_library_of_forms_is_without_translation(language, tmp_path):
    folder = compiled(tmp_path / "translations", read(path_of(language)), language)
    with (Path(messages_path()) / "wtforms.pot").open("rb") as file:
        texts = [texts_of(message) for message in messages(read_po(file))]
    with translations_in(folder):
        shown = {
            text: ngettext_of_forms(language, *text, 5) if len(text) > 1 else gettext_of_forms(language, *text)
            for text in texts
        }
    assert len(shown) > 30
    assert [text for text in shown if shown[text] in text] == []
