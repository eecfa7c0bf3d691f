"""Show: from a ranked list to the hits of a page, with what they display."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bandit_service.page import Shown
from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.hydration import hydrate
from plugin.model import Candidate, Clause


def slack(size: int) -> int:
    """How many more than a page are read at once, so that what drops out leaves no hole."""
    return max(5, size // 2)


class Showing:
    """Reads what pages display. Safe to share between threads."""

    def __init__(self, cluster: Cluster, schema: Schema, *, budget_s: float) -> None:
        self._cluster = cluster
        self._schema = schema
        self._budget_s = budget_s

    def first(
        self,
        ranked: Sequence[Candidate],
        size: int,
        filters: Sequence[Clause],
        known: Mapping[str, Mapping[str, Any]],
    ) -> tuple[list[Candidate], list[Shown]]:
        """The first page, and the ranked list without what turned out to be gone meanwhile.

        ``known`` are the sources that were read already; others are read only where needed.
        """
        left = list(ranked)
        sources = dict(known)
        while missing := [one.id for one in left[:size] if one.id not in sources]:
            sources |= self._sources(missing, filters)
            gone = set(missing) - sources.keys()
            left = [candidate for candidate in left if candidate.id not in gone]
        return left, [self._hit(candidate, sources[candidate.id]) for candidate in left[:size]]

    def part(self, part: Sequence[Candidate], filters: Sequence[Clause]) -> list[Shown]:
        """A later page: ``part`` of a list, without what is gone or violates the filters."""
        sources = self._sources([candidate.id for candidate in part], filters)
        return [self._hit(one, sources[one.id]) for one in part if one.id in sources]

    def _sources(
        self, ids: Sequence[str], filters: Sequence[Clause]
    ) -> Mapping[str, Mapping[str, Any]]:
        return hydrate(
            self._cluster, self._schema, (), filters, show=ids, timeout_s=self._budget_s
        ).sources

    def _hit(self, candidate: Candidate, source: Mapping[str, Any]) -> Shown:
        return Shown(candidate, str(source.get(self._schema.type, "")), source)
