"""What was seen of each strategy so far, per revision: a changed strategy begins anew."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from bandit_service.features.context import kind_of
from bandit_service.policies.base import REVISION, Eligible, Features
from bandit_service.policies.drift import Watch

MOST: Final = 512
"""Revisions that are remembered, those that were learnt of last."""
FADES: Final = 0.998
"""What a page counts for after one more of its kind and strategy."""
_PRIOR: Final = 20.0
FAMILY: Final = "family="


def revision_key(name: str, features: Features) -> str:
    """Under what a strategy's evidence counts."""
    return _revision_key(name, tuple(features))


@lru_cache(1_000)
def _revision_key(name: str, features: tuple[str, ...]) -> str:
    revision = min([key for key in features if key.startswith(REVISION)], default="")
    return f"{name} {revision}".strip()


def family_of(name: str, features: Features) -> str:
    """The family of a strategy; itself where none is told."""
    return next((key for key in sorted(features) if key.startswith(FAMILY)), name)


def cost_of(features: Features) -> float:
    """What a strategy costs, lexical being 1: its feature ``cost`` is log(1 + cost)/4."""
    return math.expm1(4 * features.get("cost", math.log(2) / 4))


class Evidence:
    """Counts, credit per kind of query, and drift. Plain and deterministic; not safe for threads
    that change it."""

    def __init__(self) -> None:
        self._pages: dict[str, int] = {}
        self._watches: dict[str, Watch] = {}
        # revision → kind of query → [faded sum of credits, faded count]
        self._earned: dict[str, dict[str, list[float]]] = {}

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        """Take in what the strategies in ``credits`` earned on one page."""
        kind = kind_of(context)
        for name in sorted(credits):
            key = revision_key(name, eligible[name])
            # The latest last, so that what goes first is what nobody uses any more.
            self._pages[key] = self._pages.pop(key, 0) + 1
            watch = self._watches.get(key)
            if watch is None:
                watch = self._watches[key] = Watch()
            watch.observe(credits[name])
            earned = self._earned.setdefault(key, {}).setdefault(kind, [0.0, 0.0])
            earned[0] = earned[0] * FADES + credits[name]
            earned[1] = earned[1] * FADES + 1
        while len(self._pages) > MOST:
            oldest = next(iter(self._pages))
            for table in (self._pages, self._watches, self._earned):
                table.pop(oldest, None)

    def seen(self, eligible: Eligible) -> dict[str, int]:
        """Strategy → pages that were learnt of this revision."""
        return {
            name: self._pages.get(revision_key(name, features), 0)
            for name, features in eligible.items()
        }

    def watch(self, name: str, features: Features) -> Watch:
        """What is noticed of a strategy; not to be changed."""
        return self._watches.get(revision_key(name, features)) or Watch()

    def record(self, context: Features, eligible: Eligible) -> dict[str, dict[str, float]]:
        """Features of experience. ``record``: the mean credit for queries of this kind, drawn
        towards 0 by 20 pages; ``age``: 0 for a strategy of which nothing was learnt, towards 1."""
        kind = kind_of(context)
        told = {}
        for name, features in eligible.items():
            key = revision_key(name, features)
            total, count = self._earned.get(key, {}).get(kind, (0.0, 0.0))
            told[name] = {
                "record": total / (count + _PRIOR),
                "age": min(1.0, math.log1p(self._pages.get(key, 0)) / 10),
            }
        return told

    def to_json(self) -> list[Any]:
        """Everything, as plain JSON, in the order of learning."""
        return [
            [key, pages, self._watches[key].to_json(), self._earned[key]]
            for key, pages in self._pages.items()
        ]

    @classmethod
    def from_json(cls, data: Iterable[Any]) -> Evidence:
        """What :meth:`to_json` gave. Raises TypeError or ValueError for anything else."""
        evidence = cls()
        for key, pages, watch, earned in data:
            evidence._pages[str(key)] = int(pages)
            evidence._watches[str(key)] = Watch(*watch)
            evidence._earned[str(key)] = {
                str(kind): [float(total), float(count)]
                for kind, (total, count) in dict(earned).items()
            }
        return evidence


def mean_of(values: Mapping[str, float], seen: Mapping[str, int], names: Iterable[str]) -> float:
    """The mean of ``values`` over ``names``, each weighing what was seen of it; 0 for nothing."""
    names = list(names)
    total = sum(seen[name] for name in names)
    return sum(values[name] * seen[name] for name in names) / total if total else 0.0
