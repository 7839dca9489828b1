"""nginx as docs/nginx.conf has it, on loopback and without TLS, so that what is documented is what is run."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from calendar_app.factory import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTED = ROOT / "docs" / "nginx.conf"
_TEMPORARY = ("proxy", "client_body", "fastcgi", "uwsgi", "scgi")


def program() -> str:
    """Return where nginx is, "" if it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""


def command(folder: Path, calendar_port: int, port: int, also: str = "", name: str = "127.0.0.1") -> list[str]:
    """Write the configuration into `folder` and return the command that serves it on `port`, until it is ended.

    `also` stands in the server beside what is documented, `name` is the server's. Raises ValueError if docs/nginx.conf
    does not say any more what is replaced here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    text = DOCUMENTED.read_text(encoding="utf-8")
    for what, instead in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{calendar_port};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port};\n    {also}"),
        ("server_name calendar.example.org;", f"server_name {name};"),
        ("    ssl_certificate /etc/ssl/calendar.pem;\n", ""),
        ("    ssl_certificate_key /etc/ssl/calendar.key;\n", ""),
        ("/var/cache/nginx/calendar", str(folder / "cache")),
    ):
        if what not in text:
            message = f"docs/nginx.conf has no {what!r} any more"
            raise ValueError(message)
        text = text.replace(what, instead)
    temporary = "".join(f"    {what}_temp_path {folder / what};\n" for what in _TEMPORARY)
    (folder / "nginx.conf").write_text(
        f"pid {folder / 'pid'};\nerror_log {folder / 'error.log'};\nworker_processes 1;\ndaemon off;\n"
        f"events {{ worker_connections 512; }}\nhttp {{\n    access_log {folder / 'access.log'} combined buffer=64k;\n"
        f"    sendfile on;\n    types {{ text/calendar ics; }}\n{temporary}{text}\n}}\n",
        encoding="utf-8",
    )
    as_root = ["-g", "user root;"] if os.geteuid() == 0 else []
    return [program(), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"), *as_root]
