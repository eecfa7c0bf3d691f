"""Tell where a running engine is, from its notes on disk alone; starts and asks nothing."""

from __future__ import annotations

from plugin.engine.base import EngineSettings, Running
from plugin.engine.places import MODEL_SERVER, NODE, Places, find_places
from plugin.engine.ports import LOOPBACK
from plugin.engine.record import process_of, read_record


def locate(settings: EngineSettings) -> Running | None:
    """Where OpenSearch and its model server are, or None when no node of ours runs.

    A node that runs may still be starting; a cluster behind a URL is not asked whether it answers.
    """
    places = find_places(settings)
    model_server = settings.model_server or model_server_address(places)
    if settings.engine == "url":
        return Running(settings.opensearch_url.rstrip("/"), "url", model_server=model_server)
    record = read_record(places.record(NODE))
    if record is None or process_of(record) is None:
        return None
    return Running(
        url=f"http://{LOOPBACK}:{record.port}",
        engine="embedded",
        ml_commons=record.details.get("ml_commons") == "yes",
        model_server=model_server,
        pid=record.pid,
    )


def model_server_address(places: Places) -> str | None:
    """Where the model server is that `ltrr up` started, if it runs."""
    record = read_record(places.record(MODEL_SERVER))
    if record is None or process_of(record) is None:
        return None
    return f"http://{LOOPBACK}:{record.port}"
