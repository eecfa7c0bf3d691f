"""A circuit breaker for each strategy: one that keeps failing is left alone for a while.

*Closed*, it is used. It opens when it failed several times in a row, or for half of the last runs.
*Open*, it is not eligible: logged, not counted against it. After a while it is *half open*: a
single trial runs beside somebody's query, which does not wait for it; if that works the circuit
closes, else it stays open for twice as long. (Nygard, Release It!, chapter "Stability Patterns".)
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from plugin.model import Retrieved
from plugin.rewriting import Eligible
from plugin.strategies import Strategy

State = Literal["closed", "open", "half_open"]

LEFT_OUT = "its circuit is open: it failed again and again"


@dataclass(frozen=True, slots=True)
class Limits:
    """When circuits open: after ``in_a_row`` failures, or ``rate`` of the last ``runs`` failed.

    An open one waits ``wait_s`` seconds for its trial, at most ``longest_wait_s`` after many.
    """

    in_a_row: int = 5
    rate: float = 0.5
    runs: int = 20
    wait_s: float = 5.0
    longest_wait_s: float = 60.0


@dataclass(slots=True)
class _Circuit:
    last: deque[bool]
    wait_s: float
    in_a_row: int = 0
    opened_at: float | None = None
    trying: bool = field(default=False)


class Breakers:
    """The circuits of this process. Safe to share between threads."""

    def __init__(
        self, limits: Limits = Limits(), *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._circuits: dict[str, _Circuit] = {}
        self._lock = threading.Lock()

    def state(self, strategy: str) -> State:
        """How the circuit of ``strategy`` is now."""
        with self._lock:
            circuit = self._circuits.get(strategy)
            if circuit is None or circuit.opened_at is None:
                return "closed"
            return "half_open" if circuit.trying or self._due(circuit) else "open"

    def sift(self, fitting: Eligible, trouble: list[str]) -> Eligible:
        """``fitting`` without what has an open circuit, which is told in ``trouble``.

        Where all have one, all are asked: a page by what fails mostly is better than none.
        """
        closed = tuple(one for one in fitting.strategies if self.state(one.name) == "closed")
        if not closed or len(closed) == len(fitting.strategies):
            return fitting
        open_ones = [one.name for one in fitting.strategies if one not in closed]
        trouble += [f"{name}: {LEFT_OUT}" for name in open_ones]
        return Eligible(closed, {**fitting.left_out, **dict.fromkeys(open_ones, LEFT_OUT)})

    def trial(self, strategies: Iterable[Strategy]) -> Strategy | None:
        """One of ``strategies`` whose trial is due, given out once; its result must be noted."""
        with self._lock:
            for strategy in strategies:
                circuit = self._circuits.get(strategy.name)
                if circuit and not circuit.trying and self._due(circuit):
                    circuit.trying = True
                    return strategy
        return None

    def note(self, result: Retrieved) -> None:
        """Take in how one run of a strategy went. One that brought something did work."""
        worked = not result.error or bool(result.hits)
        with self._lock:
            circuit = self._circuits.setdefault(
                result.strategy, _Circuit(deque(maxlen=self._limits.runs), self._limits.wait_s)
            )
            if circuit.opened_at is not None:
                self._after_opening(circuit, worked)
                return
            circuit.last.append(worked)
            circuit.in_a_row = 0 if worked else circuit.in_a_row + 1
            if not worked and self._too_bad(circuit):
                circuit.opened_at = self._clock()

    def _after_opening(self, circuit: _Circuit, worked: bool) -> None:
        if worked:
            circuit.opened_at, circuit.in_a_row, circuit.trying = None, 0, False
            circuit.wait_s = self._limits.wait_s
            circuit.last.clear()
        elif circuit.trying:
            circuit.trying = False
            circuit.opened_at = self._clock()
            circuit.wait_s = min(2 * circuit.wait_s, self._limits.longest_wait_s)

    def _too_bad(self, circuit: _Circuit) -> bool:
        if circuit.in_a_row >= self._limits.in_a_row:
            return True
        failed = circuit.last.count(False)
        return len(circuit.last) == self._limits.runs and failed >= self._limits.rate * len(
            circuit.last
        )

    def _due(self, circuit: _Circuit) -> bool:
        opened = circuit.opened_at
        return opened is not None and self._clock() - opened >= circuit.wait_s
