"""``ltrr graph``: vectors of what occurs together."""

from __future__ import annotations

import time
from dataclasses import asdict

import click
import orjson
from rich.console import Console
from rich.progress import Progress

from ingest.graph.embed import embed_graph
from ltrr.settings import Settings
from ltrr.wiring import open_cluster
from plugin.assets.schema import load_schema


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def graph(as_json: bool) -> None:
    """Embed what occurs together: in relations between entities, and in what people chose.

    Run it after loading entities, and now and then while people choose: an entity that was loaded
    again is without its vector until then. Only what changed is written.
    """
    settings = Settings.from_env()
    cluster = open_cluster(settings)
    started = time.monotonic()
    try:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("writing vectors of the graph", total=None)
            done = embed_graph(
                cluster,
                load_schema(settings.assets),
                sessions=settings.memory_sessions,
                advance=lambda written, of: bar.update(task, completed=written, total=of),
            )
    finally:
        cluster.close()
    seconds = round(time.monotonic() - started, 1)
    if as_json:
        click.echo(orjson.dumps({**asdict(done), "seconds": seconds}))
    else:
        click.echo(
            f"{done.connected} of {done.entities} entities are connected, by {done.edges} edges;"
            f" {done.written} vectors written, in {seconds} s"
        )
