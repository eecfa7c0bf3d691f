"""Asking OpenSearch for what would be nice to know: quickly, or not for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from plugin.errors import LtrrError

log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSE_S = 2.0


class Patience:
    """After a failure nothing is asked for PAUSE_S: a node that hangs costs one time-out, not one
    for each query. Safe to share between threads."""

    def __init__(self, what: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._clock = clock
        self._resume = float("-inf")

    def ask(self, question: Callable[[], T]) -> T | None:
        """The answer of ``question``; None where it fails, or failed just now."""
        if self._clock() < self._resume:
            return None
        try:
            return question()
        except LtrrError as error:
            self._resume = self._clock() + PAUSE_S
            log.warning("%s cannot be read now: %s", self._what, error.message)
            return None
