"""Letters as plain text and HTML. What is called text in a letter is written as text: nothing in it is markup."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

if TYPE_CHECKING:
    from calendar_app.mail.composing import Frame, Letter

WIDTH = 76
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "mail"


def render(letter: Letter, frame: Frame) -> tuple[str, str]:
    """Return the letter as plain text and as HTML."""
    values = {"letter": letter, "frame": frame, "blocks": [(type(b).__name__, b) for b in letter.blocks]}
    text = environment.get_template("letter.txt").render(values)
    return text.strip() + "\n", environment.get_template("letter.html").render(values)


def wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    """Return `text` in lines of at most 76 characters that begin with `first`, then `rest`.

    Its own line ends stay. What has no blanks, such as an address, stays whole however long it is.
    """
    rest = first if rest is None else rest
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(
            line,
            WIDTH,
            initial_indent=rest if lines else first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [(rest if lines else first).rstrip()]
    return "\n".join(lines)


def underlined(text: str, sign: str) -> str:
    """Return a heading in plain text: its lines, and as long a line of `sign` below."""
    shown = wrapped(text)
    return f"{shown}\n{sign * max(map(len, shown.splitlines()))}"


environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters["wrapped"] = wrapped
environment.filters["underlined"] = underlined
