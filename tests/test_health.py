"""Whether the process lives, whether it is fit to serve, and who leads the schedule."""

from __future__ import annotations

from datetime import timedelta

from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy import text, update

from calendar_app.extensions import db, transaction
from calendar_app.jobs import schedule
from calendar_app.migrating import migrate
from calendar_app.models import SchedulerLease
from calendar_app.services import lease, schema
from tests.conftest import close_databases, make_app


def test_a_migrated_database_is_ready(empty_database, tmp_path):
    app = make_app(empty_database, tmp_path)
    with app.app_context():
        upgrade()
        close_databases()
    client = app.test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"alive": True})
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "ready": True,
        "database": "reached",
        "migrations": "up to date",
        "scheduler": {"lease_age_seconds": None, "leads": False},
    }
    with app.app_context():
        assert schedule.lead(app, "one")
        state = client.get("/readyz").json["scheduler"]
        assert state["leads"]
        assert 0 <= state["lease_age_seconds"] <= 60
        close_databases()


def test_a_database_without_migrations_is_not_ready_and_the_answer_says_what_to_do(empty_database, tmp_path):
    app = make_app(empty_database, tmp_path)
    client = app.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"ready": False, "database": "reached", "migrations": "behind: run 'flask prepare'"}
    assert client.get("/healthz").status_code == 200
    with app.app_context():
        close_databases()


def test_tables_of_a_later_version_are_not_served_and_the_answer_says_what_to_do(empty_database, tmp_path):
    app = make_app(empty_database, tmp_path)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
        answer = app.test_client().get("/readyz")
        assert answer.status_code == 503
        told = "the tables are of a later version of the program: update the program"
        assert answer.json == {"ready": False, "database": "reached", "migrations": told}
        close_databases()


def test_revisions_are_named_in_their_order_by_which_a_later_one_is_known(app):
    names = [script.revision for script in ScriptDirectory.from_config(migrate.get_config()).walk_revisions()]
    assert names == sorted(names, reverse=True)
    assert names[0] == schema.NEWEST


def test_a_database_out_of_reach_is_not_ready_and_comes_back_by_itself(databases, tmp_path):
    if databases.kind == "sqlite":
        folder = tmp_path / "later"
        url = f"sqlite:///{folder}/calendar.sqlite3"
        folder.mkdir()
        app = make_app(url, tmp_path)
        folder.rmdir()
        client = app.test_client()
    else:
        url = databases.make(with_tables=False)
        app = make_app(url, tmp_path)
        client = app.test_client()
        assert client.get("/readyz").json["database"] == "reached"
        databases.drop(url)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "database": "out of reach"})
    assert client.get("/healthz").status_code == 200
    if databases.kind == "sqlite":
        folder.mkdir()
        assert client.get("/readyz").json["database"] == "reached"
    with app.app_context():
        assert schedule.lead(app, "one") is False  # no table: told in the log and tried again later
        close_databases()


def take(holder: str) -> bool:
    with transaction() as session:
        return lease.take_lease(session, holder)


def expire() -> None:
    with transaction() as session:
        session.execute(update(SchedulerLease).values(expires_at=lease.database_now(session) - timedelta(seconds=1)))


def holder_now() -> str:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(SchedulerLease, lease.SCHEDULE).holder


def test_one_of_two_holders_leads_until_its_lease_runs_out(app):
    assert take("one")
    assert not take("two")
    assert take("one"), "the leader renews"
    assert holder_now() == "one"
    expire()
    assert take("two"), "a lease that ran out is taken over"
    assert not take("one")
    assert holder_now() == "two"


def test_a_lease_given_up_is_taken_at_once_and_only_its_holder_can_give_it_up(app):
    assert take("one")
    with transaction() as session:
        lease.give_up_lease(session, "two")
    assert not take("two")
    with transaction() as session:
        lease.give_up_lease(session, "one")
    assert take("two")


def test_the_age_of_the_lease_is_that_of_its_last_renewal(app, session):
    assert lease.lease_age(session) is None
    take("one")
    with transaction() as writing:
        earlier = lease.database_now(writing) - timedelta(minutes=10)
        writing.execute(update(SchedulerLease).values(renewed_at=earlier))
    session.rollback()
    assert timedelta(minutes=10) <= lease.lease_age(session) < timedelta(minutes=11)
    take("one")
    session.rollback()
    assert lease.lease_age(session) < timedelta(minutes=1)
