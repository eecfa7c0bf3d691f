"""The stations at which a query meets the world, as one value: to know, sift, draw and hydrate.

Everything between them is ours and pure, so whoever brings other stations (a recording of what the
node answered) runs the very code that serves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from bandit_service.choosing import Choosing
from bandit_service.collaborators import Services
from bandit_service.drawing import Drawing
from bandit_service.knowing import Knowing
from bandit_service.lanes import Lanes
from bandit_service.page import Question
from plugin.hydration import NOTHING, Extras, Hydrated, hydrate
from plugin.model import Clause, Decision, Query, Retrieved
from plugin.relations import relations_of
from plugin.retrieval import retrieve
from plugin.rewriting import Eligible
from plugin.strategies import Strategy

Know = Callable[[Question, list[str]], Query]
"""Question → query; what failed is added to the list."""

Draw = Callable[[Query, Decision, Sequence[Strategy], list[str]], list[Retrieved]]
"""What the decision's strategies bring, of those that are eligible; as :class:`Drawing` does."""


Sift = Callable[[Eligible, list[str]], Eligible]
"""Of what a query can be given to: what works. What is left out so is added to the list."""


def nothing_fails(fitting: Eligible, _trouble: list[str]) -> Eligible:
    """Everything works, in a recording for example."""
    return fitting


class Hydrate(Protocol):
    """Reads what is known of ids; as :func:`plugin.hydration.hydrate` does."""

    def __call__(
        self,
        ids: Sequence[str],
        filters: Sequence[Clause],
        *,
        show: Sequence[str],
        extras: Extras = NOTHING,
    ) -> Hydrated:
        """What is known of ``ids``, and what is displayed of ``show``."""
        ...


@dataclass(frozen=True, slots=True)
class Outside:
    """The stations. Safe to share between threads."""

    know: Know
    draw: Draw
    hydrate: Hydrate
    sift: Sift = nothing_fails


def on_node(services: Services, choosing: Choosing) -> Outside:
    """The stations of production: the encoder, and OpenSearch."""
    knowing = Knowing(services.encoder, services.lookups, services.clock, services.read)
    lanes = Lanes(
        partial(retrieve, services.cluster),
        services.costs,
        services.breakers,
        budget_s=services.budget_s,
    )
    drawing = Drawing(
        lanes,
        services.cluster.name,
        services.schema.type,
        choosing,
        services.blender,
        relations_of(services.cluster, services.schema, services.budget_s),
    )
    hydrating = partial(hydrate, services.cluster, services.schema, timeout_s=services.budget_s)
    return Outside(knowing.query, drawing.draw, hydrating, services.breakers.sift)
