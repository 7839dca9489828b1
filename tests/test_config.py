"""Every setting: what it may be, and the one sentence that stops the start when it is something else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from calendar_app.factory import ROOT

SECRET = "s" * 32
PUBLIC = {"PUBLIC_URL": "https://calendar.example.org", "SECRET_KEY": SECRET}

GOOD = [
    ("HOST", "127.0.0.2", "host", "127.0.0.2"),
    ("HOST", "::1", "host", "::1"),
    ("HOST", "localhost", "host", "localhost"),
    ("PORT", "1", "port", 1),
    ("PORT", "65535", "port", 65535),
    ("PORT", " 8080 ", "port", 8080),
    ("WORKERS", "64", "workers", 64),
    ("TRUSTED_PROXIES", "0", "trusted_proxies", 0),
    ("TRUSTED_PROXIES", "2", "trusted_proxies", 2),
    ("TRUSTED_HOSTS", "a.example.org, .example.net  127.0.0.1", "trusted_hosts",
     ("a.example.org", ".example.net", "127.0.0.1")),
    ("TRUSTED_HOSTS", "", "trusted_hosts", ()),
    ("PUBLIC_URL", "http://localhost:8000/", "public_url", "http://localhost:8000"),
    ("PUBLIC_URL", "http://[::1]:8000", "public_url", "http://[::1]:8000"),
    ("TIMEZONE", "Asia/Tokyo", "timezone", "Asia/Tokyo"),
    ("TIMEZONE", "", "timezone", "Europe/Zurich"),
    ("MAIL_URL", "smtp://user:p%40ss@mail.example.org:587?tls=starttls", "mail_url",
     "smtp://user:p%40ss@mail.example.org:587?tls=starttls"),
    ("MAIL_URL", "file:instance/outbox", "mail_url", "file:instance/outbox"),
    ("MAIL_FROM", "calendar@example.org", "mail_from", "calendar@example.org"),
    ("REDIS_URL", "redis://localhost:6379/0", "redis_url", "redis://localhost:6379/0"),
    ("REDIS_URL", "", "redis_url", None),
    ("SECRET_KEY", SECRET, "secret_key", SECRET),
    ("DATABASE_URL", "postgres://u:p@db/calendar", "database_url", "postgresql+psycopg://u:p@db/calendar"),
    ("DATABASE_URL", "postgresql+psycopg://u@db:5433/calendar", "database_url",
     "postgresql+psycopg://u@db:5433/calendar"),
    ("CLOCK", "", "clock_fixed", None),
    ("CLOCK", "2025-09-01", "clock_fixed", datetime(2025, 9, 1, tzinfo=UTC)),
    ("CLOCK", "2025-09-01T08:00Z", "clock_fixed", datetime(2025, 9, 1, 8, tzinfo=UTC)),
    ("CLOCK", "2025-09-01T08:00+02:00", "clock_fixed", datetime(2025, 9, 1, 6, tzinfo=UTC)),
    ("CLOCK", "-90d", "clock_shift", timedelta(days=-90)),
    ("CLOCK", "+6h", "clock_shift", timedelta(hours=6)),
]  # fmt: skip

BAD = [
    *(("HOST", value) for value in ("not a host", "a/b", "http://127.0.0.1", "-x", "256.0.0.1/8", "ä.example")),
    *(("PORT", value) for value in ("0", "65536", "-1", "80.0", "eighty", "٨٠", "9" * 5000, "0x50", "+80")),
    *(("WORKERS", value) for value in ("0", "65", "two")),
    *(("TRUSTED_PROXIES", value) for value in ("-1", "11", "yes")),
    *(("TRUSTED_HOSTS", value) for value in ("https://a.example.org", "a.example.org;b", "a/b", "*")),
    *(
        ("PUBLIC_URL", value)
        for value in (
            "calendar.example.org",
            "ftp://calendar.example.org",
            "https://",
            "https://calendar.example.org/path",
            "https://calendar.example.org?x=1",
            "https://calendar.example.org#top",
            "http://[::1",
            "http://localhost:port",
            "http://localhost:99999",
            "http://two words",
            "http://<b>",
        )
    ),
    *(("TIMEZONE", value) for value in ("Geneva", "../../etc/passwd", "Europe", "CET+1", "a\0b", "zone.tab")),
    *(("MAIL_URL", value) for value in ("mail.example.org", "smtp://", "http://a", "file:", "smtp://[", "smtp://a:b")),
    *(("MAIL_FROM", value) for value in ("calendar", "a b@example.org", "<a@example.org>", "a@b@c")),
    *(("REDIS_URL", value) for value in ("localhost:6379", "http://localhost", "redis:", "redis://[", "redis://a:b")),
    *(("SECRET_KEY", value) for value in ("short", "s" * 31)),
    *(
        ("DATABASE_URL", value)
        for value in (
            "calendar.db",
            "sqlite://",
            "mysql://u:p@db/calendar",
            "postgresql://u:p@db",
            "postgresql://u:p@db:port/calendar",
            "sqlite:////no/such/folder/calendar.sqlite3",
            "://",
        )
    ),
    *(
        ("CLOCK", value)
        for value in (
            "yesterday",
            "90d",
            "+6m",
            "2025-13-01",
            "+100000d",
            "+99999d",
            "-99999d",
            "0001-01-01",
            "0001-01-01T00:00+14:00",
            "9999-12-31",
            "2025-09-01T25:00",
        )
    ),
]


def test_nothing_has_to_be_set(tmp_path):
    settings = config.load({}, tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'calendar.sqlite3'}"
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (settings.workers, settings.trusted_proxies, settings.trusted_hosts) == (1, 0, ())
    assert (settings.mail_url, settings.mail_from) == ("file:instance/outbox", "calendar@localhost")
    assert (settings.redis_url, settings.timezone, settings.development) == (None, "Europe/Zurich", True)
    assert (settings.clock_fixed, settings.clock_shift) == (None, timedelta())


@pytest.mark.parametrize(("name", "value", "field", "expected"), GOOD)
def test_a_good_value_is_taken(tmp_path, name, value, field, expected):
    assert getattr(config.load({name: value}, tmp_path), field) == expected


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda text: quote(text[:30]))
def test_a_wrong_value_is_answered_with_one_sentence_that_names_the_setting(tmp_path, name, value):
    with pytest.raises(config.ConfigurationError) as refused:
        config.load({name: value}, tmp_path)
    sentence = str(refused.value)
    assert sentence.startswith(name + " ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_every_setting_has_good_and_bad_values_here():
    names = {
        *"DATABASE_URL SECRET_KEY PUBLIC_URL MAIL_URL MAIL_FROM REDIS_URL TIMEZONE HOST PORT WORKERS".split(),
        *"TRUSTED_PROXIES TRUSTED_HOSTS CLOCK".split(),
    }
    assert {name for name, *_rest in GOOD} == {name for name, _value in BAD} == names


@pytest.mark.parametrize("name", sorted({name for name, _value in BAD}))
@given(value=st.text(max_size=40))
def test_any_text_is_taken_or_refused_and_nothing_else(tmp_path_factory, name, value):
    folder = tmp_path_factory.getbasetemp() / "settings"
    sentence = ""
    try:
        config.load({"SECRET_KEY": SECRET, name: value}, folder)
    except config.ConfigurationError as refused:
        sentence = str(refused)
    assert not sentence or sentence.startswith(name + " ")


def test_a_password_is_not_repeated_in_the_sentence(tmp_path):
    for name, value in {
        "DATABASE_URL": "mysql://user:open-sesame@db/calendar",
        "MAIL_URL": "http://user:open-sesame@mail.example.org",
        "REDIS_URL": "http://user:open-sesame@redis",
        "SECRET_KEY": "open-sesame",
    }.items():
        with pytest.raises(config.ConfigurationError) as refused:
            config.load({name: value}, tmp_path)
        assert "open-sesame" not in str(refused.value), name


def test_the_clock_cannot_be_set_outside_development(tmp_path):
    with pytest.raises(config.ConfigurationError, match=r"^CLOCK is for development only"):
        config.load({**PUBLIC, "CLOCK": "-90d"}, tmp_path)
    assert config.load({**PUBLIC, "CLOCK": " "}, tmp_path).clock_fixed is None


def test_a_secret_has_to_be_given_outside_development(tmp_path):
    with pytest.raises(config.ConfigurationError, match=r"^SECRET_KEY is not set"):
        config.load({"PUBLIC_URL": PUBLIC["PUBLIC_URL"]}, tmp_path)
    assert not (tmp_path / "secret_key").exists()
    settings = config.load(PUBLIC, tmp_path)
    assert settings.secret_key == SECRET
    assert not settings.development


def test_in_development_the_secret_is_made_once_and_closed_to_others(tmp_path):
    instance = tmp_path / "instance"
    first, second = (config.load({}, instance).secret_key for _ in range(2))
    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert config.load({}, tmp_path / "other").secret_key != first


def test_a_damaged_kept_secret_stops_the_start(tmp_path):
    (tmp_path / "secret_key").write_text("")
    with pytest.raises(config.ConfigurationError, match=r"^SECRET_KEY .* damaged"):
        config.load({}, tmp_path)


def test_flask_is_given_the_values_under_its_own_names(tmp_path):
    values = config.load({**PUBLIC, "TRUSTED_HOSTS": "calendar.example.org"}, tmp_path).for_flask()
    assert values["SECRET_KEY"] == SECRET
    assert values["TRUSTED_HOSTS"] == ["calendar.example.org"]
    assert values["SESSION_COOKIE_SECURE"] is True
    assert config.load({}, tmp_path).for_flask()["TRUSTED_HOSTS"] is None


def test_the_start_stops_with_one_sentence_and_no_traceback():
    for name, value in (("PORT", "eighty"), ("PUBLIC_URL", "http://[::1"), ("DATABASE_URL", "mysql://x/y")):
        done = subprocess.run(
            [sys.executable, "-c", "import app"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "SECRET_KEY": SECRET, name: value},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert done.stdout == ""
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith(f"The calendar cannot start. {name} ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "calendar.example.org"])
def test_what_others_can_reach_is_no_development_by_oversight(tmp_path, host):
    with pytest.raises(config.ConfigurationError, match=r"^HOST is .*: set PUBLIC_URL to the address people use"):
        config.load({"HOST": host}, tmp_path)
    assert config.load({"HOST": host, **PUBLIC}, tmp_path).host == host
