"""How the strategies did lately, in this process: for operators and the console."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bandit_service.features.strategies import lately
from plugin.model import Decision, Retrieved

QUERIES = 500


@dataclass(frozen=True, slots=True)
class Figures:
    """One strategy over the last queries that it was eligible for; None where there were none.

    ``ran`` is how often it ran (0..1), ``value`` its mean value, ``share`` its mean say in the
    blend over all those queries and ``weight`` over those in which it ran, ``cost_ms`` its mean
    time in OpenSearch and ``failures`` how many of its runs failed.
    """

    queries: int = 0
    ran: float | None = None
    share: float | None = None
    value: float | None = None
    weight: float | None = None
    cost_ms: float | None = None
    failures: int = 0


@dataclass(slots=True)
class _Runs:
    """Sums over runs that did not fail; whole numbers, so that what leaves takes all of it away."""

    count: int = 0
    took_us: int = 0
    empty: int = 0


class Recent:
    """Counts over the last 500 queries. Safe to share between threads."""

    def __init__(self) -> None:
        self._queries: deque[tuple[Decision, Mapping[str, Retrieved]]] = deque()
        self._lock = threading.Lock()
        self._runs: defaultdict[str, _Runs] = defaultdict(_Runs)

    def note(self, decision: Decision, retrieved: Iterable[Retrieved]) -> None:
        """Take in what one query decided and got."""
        by_name = {result.strategy: result for result in retrieved}
        with self._lock:
            self._queries.append((decision, by_name))
            self._count(by_name, 1)
            if len(self._queries) > QUERIES:
                self._count(self._queries.popleft()[1], -1)

    def lately(self) -> Mapping[str, Mapping[str, float]]:
        """Features of how each strategy did in its last runs, for the policy; see
        :func:`bandit_service.features.strategies.lately`."""
        with self._lock:
            return {
                name: lately(runs.took_us / runs.count / 1000, runs.empty / runs.count)
                for name, runs in self._runs.items()
                if runs.count
            }

    def _count(self, results: Mapping[str, Retrieved], by: int) -> None:
        for name, run in results.items():
            if run.error is None:
                runs = self._runs[name]
                runs.count += by
                runs.took_us += by * round(1000 * run.took_ms)
                runs.empty += by * (not run.hits)

    def figures(self, strategy: str) -> Figures:
        """The figures of one strategy."""
        with self._lock:
            queries = list(self._queries)
        choices = [
            choice
            for decision, _ in queries
            for choice in decision.choices
            if choice.strategy == strategy
        ]
        runs = [results[strategy] for _, results in queries if strategy in results]
        if not choices:
            return Figures()
        included = [choice for choice in choices if choice.included]
        return Figures(
            queries=len(choices),
            ran=len(included) / len(choices),
            share=_mean(choice.weight for choice in choices),
            value=_mean(choice.value for choice in choices),
            weight=_mean(choice.weight for choice in included) if included else None,
            cost_ms=_mean(run.took_ms for run in runs) if runs else None,
            failures=sum(run.error is not None for run in runs),
        )


def _mean(values: Iterable[float]) -> float:
    given = list(values)
    return sum(given) / len(given)
