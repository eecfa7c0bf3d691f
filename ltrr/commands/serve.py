"""``ltrr serve``: the sidecar behind a production WSGI server."""

from __future__ import annotations

import multiprocessing
import os

import click

from ltrr.listening import check_port
from ltrr.settings import Settings
from ltrr.wiring import open_cluster


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
    open_cluster(settings).close()  # a worker that fails at this would be started again and again
    if no_learner:
        # The workers are processes of their own and read the same settings from the environment.
        os.environ["LTRR_LEARNER"] = "elsewhere"
    # Started afresh rather than forked: a fork would copy locks that other threads hold.
    multiprocessing.set_start_method("spawn", force=True)

    from granian import Granian  # slow to import, and only needed here
    from granian.constants import Interfaces

    click.echo(f"ltrr serves http://{host}:{port}", err=True)
    Granian(
        "ltrr.sidecar:create",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=workers or settings.workers,
        blocking_threads=settings.threads,
        # A worker that dies is replaced; one that hangs at the end is not waited for.
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        websockets=False,
    ).serve()
