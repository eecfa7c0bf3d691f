"""The engine by the settings, with the model server beside it: everything that `ltrr up` starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from ltrr.settings import Settings
from plugin.engine import Engine, Running, find_places
from plugin.engine.artifacts import opensearch
from plugin.engine.base import Reporter
from plugin.engine.companion import Companion
from plugin.engine.download import maven_address
from plugin.engine.embedded import EmbeddedEngine
from plugin.engine.locating import model_server_address
from plugin.engine.places import MODEL_SERVER
from plugin.engine.url import UrlEngine


def make_engine(settings: Settings, report: Reporter) -> Engine:
    """The engine that ``LTRR_ENGINE`` names."""
    if settings.engine == "url":
        return UrlEngine(
            settings.opensearch_url,
            user=settings.opensearch_user,
            password=settings.opensearch_password,
        )
    return EmbeddedEngine(
        find_places(settings),
        opensearch(),
        maven_address,
        report,
        java_home=settings.java_home,
    )


def make_model_server(settings: Settings) -> Companion | None:
    """The model server to run beside an embedded node; None where the settings name another."""
    if settings.engine != "embedded" or settings.model_server:
        return None

    def command(port: int) -> Sequence[str]:
        return [sys.executable, "-m", "ltrr", "model-server", "--port", str(port)]

    return Companion(
        places=find_places(settings),
        name=MODEL_SERVER,
        command=command,
        port=settings.model_server_port,
        details={
            "encoder": settings.encoder,
            "assets": str(settings.assets.resolve()),
            "sparse": settings.sparse,
            "predictor": settings.predictor,
        },
    )


def bring_up(settings: Settings, report: Reporter) -> Running:
    """Make OpenSearch and the model server usable; does nothing where they already are.

    Raises:
        EngineError: one of them cannot be made to run.
        NodeUnavailable: the cluster behind ``OPENSEARCH_URL`` does not answer.
    """
    running = make_engine(settings, report).up()
    companion = make_model_server(settings)
    if companion is not None:
        companion.up(report)
    return with_model_server(settings, running)


def take_down(settings: Settings, report: Reporter) -> tuple[str, ...]:
    """Stop what :func:`bring_up` started; returns what was stopped."""
    stopped = []
    companion = make_model_server(replace(settings, model_server=""))
    if companion is not None and companion.down(report):
        stopped.append("model server")
    if make_engine(settings, report).down():
        stopped.append("node")
    return tuple(stopped)


def state_of(settings: Settings, report: Reporter) -> Running | None:
    """What runs and answers now, or None."""
    running = make_engine(settings, report).status()
    return running and with_model_server(settings, running)


def with_model_server(settings: Settings, running: Running) -> Running:
    """``running`` with the address of the model server, if there is one."""
    address = settings.model_server or model_server_address(find_places(settings))
    return replace(running, model_server=address)
