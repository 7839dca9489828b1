"""Any text that somebody may have typed, and what most often breaks a format."""

from __future__ import annotations

from hypothesis import strategies as st

HOSTILE = (
    "]]>", "</script>", "<!--", "<script>alert(1)</script>", "&amp;", "&#0;", "\x00", "\x0b", "\x1b", "\x85", "\u2028",
    "\u2029", "\ud83d", "\udc00", "\ufffe", "\uffff", "\ufeff", "\u202e", "\u2067", "\r\n", "\r", "\\", '"', "'", "会",
    "اجتماع", "👨\u200d👩", "\\u003c", "{{7*7}}",
)  # fmt: skip
TEXT = st.one_of(
    st.text(st.characters(categories=("L", "M", "N", "P", "S", "Z", "C")), max_size=120),
    st.lists(st.sampled_from(HOSTILE) | st.text(max_size=5), max_size=6).map("".join),
)
TITLE = TEXT.map("Title ".__add__)
ADDRESS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=60).map(
    "https://example.org/".__add__
)
