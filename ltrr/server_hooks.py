"""What gunicorn calls in the life of its workers; its master imports this, so it is light."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import psutil

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where the workers of a server write down their figures, for whichever is asked for them."""


def post_fork(_server: Any, _worker: Any) -> None:
    """In a new worker, before it loads anything."""
    end_with_parent()


def child_exit(_server: Any, worker: Any) -> None:
    """In the master, after a worker ended: what it said of itself holds no more."""
    if METRICS_FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def end_with_parent() -> None:
    """Have this process end, gracefully if it can, when the one that started it is gone.

    A worker whose master was killed (`kill -9`) would go on answering who keeps asking, and hold
    the port.
    """
    parent = psutil.Process(os.getppid())

    def watch() -> None:
        parent.wait()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
