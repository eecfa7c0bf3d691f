"""What each strategy will take, from what it took: a smoothed time and its deviation.

As TCP predicts the time of a round trip (RFC 6298, section 2): the prediction is the mean plus four
mean deviations, so one that is mostly quick but often is not counts as slow.
"""

from __future__ import annotations

import threading

_MEAN_GAIN = 1 / 8
_DEVIATION_GAIN = 1 / 4
_DEVIATIONS = 4


class Costs:
    """Predictions of this process, in milliseconds. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def note(self, strategy: str, took_ms: float) -> None:
        """Take in what one run took."""
        with self._lock:
            known = self._known.get(strategy)
            if known is None:
                # One run says little of the next: not yet the half that RFC 6298 begins with.
                self._known[strategy] = (took_ms, 0.0)
                return
            mean, deviation = known
            deviation += _DEVIATION_GAIN * (abs(took_ms - mean) - deviation)
            self._known[strategy] = (mean + _MEAN_GAIN * (took_ms - mean), deviation)

    def predicted_ms(self, strategy: str) -> float:
        """What the next run may take; 0 while nothing is known."""
        with self._lock:
            mean, deviation = self._known.get(strategy, (0.0, 0.0))
        return mean + _DEVIATIONS * deviation
