"""Signed query ids: given out by any sidecar, recognised by every other, forged by nobody.

An id is 32 letters and digits: base32 of 8 random bytes, 3 bytes of journal index generation
(which journal index holds the query's entries) and 9 bytes of HMAC-SHA256 over both.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from plugin.errors import InvalidRequest, NotFound

_RANDOM, _GENERATION, _SIGNATURE = 8, 3, 9
LENGTH = 32


class QueryIds:
    """Issues and verifies query ids under one secret, the same for all sidecars."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise InvalidRequest("query ids need a secret; set LTRR_SECRET")
        self._key = hashlib.blake2b(secret.encode(), person=b"ltrr-query-id").digest()

    def issue(self, index_generation: int) -> str:
        """A new id for a query whose entries go to that journal index."""
        generation = index_generation.to_bytes(_GENERATION, "big")
        payload = secrets.token_bytes(_RANDOM) + generation
        return base64.b32encode(payload + self._sign(payload)).decode().lower()

    def verify(self, query_id: str) -> int:
        """The journal index generation that ``query_id`` names.

        Raises:
            InvalidRequest: it does not have the form of a query id.
            NotFound: it has the form, but we never gave it out.
        """
        # Lower case only: one query must not go by two names.
        if len(query_id) != LENGTH or not query_id.isascii() or query_id != query_id.lower():
            raise InvalidRequest(_garbled(query_id))
        try:
            data = base64.b32decode(query_id.upper())
        except binascii.Error:
            raise InvalidRequest(_garbled(query_id)) from None
        payload, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(payload)):
            raise NotFound(
                f"query_id {query_id} was never given out here. Send one from a search response."
            )
        return int.from_bytes(payload[_RANDOM:], "big")

    def _sign(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")[:_SIGNATURE]


def _garbled(query_id: str) -> str:
    return (
        f"query_id {query_id[:40]!r} is not a query id: those have {LENGTH} letters a-z and "
        "digits 2-7. Send one from a search response."
    )
