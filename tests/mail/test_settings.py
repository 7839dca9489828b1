"""MAIL_URL and MAIL_FROM: what is taken, what it means, and what is refused at the start."""

from __future__ import annotations

import pytest

import config
from calendar_app.factory import ROOT
from calendar_app.mail.delivery import Folder, Smtp


def transport(tmp_path, value: str) -> Smtp | Folder:
    return config.load({"MAIL_URL": value}, tmp_path).for_flask()["MAIL_TRANSPORT"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("file:instance/outbox", Folder(ROOT / "instance" / "outbox")),
        ("file:/var/spool/calendar%20mail", Folder(ROOT / "/var/spool/calendar mail")),
        ("file:///var/spool/mail", Folder(ROOT / "/var/spool/mail")),
        ("smtp://mail.example.org", Smtp("mail.example.org", 587, "starttls")),
        ("smtp://mail.example.org?tls=tls", Smtp("mail.example.org", 465, "tls")),
        ("smtp://mail.example.org/?tls=none", Smtp("mail.example.org", 25, "none")),
        ("smtp://127.0.0.1:2525?tls=none", Smtp("127.0.0.1", 2525, "none")),
        (
            "smtp://ana%40brs:p%40ss%3A%2F%3F@mail.example.org:2587?tls=starttls",
            Smtp("mail.example.org", 2587, "starttls", "ana@brs", "p@ss:/?"),
        ),
        ("smtp://user:sesame@localhost?tls=none", Smtp("localhost", 25, "none", "user", "sesame")),
    ],
)
def test_a_good_value_says_how_mail_goes_out(tmp_path, value, expected):
    assert transport(tmp_path, value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "smtp://user:sesame@mail.example.org?tls=none",
        "smtp://mail.example.org?tls=yes",
        "smtp://mail.example.org?tsl=none",
        "smtp://mail.example.org/path",
        "smtp://us%C3%A9r:sesame@mail.example.org",
        "smtps://mail.example.org",
        "file://host/folder",
        "file:a%00b",
        "file:folder?x=y",
    ],
)
def test_a_wrong_value_stops_the_start_and_its_password_is_not_repeated(tmp_path, value):
    with pytest.raises(config.ConfigurationError, match=r"^MAIL_URL ") as refused:
        config.load({"MAIL_URL": value}, tmp_path)
    assert "sesame" not in str(refused.value)


def test_a_password_is_not_shown_with_the_settings_of_mail(tmp_path):
    assert "sesame" not in repr(transport(tmp_path, "smtp://user:sesame@mail.example.org"))


def test_a_sender_that_every_letter_would_fail_with_stops_the_start(tmp_path):
    for value in ("a@b..c", "a,b@example.org", "é@example.org", "a@[1.2.3.4]", '"a b"@example.org'):
        with pytest.raises(config.ConfigurationError, match=r"^MAIL_FROM "):
            config.load({"MAIL_FROM": value}, tmp_path)
