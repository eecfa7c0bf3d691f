"""A query's candidates as a ranker gets them, with features computed once; and what every ranker
keeps to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from bandit_service.ranking.base import RankingContext
from bandit_service.ranking.features import Numbers, Table, table
from plugin.hydration import RANKED
from plugin.model import Candidate


class Pool:
    """``candidates`` in the blend's order, and what may be known besides. For one query and one
    thread."""

    def __init__(self, candidates: Sequence[Candidate], context: RankingContext) -> None:
        self.candidates = candidates
        self.context = context

    @property
    def best(self) -> Sequence[Candidate]:
        """Those that models see: nothing was read of the others."""
        return self.candidates[:RANKED]

    @cached_property
    def table(self) -> Table:
        """The features of the best. Raises InvalidRequest as :func:`.features.table`."""
        return table(self.best, self.context)

    @cached_property
    def blend(self) -> Numbers:
        """The blended scores of all candidates, the highest being 1."""
        scores = np.array([candidate.score for candidate in self.candidates], float)
        top = scores.max(initial=0.0)
        return scores / top if top > 0 else scores


class Ranker(Protocol):
    """Scores candidates; higher is better, and only the order of a query's scores means something.

    ``version`` is written into the journal with every page.
    """

    version: str

    def rank(self, pool: Pool) -> Sequence[float]:
        """One finite score per candidate, in their order."""
        ...

    def explain(self, pool: Pool) -> list[dict[str, float]]:
        """Per candidate what added to its score, by name, the largest first; they sum to it."""
        ...
