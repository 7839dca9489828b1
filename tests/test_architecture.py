"""What holds for the house as a whole: its rooms, its tables and its texts."""

from __future__ import annotations

import ast
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask_babel import refresh
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

import config
from calendar_app.extensions import clock, db, transaction
from calendar_app.factory import ROOT, create_app
from calendar_app.models import Base
from calendar_app.services import events, importing, organisations, sheets, wording
from calendar_app.services.columns import COLUMNS
from calendar_app.services.reference import reference
from tests.conftest import NOW, PACKAGED, close_databases, make_app

PACKAGES = ("calendar_app", "feeds")
CATALOGUE = ROOT / "calendar_app" / "translations" / "messages.pot"
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", modules("calendar_app/planning"), ids=lambda path: path.name)
def test_planning_stands_on_the_standard_library_alone(path):
    allowed = sys.stdlib_module_names | {"calendar_app"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            assert name.partition(".")[0] in allowed, name
            assert not name.startswith("calendar_app") or name.startswith("calendar_app.planning"), name


def test_planning_can_be_imported_without_flask():
    assert (ROOT / "calendar_app" / "__init__.py").read_bytes() == b""


def test_a_module_is_named_by_what_it_is_about():
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.suffix in {"", ".py"}]
    assert len(paths) > 30
    assert not [str(path) for path in paths if path.stem in FORBIDDEN_NAMES]


def test_only_one_place_of_ours_commits():
    for path in [path for package in PACKAGES for path in modules(package)]:
        calls = re.findall(r"\.commit\(", path.read_text(encoding="utf-8"))
        assert not calls or (path.name == "extensions.py" and len(calls) == 1), path


def test_the_migrations_make_the_tables_of_the_models_and_can_be_undone(empty_database, tmp_path):
    app = make_app(empty_database, tmp_path)
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
            )
            assert compare_metadata(context, Base.metadata) == []
            assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
            connection.rollback()
        with transaction() as session:
            organisations.add_packaged(session, reference())
            rows = sheets.read_sheet(PACKAGED, COLUMNS).rows
            assert not importing.import_rows(session, rows, events.Change("test", clock.now()), reference()).rejected
        db.session.remove()
        downgrade(revision="base")
        with db.engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
        upgrade()
        close_databases()


def extracted() -> set[str]:
    """Return every text that templates and code mark as translatable."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found: set[str] = set()
    for _file, _line, message, _comments, _context in extract_from_dir(
        ROOT, methods, options, directory_filter=lambda path: not Path(path).name.startswith((".", "node_modules"))
    ):
        found.add(message[0] if isinstance(message, tuple) else message)
    return found


def test_the_catalogue_for_translators_is_current():
    with CATALOGUE.open(encoding="utf-8") as file:
        listed = {m.id[0] if isinstance(m.id, tuple) else m.id for m in read_po(file) if m.id}
    wanted = extracted()
    assert len(wanted) > 150
    assert listed == wanted, (
        "run: pybabel extract -F babel.cfg --no-location --sort-output --omit-header"
        " -o calendar_app/translations/messages.pot ."
    )


def reference_texts() -> set[str]:
    """Return the names of reference facts that pages translate."""
    facts = reference()
    return {
        *(kind.name for kind in facts.kinds.values()),
        *(region.name for region in facts.regions.values()),
        *(body.name for body in facts.bodies.values()),
        *(text for process in facts.processes.values() for text in (process.short_name, process.name)),
    }


def write_pseudo_catalogue(folder: Path) -> None:
    """Write a Chinese catalogue in which each text is itself between marks."""
    with CATALOGUE.open(encoding="utf-8") as file:
        catalogue = read_po(file, locale="zh")
    for message in catalogue:
        if message.id:
            texts = message.id if isinstance(message.id, tuple) else (message.id,)
            message.string = tuple(f"⟦{text}⟧" for text in texts[-1:]) if len(texts) > 1 else f"⟦{texts[0]}⟧"
    for text in reference_texts():
        catalogue.add(text, f"⟦{text}⟧")
    target = folder / "zh" / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (target / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)


class VisibleText(HTMLParser):
    """Collects what a reader sees or hears: text, and attributes that are read aloud or shown."""

    SHOWN = frozenset({"title", "alt", "placeholder", "aria-label", "aria-description", "data-text"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.skip = 0
        self.foreign = 0

    def handle_starttag(self, tag, attrs):
        self.skip += tag in {"script", "style", "code"}
        self.texts += [value for name, value in attrs if name in self.SHOWN and value]

    def handle_endtag(self, tag):
        self.skip -= tag in {"script", "style", "code"}

    def handle_data(self, data):
        if not self.skip and data.strip():
            self.texts.append(data.strip())


DATA = "Ωδίνη"  # what the calendar says itself, in letters that no text of the pages has


@pytest.fixture
def pseudo_app(sqlite_databases, tmp_path, monkeypatch):
    """An application whose Chinese is the English between marks."""
    folder = tmp_path / "translations"
    write_pseudo_catalogue(folder)
    monkeypatch.setattr(wording, "TRANSLATIONS", folder)
    wording.available_languages.cache_clear()
    wording._catalogue.cache_clear()
    url = sqlite_databases.make(with_tables=True)
    values = {"DATABASE_URL": url, "SECRET_KEY": "x" * 40, "CLOCK": NOW}
    app = create_app(config.load(values, tmp_path).for_flask() | {"BABEL_TRANSLATION_DIRECTORIES": str(folder)})
    app.testing = True
    with app.app_context():
        refresh()
        yield app
        close_databases()
    sqlite_databases.drop(url)
    monkeypatch.undo()
    wording.available_languages.cache_clear()
    wording._catalogue.cache_clear()


def add_shown_event() -> str:
    cells = dict.fromkeys(COLUMNS, "") | {
        "id": "shown", "title": DATA, "start": "2027-03-01", "end": "2027-03-01", "conventions": "Basel",
        "body": "BC-COP", "body_numbers": "18", "organiser": f"brs; {DATA}", "kind": "workshop", "city": DATA,
        "country": "CH", "regions": "Africa", "venue": DATA, "start_time": "09:00", "end_time": "10:00",
        "timezone": "UTC", "status": "postponed", "format": "hybrid", "description": DATA, "access": "invitation",
        "languages": "fr", "remote_participation": DATA, "contact": DATA, "decisions": DATA, "outcome": DATA,
        "cooperation_area": DATA, "part_label": DATA, "series": DATA, "source_ids": "shown", "source_quote": DATA,
        "source_dates": DATA, "source_notes": DATA, "source_conflicts": "dates", "source_file": DATA,
    }  # fmt: skip
    others = [
        cells | {"id": "part", "source_ids": "part", "part_of": "shown", "part_role": "session",
                 "links": "prepares-for shown"},
        cells | {"id": "vague", "source_ids": "vague", "start": "2027-04-01", "end": "2027-06-30",
                 "date_precision": "quarter", "start_time": "", "end_time": "", "status": "tentative"},
        cells | {"id": "past", "source_ids": "past", "start": "2026-03-01", "end": "2026-03-05", "status": "cancelled"},
    ]  # fmt: skip
    with transaction() as session:
        rows = list(enumerate([cells, *others], 2))
        report = importing.import_rows(session, rows, events.Change("test", clock.now()), reference())
        assert not report.rejected
    return str(importing.source_event_id("shown"))


def untranslated(page: str, known: list[str]) -> set[str]:
    """Return the texts of a page in which letters of ours stand outside the marks."""
    parser = VisibleText()
    parser.feed(page)
    wrong = set()
    for text in parser.texts:
        rest = text
        while "⟦" in rest:
            shorter = re.sub(r"⟦[^⟦⟧]*⟧", "", rest)
            if shorter == rest:
                break
            rest = shorter
        # A link inside a sentence cuts it into several texts.
        rest = re.sub(r"⟦[^⟧]*$|^[^⟦]*⟧", "", rest)
        for name in known:
            rest = rest.replace(name, "")
        if re.search(r"[A-Za-z]{2}", rest):
            wrong.add(text)
    return wrong


def test_every_text_that_people_read_can_be_translated(pseudo_app):
    """Render the pages in a language that is English between marks: what has no marks was forgotten."""
    facts = reference()
    event = add_shown_event()
    names = [name for o in facts.organisations.values() for name in (o.name, o.short_name)]
    names += [text for body in facts.bodies.values() for text in (body.short_name,)]
    names += [city.name for city in facts.cities.values()] + [DATA, "English", "Français", "Español", "UTC"]
    known = sorted(names, key=len, reverse=True)
    client = pseudo_app.test_client()
    wrong = {}
    for address in ("/", "/past", "/subscribe", "/about", f"/events/{event}", "/?kind=party", "/nowhere", "/?q=zzz",
                    "/?convention=basel&status=cancelled&from=2027-01"):  # fmt: skip
        answer = client.get(address + ("&" if "?" in address else "?") + "lang=zh")
        page = answer.get_data(as_text=True)
        assert "⟦" in page
        ours = {text for text in untranslated(page, known) if text not in {"party", "zzz"} and "://" not in text}
        if ours:
            wrong[address] = ours
    assert not wrong
