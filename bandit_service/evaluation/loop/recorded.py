"""The stations outside, from recordings and from what is learnt: nobody is asked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bandit_service.choosing import Choosing
from bandit_service.evaluation.catalogue import Catalogue
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.memory_index import MemoryIndex, Raw, best
from bandit_service.evaluation.recordings import DEPTH, Recorded, Recording
from bandit_service.page import Question
from plugin.model import Choice, Decision, Hit, Query, Retrieved
from plugin.retrieval import merged
from plugin.strategies import Strategy

_KEPT: Final = 2_000


class Nearest:
    """The entities nearest to an adapted vector, all compared: as ``adapted_dense`` finds them, and
    with its scores (Lucene's for a cosine: half of 1 + cosine)."""

    def __init__(self, adapt: Callable[[Query], Query], catalogue: Catalogue) -> None:
        self.adapt = adapt
        self._catalogue = catalogue
        # Most queries come again: what was found of the latest vectors.
        self._near = lru_cache(_KEPT)(self._compare)

    def __call__(self, query: Query) -> list[Raw]:
        """The best, best first; none without an adapted vector."""
        return self._near(query.adapted_vector) if query.adapted_vector is not None else []

    def _compare(self, vector: tuple[float, ...]) -> list[Raw]:
        scores = (1 + self._catalogue.vectors @ np.asarray(vector, np.float32)) / 2
        best = np.argsort(-scores, kind="stable")[:DEPTH]
        return [{"_id": self._catalogue.ids[at], "_score": float(scores[at])} for at in best]


class RecordedStations:
    """Knows queries by their text and draws what was recorded of them.

    What people taught is added to it: see :class:`.memory_index.MemoryIndex`. ``broken`` strategies
    bring what others ask for: for drills.
    """

    def __init__(
        self,
        recording: Recording,
        judged: Iterable[Judged],
        memory: MemoryIndex,
        nearest: Nearest,
        clock: Callable[[], datetime],
    ) -> None:
        self._recording = recording
        self._ids = {one.text: one.id for one in judged}
        self._texts = sorted(self._ids)
        self.broken: set[str] = set()
        self._memory = memory
        self._clock = clock
        self._learnt: Mapping[str, Callable[[Query], Iterable[Raw]]] = {
            "memory": memory.same,
            "memory_text": memory.alike,
            "semantic_memory": memory.near,
            "adapted_dense": nearest,
        }
        self._adapt = nearest.adapt

    def know(self, question: Question, trouble: list[str]) -> Query:
        """The query as it was read when it was recorded, asked now by whoever asks."""
        recorded = self._of(question.text)
        return replace(
            self._adapt(recorded.query),
            now=self._clock(),
            user=question.user,
            session=question.session,
            # Recordings hold what was found by these, not them themselves.
            sparse={"recorded": 1.0} if "sparse" in recorded.eligible else {},
            graph_vector=(1.0,) if "graph" in recorded.eligible else None,
        )

    def drawing(self, choosing: Choosing) -> Callable[..., list[Retrieved]]:
        """The station that draws; as :meth:`bandit_service.drawing.Drawing.draw` it asks the others
        where what was chosen brings nothing."""

        def draw(
            query: Query,
            decision: Decision,
            strategies: Sequence[Strategy],
            trouble: list[str],  # noqa: ARG001
        ) -> list[Retrieved]:
            retrieved = [self._bring(query, choice) for choice in decision.included]
            if any(result.hits for result in retrieved):
                return retrieved
            tried = {choice.strategy for choice in decision.included}
            others = [one for one in strategies if one.name not in tried]
            if others:
                second = choosing.uniform(others)
                retrieved += [self._bring(query, choice) for choice in second.included]
            return retrieved

        return draw

    def _bring(self, query: Query, choice: Choice) -> Retrieved:
        name, most = choice.strategy, choice.candidates
        text = self._another(query.text) if name in self.broken else query.text
        recorded = self._recording.brought(self._ids[text], name, most)
        learnt = self._learnt.get(name)
        if learnt is None:
            return recorded
        own = [{"_id": hit.id, "_score": hit.score} for hit in recorded.hits]
        hits = best([*own, *learnt(query)], most)
        return Retrieved(name, tuple(Hit(one.id, one.score) for one in merged(hits, most)))

    def _another(self, text: str) -> str:
        place = bisect_left(self._texts, text) + len(self._texts) // 2
        return self._texts[place % len(self._texts)]

    def _of(self, text: str) -> Recorded:
        return self._recording.query(self._ids[text])


def vectors_by_key(
    recording: Recording, judged: Iterable[Judged]
) -> dict[str, NDArray[np.float32]]:
    """The vectors of the queries' own texts, by memory key."""
    found = {}
    for one in judged:
        query = recording.query(one.id).query
        if query.vector is not None and query.memory_key:
            found[query.memory_key] = np.asarray(query.vector, np.float32)
    return found
