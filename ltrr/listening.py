"""What every server of ours does before and while it listens."""

from __future__ import annotations

import os
import socket
import threading

import psutil

from plugin.errors import EngineError


def check_port(host: str, port: int) -> None:
    """Say clearly that a port is taken, before any worker starts and fails at it.

    Raises:
        EngineError: the address cannot be listened at.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EngineError(
                f"cannot listen at {host}:{port}: {error.strerror}."
                " Choose another with --port, or end the program that listens there."
            ) from error


def end_with_parent() -> None:
    """Called in a worker: end this process when the one that started it is gone.

    A worker whose server was killed (`kill -9`) would go on answering and hold the port for ever.
    """
    parent = psutil.Process(os.getppid())

    def watch() -> None:
        parent.wait()
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
