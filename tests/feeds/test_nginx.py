"""The configuration of nginx in docs/nginx.conf: what readers get through it, and what it writes down."""

from __future__ import annotations

import subprocess
import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from bench import nginx
from tests.feeds.readers import in_ci
from tests.serving import FLASK, free_port, served

if TYPE_CHECKING:
    from pathlib import Path

NAME = "calendar.example.org"
SHEET = "id,title,conventions,start,end,organiser\nnew,{title},Basel,2027-03-01,2027-03-02,brs\n"


class Reader:
    """A calendar program, which knows the calendar by its name."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, **headers: str):
        """Return status, headers and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Host": NAME} | headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


def bring_in(title: str, folder: Path, environment: dict[str, str]) -> None:
    sheet = folder / "sheet.csv"
    sheet.write_text(SHEET.format(title=title))
    subprocess.run([FLASK, "events", "import", str(sheet)], env=environment, check=True, capture_output=True)


def waited_for(true) -> bool:
    deadline = time.monotonic() + 10
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.xdist_group("serving")
def test_feeds_through_nginx_are_those_of_the_calendar_and_no_token_is_written_down(tmp_path):
    if not nginx.program():
        (pytest.fail if in_ci() else pytest.skip)("no program nginx: Debian package nginx")
    own = free_port()
    reader, folder = Reader(own), tmp_path / "nginx"
    # By its address it is asked whether it is ready.
    hosts = {"TRUSTED_PROXIES": "1", "TRUSTED_HOSTS": f"{NAME},127.0.0.1", "PUBLIC_URL": f"https://{NAME}"}
    with served(tmp_path, **hosts) as calendar:
        port = int(calendar.address.rpartition(":")[2])
        front = subprocess.Popen(nginx.command(folder, port, own, name=NAME))
        try:
            assert waited_for(lambda: (folder / "pid").exists() and (folder / "pid").read_text())
            assert reader.get("/")[0] == 200
            status, headers, body = reader.get("/feeds/all.ics")
            assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
            assert f"URL:https://{NAME}/".encode() in body
            for spoiled in ({"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Port": "1"}):
                assert reader.get("/feeds/minamata.ics", **spoiled)[0] == 200
                assert reader.get("/", **spoiled)[0] == 200
            assert reader.get("/feeds/all.ics", **{"If-None-Match": headers["ETag"]})[0] == 304
            zipped = reader.get("/feeds/all.ics", **{"Accept-Encoding": "br, gzip"})
            assert zipped[1]["Content-Encoding"] == "gzip"
            assert zipped[1]["ETag"] != headers["ETag"]
            assert reader.get("/feeds/all.ics", **{"Accept-Encoding": "gzip;q=0"})[1]["Content-Encoding"] is None
            bring_in("Through nginx", tmp_path, calendar.environment)
            assert waited_for(lambda: b"Through nginx" in reader.get("/feeds/all.ics")[2])
            assert reader.get("/feeds/private/SECRET-1.ics")[0] == 404
            assert calendar.stop() == 0
            # Subscribers keep what they have; what one person has is kept by nobody.
            assert reader.get("/feeds/all.ics")[0] == 200
            assert reader.get("/feeds/private/SECRET-2.ics")[0] == 502
        finally:
            front.terminate()
            front.wait(20)
    written = "".join(path.read_text() for path in folder.glob("*.log"))
    assert "/feeds/all.ics" in written
    assert "SECRET" not in written
