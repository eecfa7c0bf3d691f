"""``GET /_ltrr/health`` and ``/_ltrr/ready``: for whoever watches over the process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response
from flask_openapi3.openapi import OpenAPI

from bandit_service.api.errors import json_response
from bandit_service.api.health_schemas import Alive, Readiness

log = logging.getLogger(__name__)


def register(
    app: OpenAPI,
    checks: Mapping[str, Callable[[], None]],
    troubles: Callable[[], Sequence[str]],
) -> None:
    """Add the routes to ``app``. A check raises when its dependency is not there; ``troubles`` are
    told of the process itself, without asking anybody."""

    @app.get(
        "/_ltrr/health",
        operation_id="health",
        summary="Whether the process is alive",
        responses={200: Alive},
    )
    def _health() -> Response:
        return json_response({"alive": True, "degraded": list(troubles())})

    @app.get(
        "/_ltrr/ready",
        operation_id="ready",
        summary="Whether queries can be answered now",
        responses={200: Readiness, 503: Readiness},
    )
    def _ready() -> Response:
        results = {name: _asked(name, check) for name, check in checks.items()}
        ready = all(result["ok"] for result in results.values())
        return json_response({"ready": ready, "checks": results}, 200 if ready else 503)


def _asked(name: str, check: Callable[[], None]) -> dict[str, Any]:
    """The result of one check. Why it failed goes to the log only: it may name hosts and paths."""
    started = time.perf_counter()
    message = None
    try:
        check()
    except Exception:
        log.warning("not ready: %s", name, exc_info=True)
        message = "not there; the log says why"
    return {
        "ok": message is None,
        "took_ms": round((time.perf_counter() - started) * 1000, 3),
        "message": message,
    }
