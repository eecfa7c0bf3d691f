"""``GET /``: the console for browsers, OpenSearch's own banner for its clients."""

from __future__ import annotations

from flask import Flask, Response, request

from bandit_service import console
from bandit_service.api.errors import json_response
from plugin.cluster import Cluster


def register(app: Flask, cluster: Cluster) -> None:
    """Add the page, its files and the banner to ``app``."""
    app.register_blueprint(console.blueprint)

    def _front() -> Response:
        best = request.accept_mimetypes.best_match(["application/json", "text/html"])
        response = console.page() if best == "text/html" else json_response(cluster.get("/"))
        response.headers["Vary"] = "Accept"
        return response

    # Not through the decorator: this route is OpenSearch's, and no part of our API document.
    app.add_url_rule("/", "front", _front)
