"""Retrieve within the budget: a fast lane, and a slow one that nobody waits for any longer.

One msearch is as slow as its slowest search, and OpenSearch does not keep short time-outs. So what
is predicted to be late travels alone, beside the others, and is abandoned when the budget is used
up. And where the fast lane is late all the same, each of its strategies is asked alone with what is
left: whoever answers makes the page, and it is known who does not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any, Protocol

from bandit_service.breakers import Breakers
from bandit_service.costs import Costs
from plugin.errors import NodeLate, NodeUnavailable
from plugin.model import Choice, Clause, Retrieved

FAST_SHARE = 0.6
"""The share of the budget that the fast lane may use; the rest is for asking one by one."""

SLOW_THREADS = 64
"""Requests that may be under way in the slow lane; more wait, and are late. Enough for a few pages
whose strategies all hang at once: among them may be one that works."""

LATE = "late: abandoned at the budget"

Lines = Sequence[Mapping[str, Any]]


class Ask(Protocol):
    """Carries out lines in one request: :func:`plugin.retrieval.retrieve` on a cluster."""

    def __call__(
        self,
        lines: Lines,
        choices: Sequence[Choice],
        *,
        filters: Sequence[Clause],
        timeout_s: float,
    ) -> list[Retrieved]: ...


class Lanes:
    """Asks strategies, and learns what they cost and whether they work. Shared by threads."""

    def __init__(
        self,
        ask: Ask,
        costs: Costs,
        breakers: Breakers,
        *,
        budget_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._costs = costs
        self.breakers = breakers
        self._budget_s = budget_s
        self._clock = clock
        self._pool = ThreadPoolExecutor(SLOW_THREADS, thread_name_prefix="ltrr-slow-lane")

    def retrieve(
        self, lines: Lines, choices: Sequence[Choice], filters: Sequence[Clause] = ()
    ) -> list[Retrieved]:
        """One result per choice, in order; ``lines`` are two per choice.

        Raises:
            NodeUnavailable: OpenSearch does not answer.
            NodeLate: no strategy answered within the budget.
            MissingIndex: as :func:`plugin.retrieval.retrieve`.
        """
        if not choices:
            return []
        deadline = self._clock() + self._budget_s
        parts = {
            choice.strategy: (lines[2 * at : 2 * at + 2], choice)
            for at, choice in enumerate(choices)
        }
        slow = [name for name in parts if self._is_slow(name)]
        fast = [name for name in parts if name not in slow]
        alone = {name: self._start(*parts[name], filters) for name in slow}
        results: dict[str, Retrieved] = {}
        try:
            results = self._together([parts[name] for name in fast], filters)
        except NodeLate:
            alone |= {name: self._start(*parts[name], filters) for name in fast}
        lost: dict[str, NodeUnavailable] = {}
        for name, future in alone.items():
            try:
                (results[name],) = future.result(max(0.0, deadline - self._clock()))
            except NotYet:
                lost[name] = NodeLate(f"{name} did not answer within the budget")
            except NodeUnavailable as error:
                lost[name] = error
        if lost and not results:
            # Nobody's fault in particular: the node does not answer.
            raise next(iter(lost.values()))
        for name in lost:
            self._note_lost(name)
            results[name] = Retrieved(name, error=LATE)
        for result in results.values():
            self.breakers.note(result)
        return [results[choice.strategy] for choice in choices]

    def blame(self, choices: Sequence[Choice]) -> None:
        """All of these were late together, and others then answered: so it was not the node."""
        for choice in choices:
            self._note_lost(choice.strategy)
            self.breakers.note(Retrieved(choice.strategy, error=LATE))

    def try_out(self, lines: Lines, choice: Choice, filters: Sequence[Clause] = ()) -> None:
        """Run one strategy beside everything else, only to see whether it works again."""

        def ended(future: Future[list[Retrieved]]) -> None:
            error = future.exception()
            self.breakers.note(
                Retrieved(choice.strategy, error=str(error)) if error else future.result()[0]
            )

        self._start(lines, choice, filters).add_done_callback(ended)

    def _is_slow(self, strategy: str) -> bool:
        return self._costs.predicted_ms(strategy) > self._budget_s * FAST_SHARE * 1000

    def _together(
        self, parts: Sequence[tuple[Lines, Choice]], filters: Sequence[Clause]
    ) -> dict[str, Retrieved]:
        if not parts:
            return {}
        answered = self._ask(
            [line for lines, _ in parts for line in lines],
            [choice for _, choice in parts],
            filters=filters,
            timeout_s=self._budget_s * FAST_SHARE,
        )
        for result in answered:
            self._costs.note(result.strategy, result.took_ms)
        return {result.strategy: result for result in answered}

    def _start(
        self, lines: Lines, choice: Choice, filters: Sequence[Clause]
    ) -> Future[list[Retrieved]]:
        def run() -> list[Retrieved]:
            # Longer than anybody waits: one that is quicker again is known by it.
            answered = self._ask(lines, [choice], filters=filters, timeout_s=2 * self._budget_s)
            self._costs.note(choice.strategy, answered[0].took_ms)
            return answered

        return self._pool.submit(run)

    def _note_lost(self, strategy: str) -> None:
        self._costs.note(strategy, 2 * self._budget_s * 1000)
