"""The demo's sidecar: ``ltrr serve`` in the background, noted on disk so that it can be found."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from ltrr.client import Client
from ltrr.settings import Settings
from plugin.engine import find_places
from plugin.engine.ports import LOOPBACK, choose_port
from plugin.engine.process import start_program, stop_program
from plugin.engine.record import process_of, read_record

PROGRAM: Final = "sidecar"
START_S: Final = 120.0


def start_sidecar(
    settings: Settings, port: int | None, examples: Sequence[str] = ()
) -> tuple[str, bool]:
    """Its address, and whether this call started it (else the demo's own was running already).

    ``port`` None prefers the one of the settings, then any free one.

    Raises:
        EngineError: it cannot be made to run; the message has the end of its log.
    """
    places = find_places(settings)
    record_path = places.record(PROGRAM)
    known = read_record(record_path)
    if known and process_of(known) and port in (None, known.port):
        address = f"http://{LOOPBACK}:{known.port}"
        if _ready(address):
            return address, False
    # One that is ours but does not answer, or on another port than wanted, makes room.
    stop_program(record_path)
    chosen = choose_port(port or settings.port, str(places.state))
    address = f"http://{LOOPBACK}:{chosen}"
    places.logs.mkdir(parents=True, exist_ok=True)
    start_program(
        PROGRAM,
        [sys.executable, "-m", "ltrr", "serve"],
        record_path=record_path,
        log=places.logs / "sidecar.log",
        port=chosen,
        ready=lambda: _ready(address),
        timeout_s=START_S,
        env={
            **os.environ,
            "LTRR_HOST": LOOPBACK,
            "LTRR_PORT": str(chosen),
            "LTRR_EXAMPLES": ";".join(examples),
        },
    )
    return address, True


def stop_sidecar(settings: Settings) -> bool:
    """Stop what :func:`start_sidecar` started; False when it was not running."""
    return stop_program(find_places(settings).record(PROGRAM))


def _ready(address: str) -> bool:
    with Client(address, timeout_s=5) as client:
        return client.ready()
