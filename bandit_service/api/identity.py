"""The edge where raw ids of people end: inside there are keyed hashes only."""

from __future__ import annotations

import hashlib
import hmac

from plugin.errors import InvalidRequest


class Identity:
    """Hashes ids with the deployment's ``secret``: the same on every sidecar, and not to be undone
    by trying all ids unless the secret leaks as well."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise InvalidRequest("LTRR_SECRET is empty: hashes of people's ids need a key")
        self._key = secret.encode()

    def session(self, raw: str | None) -> str | None:
        """32 hex digits for a session's id; None stays None."""
        return self._hash("session", raw)

    def user(self, raw: str | None) -> str | None:
        """32 hex digits for a user's id, not the same as for a session of that name."""
        return self._hash("user", raw)

    def client(self, raw: str | None) -> str | None:
        """32 hex digits for a device or an address."""
        return self._hash("client", raw)

    def _hash(self, kind: str, raw: str | None) -> str | None:
        if not raw:
            return None
        said = f"{kind}\0{raw}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()[:32]


def is_admin(authorization: str | None, admin_token: str) -> bool:
    """Whether an ``Authorization`` header bears the admin token. Without a token nobody is."""
    if not admin_token or authorization is None:
        return False
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode(), admin_token.encode()
    )
