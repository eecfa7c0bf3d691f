"""Has requests go through the gate: see :mod:`bandit_service.gate`.

The WSGI server has a few threads more than the gate lets in, so that refusals, and the questions of
those who watch over the process, are answered at once however busy it is.
"""

from __future__ import annotations

from flask import Flask, g, request

from bandit_service.gate import Gate

SPARE_THREADS = 8
"""Threads of the server beyond what may be in flight."""

WATCHING = frozenset({"/_ltrr/health", "/_ltrr/ready", "/_ltrr/metrics"})
"""Paths that are always answered."""


def install(app: Flask, gate: Gate) -> None:
    """Have every request to ``app`` go through ``gate``, but those of :data:`WATCHING`."""

    @app.before_request
    def _enter() -> None:
        if request.path not in WATCHING:
            gate.enter()
            g.entered = True

    @app.teardown_request
    def _leave(_: BaseException | None) -> None:
        if g.pop("entered", False):
            gate.leave()
