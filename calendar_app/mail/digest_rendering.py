"""Digests as plain text and HTML. What is called text is written as text: nothing in it is markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from calendar_app.mail.linking import digest_in_language
from calendar_app.mail.rendering import environment

if TYPE_CHECKING:
    from calendar_app.mail.digest_content import DigestContent

# Some programs cut off what is longer than 100 KB: a third of that would be the indentation of the template.
_INDENTED = re.compile(r"\s*\n\s*")


def render_digest(content: DigestContent, home_url: str) -> tuple[str, str]:
    """Return the digest as plain text, in lines of at most 76 characters, and as HTML for mail programs.

    Links to pages of ours, those below `home_url`, lead there in the language of the digest.
    """
    content = digest_in_language(content, home_url)
    text = environment.get_template("digest.txt").render(digest=content)
    html = environment.get_template("digest.html").render(digest=content)
    return text.strip() + "\n", _INDENTED.sub("\n", html)
