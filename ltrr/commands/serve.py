"""``ltrr serve``: the sidecar behind a production WSGI server."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from bandit_service.api.back_pressure import SPARE_THREADS
from ltrr.listening import become_server, check_port
from ltrr.server_hooks import METRICS_FOLDER
from ltrr.settings import Settings
from ltrr.wiring import open_cluster, prepare_encoder
from plugin.engine import find_places


@click.command()
@click.option("--host", help="Where to listen; else LTRR_HOST. Not loopback? Then guard it.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; else LTRR_PORT.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; else LTRR_WORKERS.")
@click.option("--no-learner", is_flag=True, help="Leave learning to `ltrr learn`.")
def serve(host: str | None, port: int | None, workers: int | None, no_learner: bool) -> None:
    """Run the sidecar: it answers queries, takes feedback, and learns from it."""
    settings = Settings.from_env()
    host, port = host or settings.host, port or settings.port
    check_port(host, port)
    # What every worker would fail at is one clear line here.
    open_cluster(settings).close()
    prepare_encoder(settings)
    click.echo(f"ltrr serves http://{host}:{port}", err=True)
    become_server(
        "ltrr.sidecar:create()",
        host,
        port,
        workers=workers or settings.workers,
        threads=settings.in_flight + SPARE_THREADS,
        env={
            METRICS_FOLDER: str(_emptied(find_places(settings).state / f"metrics-{port}")),
            **({"LTRR_LEARNER": "elsewhere"} if no_learner else {}),
        },
    )


def _emptied(folder: Path) -> Path:
    """A folder without the figures of who served on this port before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
