"""JSON bodies as this API accepts them."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Request

from plugin.errors import InvalidRequest, LtrrError, TooLarge

MOST_BYTES = 1_000_000
MOST_DRAINED = 64_000_000
"""How much of a body that is too large is read and thrown away. Most clients only look at an answer
after they have sent everything, and report a broken pipe when they cannot."""
TOO_LARGE = f"The body is larger than {MOST_BYTES:,} bytes. Send less at a time."


class UnsupportedMedia(LtrrError):
    """The body is not declared as JSON. (Also keeps forms of other web pages from posting.)"""

    status = 415
    code = "unsupported_media_type"


class JsonRequest(Request):
    """A request whose JSON is parsed strictly: no NaN, no lone surrogates, no other values than
    objects and lists at the top."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The parsed body, whatever the arguments say: a bad one is never passed over.

        Raises:
            UnsupportedMedia: it is not declared as JSON.
            TooLarge: it is longer than what is read.
            InvalidRequest: it is not JSON, or neither object nor list.
        """
        if not self.is_json:
            raise UnsupportedMedia("Send JSON, with the header Content-Type: application/json.")
        if (self.content_length or 0) > MOST_BYTES:
            self._drain()
            raise TooLarge(TOO_LARGE)
        data = self.get_data(cache=cache)
        if len(data) >= MOST_BYTES:
            # A body that did not tell its length is cut there.
            raise TooLarge(TOO_LARGE)
        try:
            parsed = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise InvalidRequest(f"The body is not valid JSON: {error}.") from None
        if not isinstance(parsed, dict | list):
            raise InvalidRequest("The body must be a JSON object.")
        return parsed

    def _drain(self) -> None:
        left = min(self.content_length or 0, MOST_DRAINED)
        stream = self.environ["wsgi.input"]
        while left > 0 and (chunk := stream.read(min(left, 65_536))):
            left -= len(chunk)
