"""What people type into forms, made into text that is safe to show anywhere: one line, several, or a description."""

from __future__ import annotations

import html
import re

import nh3

from calendar_app.services.text import clean

# Signs that turn the direction of all that follows: text shown beside others must not reorder them. Marks of
# direction and joiners, which words in Arabic or Persian need, stay.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_TAG = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|i|iframe|img|li|ol|p|script|span|strong|style|svg|table|td|tr|u|ul)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h[1-6])\s*>", re.IGNORECASE)


def several_lines(text: str) -> str:
    """Return `text` without control characters and signs that turn its direction; its lines stay."""
    return clean(_TURNING.sub("", clean(text)))


def single_line(text: str) -> str:
    """Return the same as one line, with single blanks."""
    return " ".join(several_lines(text).split())


def description(text: str) -> str:
    """Return a description as plain text; what was pasted as HTML loses its markup and keeps its lines."""
    text = several_lines(text)
    if _TAG.search(text) and nh3.is_html(text):
        text = several_lines(html.unescape(nh3.clean(_BREAK.sub("\n", text), tags=set())))
    return text
