"""One line of JSON per request in the log: what was asked for, how it went, how long it took.

Never the query string (a session may stand there), a body or an address of a person.
"""

from __future__ import annotations

import logging
import time

import orjson
from flask import Flask, Response, g, request

log = logging.getLogger("bandit_service.access")


def install(app: Flask) -> None:
    """Log every request to ``app``."""

    @app.before_request
    def _begin() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        line = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.started) * 1000, 1),
        }
        log.info(orjson.dumps(line).decode())
        return response
