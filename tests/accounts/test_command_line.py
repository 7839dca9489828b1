"""Letting people in from the command line, and what the first start prints."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from calendar_app import cli
from calendar_app.extensions import db
from calendar_app.models import Account, AuditEntry
from tests.accounts.conftest import account
from tests.accounts.letters import is_signed_in, letters
from tests.web.forms import post

NEW = "eleven brown kettles on the train"


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["accounts", *arguments])


def path_in(text: str) -> str:
    return urlsplit(re.search(r"http\S+", text)[0]).path


def test_create_prints_a_link_that_lets_a_member_in(app, client):
    result = run(app, "create", "Ana@BRS.example", "--organisation", "brs", "--role", "coordinator")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("http://127.0.0.1:8000/invitations/")
    assert letters() == []
    assert post(client, path_in(result.stdout), {"name": "Ana"}).status_code == 303
    assert is_signed_in(client)
    assert account("ana@brs.example").memberships[0].role == "coordinator"


def test_create_makes_a_system_administrator(app, client):
    result = run(app, "create", "sam@un.example", "--system-administrator", "--name", "Sam", "--language", "fr")
    assert result.exit_code == 0, result.output
    assert post(client, path_in(result.stdout), {"password": NEW, "repeated": NEW}).status_code == 303
    assert post(client, "/sign-in", {"email": "sam@un.example", "password": NEW}).status_code == 303
    made = account("sam@un.example")
    assert (made.system_administrator, made.name, made.language) == (True, "Sam", "fr")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["create", "ana@brs.example"], 2),
        (["create", "ana@brs.example", "--organisation", "brs"], 2),
        (["create", "ana@brs.example", "--organisation", "brs", "--role", "queen"], 2),
        (["create", "ana@brs.example", "--organisation", "no-such", "--role", "coordinator"], 1),
        (["create", "nonsense", "--organisation", "brs", "--role", "coordinator"], 1),
        (["create", "nonsense", "--system-administrator"], 1),
        (["remove-second-step", "nobody@brs.example"], 1),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence_and_changes_nothing(app, arguments, code):
    result = run(app, *arguments)
    assert result.exit_code == code
    assert result.stderr.strip().endswith(".")
    assert result.stdout == ""
    assert db.session.scalars(select(Account)).all() == []


def test_a_lost_authenticator_can_be_removed(app, with_password, with_authenticator):
    with_authenticator(with_password())
    assert run(app, "remove-second-step", "ana@brs.example").exit_code == 0
    assert account("ana@brs.example").tf_totp_secret is None
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.actor, entry.action, entry.subject) == ("command line", "second step removed", "ana@brs.example")
    assert letters("ana@brs.example")


def told(app) -> str:
    """What `flask serve` says about signing in."""

    @click.command()
    def tell() -> None:
        cli.tell_how_to_sign_in()

    result = CliRunner().invoke(tell)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_first_start_prints_how_to_sign_in_as_administrator(app, client):
    first = told(app)
    assert "administrator@localhost" in first
    assert post(client, path_in(first), {"password": NEW, "repeated": NEW}).status_code == 303
    again = told(app)
    assert "administrator@localhost" in again, "nobody has signed in yet"
    assert client.get(path_in(first)).status_code == 410
    assert post(client, "/sign-in", {"email": "administrator@localhost", "password": NEW}).status_code == 303
    assert is_signed_in(client)
    assert account("administrator@localhost").system_administrator
    later = told(app)
    assert later.strip() == "People sign in at http://127.0.0.1:8000/sign-in"


def test_a_start_with_other_peoples_accounts_makes_none(app, add_account):
    add_account("ana@brs.example", brs="administrator")
    assert "administrator@localhost" not in told(app)
    assert len(db.session.scalars(select(Account)).all()) == 1
