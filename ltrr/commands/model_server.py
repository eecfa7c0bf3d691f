"""``ltrr model-server``: what entities get, for OpenSearch's ingest pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ltrr.listening import become_server, check_port
from ltrr.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

THREADS = 2
"""Requests at a time: each encodes on one thread of its own."""


@click.command("model-server")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it listens.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default: LTRR_MODEL_SERVER_PORT.")
def model_server(host: str, port: int | None) -> None:
    """Serve embeddings, sparse weights and predicted queries to OpenSearch.

    It has no authentication: let it listen on loopback, or where only the cluster reaches it.
    `ltrr up` starts one beside the embedded node.
    """
    from ltrr.wiring import prepare_encoder
    from plugin.assets.schema import load_schema

    settings = Settings.from_env()
    port = port or settings.model_server_port
    check_port(host, port)
    # A wrong model or asset is one clear line here, not a traceback of a worker that dies.
    load_schema(settings.assets)
    prepare_encoder(settings)
    click.echo(f"model server: {settings.encoder} on http://{host}:{port}")
    become_server("ltrr.commands.model_server:app()", host, port, workers=1, threads=THREADS)


def app() -> Flask:
    """The WSGI application by the environment's settings; called in the server's worker."""
    from ingest.model_server import create_app
    from ltrr.enriching import Enrichers
    from ltrr.wiring import make_encoder, open_cluster
    from plugin.assets.schema import load_schema
    from plugin.errors import NodeUnavailable

    settings = Settings.from_env()
    schema = load_schema(settings.assets)
    try:
        cluster = open_cluster(settings)
    except NodeUnavailable:
        # It serves others than a node of ours: without the catalogue's artefact.
        cluster = None
    enrichers = Enrichers(settings, cluster, schema)
    return create_app(make_encoder(settings), schema, enrichers.of)
