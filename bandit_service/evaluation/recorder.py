"""Recording: ask a real node once what every strategy brings for judged queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bandit_service.breakers import Breakers
from bandit_service.choosing import Choosing
from bandit_service.costs import Costs
from bandit_service.drawing import Drawing
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.recordings import DEPTH, Recording
from bandit_service.knowing import Knowing
from bandit_service.lanes import Lanes
from bandit_service.page import Question
from plugin.assets.schema import Schema
from plugin.blending.base import Blender
from plugin.cluster import Cluster
from plugin.errors import Unavailable
from plugin.model import Choice, Decision, Query, Retrieved
from plugin.relations import relations_of
from plugin.retrieval import retrieve
from plugin.rewriting import eligible
from plugin.strategies import Strategy


class _NothingLearnt:
    def current(self) -> None:
        return None

    def history(self) -> tuple[()]:
        return ()


class Recorder:
    """Draws all eligible strategies for a query, on a namespace where nothing was learnt.

    Those of the second hop start from the best of an equal blend of the first, as they would
    whenever nothing is known of the strategies.
    """

    def __init__(
        self,
        cluster: Cluster,
        strategies: Sequence[Strategy],
        knowing: Knowing,
        blender: Blender,
        schema: Schema,
    ) -> None:
        self._strategies = tuple(strategies)
        self._knowing = knowing
        choosing = Choosing(strategies, lambda _: {}, _NothingLearnt(), candidates=DEPTH)
        lanes = Lanes(partial(retrieve, cluster), Costs(), Breakers(), budget_s=60.0)
        self._drawing = Drawing(
            lanes, cluster.name, schema.type, choosing, blender, relations_of(cluster, schema, 60.0)
        )

    def record(
        self,
        recording: Recording,
        judged: Sequence[Judged],
        *,
        at_once: int = 2,
        progress: Callable[[], None] = lambda: None,
    ) -> int:
        """Add to ``recording`` those of ``judged`` that it lacks; returns how many.

        Raises:
            Unavailable: the node does not answer, or a strategy failed: a recording with holes
                would be measured as if the strategy had found nothing.
        """
        missing = [one for one in judged if one.id not in recording]
        with ThreadPoolExecutor(at_once) as pool:
            for one, (query, retrieved) in zip(missing, pool.map(self.draw, missing), strict=True):
                recording.add(one.id, query, retrieved)
                progress()
        return len(missing)

    def draw(self, judged: Judged) -> tuple[Query, list[Retrieved]]:
        """The query as it is read, and what each eligible strategy brings for it now."""
        trouble: list[str] = []
        query = self._knowing.query(Question(judged.text), trouble)
        fitting = eligible(self._strategies, query).strategies
        if not fitting:
            return query, []
        decision = Decision(
            tuple(Choice(one.name, 0.0, 1.0, True, DEPTH, 1 / len(fitting)) for one in fitting),
            "everything",
            1.0,
            "recording",
        )
        retrieved = self._drawing.draw(query, decision, fitting, trouble)
        if trouble:
            raise Unavailable(f"cannot record what {judged.text!r} brings: {trouble[0]}")
        return query, retrieved
