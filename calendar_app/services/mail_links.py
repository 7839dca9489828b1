"""Links in mails that stand in for signing in: each is good for one thing, and nobody else can make one.

The token is signed with the installation's key and holds what it is good for; nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from itsdangerous import BadSignature, URLSafeSerializer


@dataclass(frozen=True, slots=True)
class MailLinks:
    """Makes addresses for mails. `home_url` is the full address of the calendar, without a slash at the end."""

    home_url: str
    secret_key: str = field(repr=False)

    def page(self, path: str) -> str:
        """Return the full address of a page."""
        return f"{self.home_url}{path}"

    def token(self, purpose: str, *values: str) -> str:
        """Return the token that is good for `purpose` ("round", "unsubscribe", ...) with these values."""
        token = self._serializer(purpose).dumps(list(values))
        return token.decode() if isinstance(token, bytes) else token

    def values(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """Return the values of a token that was made for `purpose`, None for one that is not ours."""
        try:
            values = self._serializer(purpose).loads(token)
        except (BadSignature, ValueError):
            return None
        return tuple(map(str, values))

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret_key, salt=f"mail link: {purpose}")
