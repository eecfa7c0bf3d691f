"""What every server of ours does: look at its port, then become a pre-fork WSGI server."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from typing import NoReturn

from plugin.errors import EngineError

STARTS_WITHIN_S = 120
"""How long a worker may take to load before it is taken for stuck."""

STOPS_WITHIN_S = 30
"""How long a worker that was told to stop may finish what it has begun."""

KEPT_ALIVE_S = 75
"""How long an idle connection stays open: longer than gateways keep theirs, which then never send
into one that is just being closed."""


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


def become_server(
    application: str,
    host: str,
    port: int,
    *,
    workers: int,
    threads: int,
    env: Mapping[str, str] | None = None,
) -> NoReturn:
    """Become gunicorn's master process, which forks ``workers`` that call ``application``.

    This program is replaced rather than continued: what forks then holds no thread, no lock and
    none of our libraries. The process id stays, so whoever started us can stop it. Its signals:
    TERM finishes what was begun and ends, HUP replaces the workers one after the other, TTIN and
    TTOU make one more or less; TERM to a worker replaces that one.

    ``application`` is ``module:factory()``, ``env`` what the workers find in their environment
    beside ours.
    """
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options = {
        "bind": address,
        "workers": workers,
        "worker-class": "gthread",
        "threads": threads,
        "timeout": STARTS_WITHIN_S,
        "graceful-timeout": STOPS_WITHIN_S,
        "keep-alive": KEPT_ALIVE_S,
        "log-level": "warning",
        "config": "python:ltrr.server_hooks",
    }
    argv = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
    argv += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [*argv, application], {**os.environ, **(env or {})})  # noqa: S606
