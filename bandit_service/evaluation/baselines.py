"""What learning is compared with: blends that do not learn, tuned as well as judgments allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bandit_service.evaluation.blend_table import BlendTable, blend_table
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.recordings import Recording
from bandit_service.evaluation.tuning import Static, singles, tune, tune_subset, uniform


@dataclass(frozen=True, slots=True)
class Tuned:
    """Static blends over ``strategies`` for one kind of query, tuned on training judgments.

    ``trained`` uses all strategies, ``pair`` and ``triple`` the best two and three; ``single`` is
    the best one alone.
    """

    strategies: tuple[str, ...]
    trained: Static
    single: Static
    pair: Static
    triple: Static


@dataclass(frozen=True, slots=True)
class Bars:
    """nDCG@10 of the baselines on one kind of judged queries. ``hindsight`` was tuned on these
    very queries, which nobody could do."""

    queries: int
    hindsight: float
    trained: float
    uniform: float
    single: float
    pair: float
    triple: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "queries": self.queries,
            "static_in_hindsight": round(self.hindsight, 4),
            "static_trained": round(self.trained, 4),
            "uniform": round(self.uniform, 4),
            "best_single": round(self.single, 4),
            "best_pair": round(self.pair, 4),
            "best_triple": round(self.triple, 4),
        }


def by_kind(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Queries by kind, in the order of names."""
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        kinds[one.kind].append(one)
    return dict(sorted(kinds.items()))


def tune_on(
    recording: Recording, judged: Sequence[Judged], strategies: Sequence[str]
) -> Mapping[str, Tuned]:
    """The static blends of each kind of ``judged``."""
    tuned = {}
    for kind, queries in by_kind(judged).items():
        table = blend_table(recording, queries, strategies)
        tuned[kind] = Tuned(
            tuple(strategies),
            tune(table),
            max(singles(table).values(), key=lambda one: one.tuned),
            tune_subset(table, 2),
            tune_subset(table, 3),
        )
    return tuned


def measure(recording: Recording, judged: Sequence[Judged], tuned: Tuned) -> Bars:
    """How the blends of ``tuned`` do on ``judged``, all of one kind."""
    table: BlendTable = blend_table(recording, judged, tuned.strategies)
    return Bars(
        queries=len(judged),
        hindsight=tune(table).tuned,
        trained=tuned.trained.ndcg(table),
        uniform=uniform(table).tuned,
        single=tuned.single.ndcg(table),
        pair=tuned.pair.ndcg(table),
        triple=tuned.triple.ndcg(table),
    )
