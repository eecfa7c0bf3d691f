"""Reading: a cross-encoder looks at the best of a page once more, if there is time for it.

It knows nothing of what people chose, so it has as much say as the order that it is given: per
query, minmax(its score) + 1 − place/places. Within its places entities move, nothing else does.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from plugin.cross_encoder import CrossEncoder
from plugin.model import Candidate

BEST: Final = 20
"""Entities that are read."""
_FADES: Final = 0.8
"""What an earlier duration counts for after one more."""
_MARGIN: Final = 1.5
"""How much longer than usual it may take before a page is late."""
PART: Final = "cross_encoder"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """``candidates`` in their new order, and who read them."""

    candidates: list[Candidate]
    version: str


class Reading:
    """Safe to share between threads.

    ``current`` gives the model, None while it is not there; ``error`` then says why, if it never
    will be.
    """

    def __init__(
        self,
        current: Callable[[], CrossEncoder | None],
        error: Callable[[], str | None] = lambda: None,
        *,
        best: int = BEST,
    ) -> None:
        self._current = current
        self._error = error
        self._best = best
        self._usual_s = 0.0
        # One at a time: more would only make each of them late.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ltrr-reading")
        self._busy = threading.Lock()

    def order(
        self,
        ranked: Sequence[Candidate],
        query: str,
        texts: Mapping[str, str],
        left_s: float,
        trouble: list[str],
    ) -> Read | None:
        """The new order of ``ranked``, or None where it stays: why is added to ``trouble``.

        ``texts``: id → what there is to read; those without one keep their places. ``left_s``: how
        long the page may still take.
        """
        known = [at for at, one in enumerate(ranked) if texts.get(one.id)][: self._best]
        if len(known) < 2:
            return None
        model = self._current()
        if model is None:
            trouble.append(f"{PART}: {self._error() or 'the model is still being loaded'}")
            return None
        if left_s <= self._usual_s * _MARGIN:
            trouble.append(f"{PART}: no time was left")
            return None
        if not self._busy.acquire(blocking=False):
            trouble.append(f"{PART}: another page is being read")
            return None
        read = [ranked[at] for at in known]
        future = self._pool.submit(self._scores, model, query, [texts[one.id] for one in read])
        try:
            scores = future.result(left_s)
        except TimeoutError:
            trouble.append(f"{PART}: it was late")
            return None
        except Exception:
            log.exception("the cross-encoder failed; the order stays")
            trouble.append(f"{PART}: it failed")
            return None
        order = list(ranked)
        for at, one in zip(known, summed(read, scores), strict=True):
            order[at] = one
        return Read(order, model.version)

    def _scores(self, model: CrossEncoder, query: str, texts: Sequence[str]) -> list[float]:
        started = perf_counter()
        try:
            scores = model.scores(query, texts)
            if len(scores) != len(texts) or not all(map(math.isfinite, scores)):
                raise ValueError("the cross-encoder gave what is no finite score for each text")
            return scores
        finally:
            took = perf_counter() - started
            self._usual_s = _FADES * self._usual_s + (1 - _FADES) * took if self._usual_s else took
            self._busy.release()


def summed(ranked: Sequence[Candidate], scores: Sequence[float]) -> list[Candidate]:
    """``ranked`` by the sum of the scaled score and of the place that each has already."""
    low, high = min(scores), max(scores)
    span = high - low
    places = len(ranked)
    sums = [
        ((score - low) / span if span > 0 else 0.0) + 1 - place / places
        for place, score in enumerate(scores)
    ]
    return [ranked[at] for at in sorted(range(places), key=lambda at: (-sums[at], at))]
