"""Every route and method, with what a stranger is answered. A new route without a row here is a failure."""

from __future__ import annotations

import uuid

from calendar_app.planning.vocabulary import Stage

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE")
READ_ONLY = {"GET": 200, "HEAD": 200, "OPTIONS": 200} | dict.fromkeys(METHODS[3:], 405)
# For each rule of the URL map: the arguments with which it is asked, and the status by method.
MATRIX = {
    "/": ({}, READ_ONLY),
    "/past": ({}, READ_ONLY),
    "/calendar": ({}, READ_ONLY),
    "/events/<event_id>": ({"event_id": "public"}, READ_ONLY),
    "/events/<event_id>.ics": ({"event_id": "public"}, READ_ONLY),
    "/planner": ({}, READ_ONLY),
    "/subscribe": ({}, READ_ONLY),
    "/about": ({}, READ_ONLY),
    "/feeds/all.ics": ({}, READ_ONLY),
    "/feeds/calendar.ics": ({}, READ_ONLY),
    "/feeds/<convention>.ics": ({"convention": "basel"}, READ_ONLY),
    "/healthz": ({}, READ_ONLY),
    # The tests' tables are not made by migrations: tests/test_health.py looks at this one closely.
    "/readyz": ({}, READ_ONLY | {"GET": 503, "HEAD": 503}),
    "/static/<path:filename>": ({"filename": "css/site.css"}, READ_ONLY),
}
# What a stranger is answered on the addresses of an event that is not public, by any method that reads.
HIDDEN = ("/events/{}", "/events/{}.ics")


def test_every_route_has_a_row_and_every_row_a_route(app):
    assert sorted(rule.rule for rule in app.url_map.iter_rules()) == sorted(MATRIX)


def test_each_route_answers_a_stranger_as_written_here(app, client, add_event):
    event_id = str(add_event(title="Public"))
    wrong = []
    for rule in app.url_map.iter_rules():
        arguments, expected = MATRIX[rule.rule]
        values = {name: event_id if value == "public" else value for name, value in arguments.items()}
        address = rule.rule
        for name, value in values.items():
            address = address.replace(f"<path:{name}>", value).replace(f"<{name}>", value)
        for method in METHODS:
            answer = client.open(address, method=method)
            if answer.status_code != expected[method]:
                wrong.append((method, address, answer.status_code, expected[method]))
            if expected[method] == 405:
                assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}, (method, address)
            if method == "HEAD":
                assert answer.data == b""
            answer.close()
    assert not wrong


def test_an_event_that_is_not_published_is_answered_like_one_that_does_not_exist(client, add_event):
    for stage in set(Stage) - {Stage.PUBLISHED}:
        hidden, nobody = add_event(stage=stage), uuid.uuid4()
        for address in HIDDEN:
            for method in ("GET", "HEAD"):
                answers = [client.open(address.format(some), method=method) for some in (hidden, nobody)]
                assert [answer.status_code for answer in answers] == [404, 404], stage
                assert answers[0].data == answers[1].data, stage


def test_every_answer_carries_the_headers_that_protect_it(app, client):
    for rule in app.url_map.iter_rules():
        address = rule.rule.replace("<convention>", "basel")
        for method in ("GET", "POST"):
            answer = client.open(address, method=method)
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"], (method, address)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "Set-Cookie" not in answer.headers
            answer.close()
