"""Work that somebody waits for so long and no longer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

THREADS = 8
"""Pieces of work under way at a time. What was given up before it began is never begun."""


class InTime:
    """Runs work in threads of its own. Safe to share between threads."""

    def __init__(self, patience_s: float, name: str) -> None:
        self._patience_s = patience_s
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix=name)

    def __call__(self, work: Callable[[], Result]) -> Result:
        """What ``work`` returns or raises.

        Raises:
            TimeoutError: it was not done within the patience; if it has begun it goes on unseen.
        """
        future = self._pool.submit(work)
        try:
            return future.result(self._patience_s)
        finally:
            future.cancel()
