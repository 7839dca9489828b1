"""What people are told when somebody else's feed cannot be had: in English, and as what translators need."""

from __future__ import annotations

from feeds.writing import characters


class ToldError(Exception):
    """The text is `template % values`, in English; the template is what translators have.

    A value called "because" is such a template itself. Words of others may be in values: characters that no text may
    have are taken out.
    """

    def __init__(self, template: str, **values: str | int) -> None:
        """Keep what the text is made of."""
        self.template = template
        self.values = {
            name: characters.line(value) if isinstance(value, str) else value for name, value in values.items()
        }
        super().__init__(template % self.values)


def marked(text: str) -> str:
    """Return a text as it is; `make messages` collects what stands here, so that pages can translate it."""
    return text
