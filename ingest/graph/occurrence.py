"""What occurs together, as edges between entities: pure, from what was read of the indexes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

MOST_OF_A_USER = 16
"""Of what a user chose: who chooses everything says nothing of what goes together."""


@dataclass(slots=True)
class Graph:
    """``nodes`` begin with the entities; behind them come ``hubs``, which only connect."""

    nodes: list[str]
    hubs: int = 0
    edges: dict[tuple[int, int], float] = field(default_factory=dict)

    def connect(self, one: int, other: int, weight: float) -> None:
        """Add an edge, or its weight to the one that is there."""
        if one != other and weight > 0:
            pair = (min(one, other), max(one, other))
            self.edges[pair] = self.edges.get(pair, 0.0) + weight


def graph_of(
    related: Mapping[str, Any],
    memories: Mapping[str, Iterable[tuple[str, float]]],
    users: Iterable[Iterable[tuple[str, float]]],
    *,
    sessions: int,
) -> Graph:
    """The graph of all entities.

    ``related``: entity → relation → ids, as it was ingested; an edge of weight 1 for each pair,
    however often it is named. ``memories``: past query → entities with scores in 0..1; a hub for
    each query. ``users``: of each one the entities with weights; an edge between two that at least
    ``sessions`` users chose both, of the cosine of who chose them: fewer would give people away.
    """
    graph = Graph(sorted(related))
    places = {entity: place for place, entity in enumerate(graph.nodes)}
    for entity in graph.nodes:
        for other in {str(one) for one in _ids(related[entity])} & places.keys():
            pair = (places[entity], places[other])
            if (min(pair), max(pair)) not in graph.edges:
                graph.connect(*pair, 1.0)
    for query in sorted(memories):
        known = [(places[id], score) for id, score in memories[query] if id in places]
        if len(known) > 1:
            hub = len(graph.nodes)
            graph.nodes.append(f"query {query}")
            graph.hubs += 1
            for place, score in known:
                graph.connect(place, hub, score)
    chosen = [[places[id] for id in _strongest(user) if id in places] for user in users]
    for left, right, weight in _together(chosen, len(places), sessions):
        graph.connect(left, right, weight)
    return graph


def _ids(relations: Any) -> Iterable[Any]:
    """Everything that a ``related`` field names: relation → an id or a list of ids."""
    for ids in relations.values() if isinstance(relations, Mapping) else ():
        yield from ids if isinstance(ids, list) else [ids]


def _strongest(user: Iterable[tuple[str, float]]) -> list[str]:
    liked = sorted((-weight, id) for id, weight in user if weight > 0)
    return [id for _, id in liked[:MOST_OF_A_USER]]


def _together(
    chosen: Sequence[Sequence[int]], entities: int, sessions: int
) -> Iterable[tuple[int, int, float]]:
    rows = [row for row, user in enumerate(chosen) for _ in user]
    columns = [place for user in chosen for place in user]
    shape = (len(chosen), entities)
    who = sparse.csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)
    both = sparse.triu(who.T @ who, k=1).tocoo()
    each = np.asarray(who.sum(axis=0)).ravel()
    for one, other, count in zip(both.row, both.col, both.data, strict=True):
        if count >= sessions:
            yield int(one), int(other), float(count / np.sqrt(each[one] * each[other]))
