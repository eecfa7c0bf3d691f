"""``GET /_ltrr/metrics``: figures for Prometheus."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from bandit_service.collaborators import Services

ELSE = "else"
"""The route of whatever is none of ours: anybody can make up paths."""

_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"})


def install(app: Flask, services: Services) -> None:
    """Count every request to ``app``, and answer with the figures."""
    metrics = services.metrics

    @app.after_request
    def _count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else ELSE
        method = request.method if request.method in _METHODS else ELSE
        metrics.request(route, method, response.status_code, time.perf_counter() - g.started)
        return response

    def _metrics() -> Response:
        tell(services)
        return Response(metrics.text(), content_type=CONTENT_TYPE_LATEST)

    # Not through the decorator: it answers with text, and the document tells of JSON.
    app.add_url_rule("/_ltrr/metrics", "metrics", _metrics)


def tell(services: Services) -> None:
    """Have the figures say how things are in this process now."""
    services.metrics.now(
        {"requests_in_flight": services.gate.in_flight, **services.figures()},
        {one.name: services.breakers.state(one.name) for one in services.strategies},
    )
