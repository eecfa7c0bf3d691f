"""One at a time: whoever starts or stops something of a checkout holds its lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from plugin.engine.base import Reporter
from plugin.engine.places import Places
from plugin.errors import EngineError

_PATIENCE_S = 900.0


@contextmanager
def held(places: Places, report: Reporter) -> Iterator[None]:
    """Hold the checkout's lock, after waiting for whoever has it.

    Raises:
        EngineError: someone held it for a quarter of an hour.
    """
    lock = FileLock(places.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report.say("Another `ltrr` is starting or stopping things here: waiting for it")
        try:
            lock.acquire(timeout=_PATIENCE_S)
        except Timeout:
            raise EngineError(
                f"another process has held {places.lock} for {_PATIENCE_S / 60:.0f} minutes."
                " End it and try again."
            ) from None
    try:
        yield
    finally:
        lock.release()
