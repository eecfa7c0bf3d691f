"""JSON bodies as this API accepts them."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Request

from plugin.errors import InvalidRequest, LtrrError

MOST_BYTES = 1_000_000


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
            InvalidRequest: it is not JSON, or neither object nor list.
        """
        if not self.is_json:
            raise UnsupportedMedia("Send JSON, with the header Content-Type: application/json.")
        try:
            parsed = orjson.loads(self.get_data(cache=cache))
        except orjson.JSONDecodeError as error:
            raise InvalidRequest(f"The body is not valid JSON: {error}.") from None
        if not isinstance(parsed, dict | list):
            raise InvalidRequest("The body must be a JSON object.")
        return parsed
