"""One world of simulated sessions: what serves, what is learnt, and how the two hang together.

The stations of a query, feedback, the entries of the journal and the fold over them are those of
production; only the node is a recording, and the journal is memory. What is learnt serves at once:
production publishes within seconds, and between two sessions here more than that goes by.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import numpy as np

from bandit_service.adapter.pairs import Pairs
from bandit_service.choosing import Choosing
from bandit_service.collaborators import Services
from bandit_service.evaluation.catalogue import Catalogue
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.journal import MemoryJournal
from bandit_service.evaluation.loop.memory_index import MemoryIndex
from bandit_service.evaluation.loop.people import People
from bandit_service.evaluation.loop.recorded import Nearest, RecordedStations, vectors_by_key
from bandit_service.evaluation.loop.trained import Trained
from bandit_service.evaluation.ndcg import ndcg
from bandit_service.evaluation.recordings import Recording
from bandit_service.features import featurise
from bandit_service.features.basis import FEWEST, Basis
from bandit_service.feedback import Event, Feedback
from bandit_service.history import History
from bandit_service.journal.controls import Order
from bandit_service.journal.entries import control_entry
from bandit_service.learner.fold import Rules, fold
from bandit_service.learner.gating import PolicyGate
from bandit_service.learner.state import State
from bandit_service.outside import Outside
from bandit_service.page import Answer, Question
from bandit_service.policies.base import Policy
from bandit_service.ranking.promoted import Lineup
from bandit_service.ranking.training import Schedule
from bandit_service.recent import Recent
from bandit_service.search import Search
from bandit_service.session_evidence import SessionEvidence
from plugin.assets.page import PageSettings
from plugin.assets.schema import Schema
from plugin.blending.base import Blender
from plugin.cluster import Cluster
from plugin.errors import BrokenState
from plugin.filters import Filters
from plugin.model import Decision, Query
from plugin.strategies import Strategy

PAGE: Final = 10
BEGIN: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
PAUSE: Final = timedelta(seconds=20)
"""Between two sessions."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a world is made of: recorded queries with their judgments, the entities, and what was
    ``predicted`` that people would ask for them."""

    recording: Recording
    catalogue: Catalogue
    judged: Sequence[Judged]
    predicted: Pairs | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """Production's parts of a world. ``sessions``: how many distinct ones make memory public;
    ``candidates``: how many a query draws in all; ``ranking``: how rankers are fitted and promoted,
    None for not at all."""

    strategies: tuple[Strategy, ...]
    schema: Schema
    page: PageSettings
    blender: Blender
    new_policy: Callable[[], Policy]
    rules: Rules
    sessions: int
    candidates: int
    ranking: Schedule | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """What came of one session: nDCG@10 of its page, its decision, and the chosen positions."""

    ndcg: float
    decision: Decision
    chosen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Served:
    version: str
    policy: Policy


class World:
    """Sessions come one after another. The same ``name`` and sessions, the same everything."""

    def __init__(self, name: str, recorded: Recorded, parts: Parts, people: People) -> None:
        self._name = name
        self.recorded = recorded
        self._rules = parts.rules
        self._people = people
        self._now = BEGIN
        self._sessions = 0
        self._orders = 0
        self._verdicts: list[Order] = []
        self._gate = PolicyGate(self._verdicts.append, (parts.ranking or Schedule()).margin)
        self._state = State(parts.new_policy())
        self._asked: dict[str, tuple[float, ...]] = {}
        self._basis: Basis | None = None
        vectors = vectors_by_key(recorded.recording, recorded.judged)
        self.memory = MemoryIndex(vectors, sessions=parts.sessions)
        self._trained = Trained(
            parts.ranking, parts.rules, vectors, recorded.catalogue, recorded.predicted
        )
        nearest = Nearest(self._trained.adapter, recorded.catalogue)
        self._stations = RecordedStations(
            recorded.recording, recorded.judged, self.memory, nearest, lambda: self._now
        )
        self._journal = MemoryJournal(name)
        self._services = Services(
            # Everything that would ask a cluster is among the recorded stations.
            cluster=cast(Cluster, None),
            schema=parts.schema,
            strategies=parts.strategies,
            filters=Filters({}, parts.schema.type),
            encoder=None,
            featurise=self._featurise,
            before=self.memory.before,
            snapshots=self,
            blender=parts.blender,
            rankers=self._trained.rankers,
            journal=self._journal,
            evidence=SessionEvidence(parts.rules.grades),
            secret="",
            candidates=parts.candidates,
            clock=lambda: self._now,
            page=parts.page,
        )
        self._history = History(self._journal)
        self._search = self._searching()
        self._feedback = Feedback(self._services, self._history)

    @property
    def state(self) -> State:
        """What is learnt."""
        return self._state

    @property
    def lineup(self) -> Lineup:
        """Who orders pages now."""
        return self._trained.rankers()

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """Those that there are now."""
        return self._services.strategies

    def current(self) -> _Served:
        """See :class:`bandit_service.collaborators.Snapshots`."""
        return _Served(self._state.version, self._state.policy)

    def history(self) -> Sequence[Mapping[str, Any]]:
        """See :class:`bandit_service.collaborators.Snapshots`."""
        return ()

    def session(self, judged: Judged, people: People | None = None) -> Session:
        """Somebody new asks ``judged``, chooses by its judgments, and it is learnt from."""
        self._sessions += 1
        self._now += PAUSE
        who = f"{self._name}-s{self._sessions}"
        answer = _whole(self._search.answer(_question(judged, session=who)))
        self._note(answer.query)
        shown = _ids(answer)
        dice = random.Random(f"{who} chooses")  # noqa: S311 - simulated people
        chosen = (people or self._people).choose(shown, judged.grades, dice)
        self._now += PAUSE / 2
        self._feedback.take(
            [
                Event(answer.query_id, shown[at - 1], "click", position=at, session=who)
                for at in chosen
            ]
        )
        self._learn()
        self._train()
        self.memory.follow(self._state.memory)
        assert answer.decision is not None  # noqa: S101 - first pages have one
        return Session(ndcg(shown, judged.grades), answer.decision, tuple(chosen))

    def _learn(self) -> None:
        for placed in self._journal.take():
            fold(self._state, placed, self._rules)
            self._trained.take(placed)

    def _train(self) -> None:
        """What is ordered comes back by the journal, as in production."""
        self._gate.judge(self._state.policy)
        orders: list[Order] = [*self._trained.orders(), *self._verdicts]
        self._verdicts.clear()
        for body in orders:
            self._orders += 1
            name, rest = body["name"], {key: one for key, one in body.items() if key != "name"}
            number = f"{self._name}-{self._orders}"
            self._journal.append(control_entry(number, "memory", self._now, name, rest))
        if orders:
            self._learn()
            self._trained.follow(self._state.models.served)

    def score(
        self, judged: Sequence[Judged], policy: Policy, *, without: Collection[str] = ()
    ) -> list[float]:
        """nDCG@10 of each of ``judged`` if it were asked now by somebody new, with ``policy``
        deciding over all that is learnt, ``without`` some strategies. Nothing is learnt from it."""
        answers = self.ask(judged, policy, without=without)
        return [ndcg(_ids(answer), one.grades) for one, answer in zip(judged, answers, strict=True)]

    def ask(
        self, judged: Sequence[Judged], policy: Policy, *, without: Collection[str] = ()
    ) -> list[Answer]:
        """The pages of :meth:`score`."""
        journal = MemoryJournal(f"{self._name}-looked-at")
        services = replace(
            self._services,
            snapshots=_Always(policy),
            # Interleaving explores.
            rankers=lambda: replace(self._trained.rankers(), share=0.0),
            journal=journal,
            strategies=tuple(one for one in self.strategies if one.name not in without),
        )
        search = Search(services, History(journal), Recent(), self._outside(services))
        return [_whole(search.answer(replace(_question(one), learn=False))) for one in judged]

    def break_strategy(self, name: str) -> None:
        """From now on a strategy brings what was recorded for other queries."""
        self._stations.broken.add(name)

    def admit(self, strategies: tuple[Strategy, ...]) -> None:
        """From now on these are the strategies, new ones among them."""
        self._services = replace(self._services, strategies=strategies)
        self._search = self._searching()

    def _searching(self) -> Search:
        return Search(self._services, self._history, Recent(), self._outside(self._services))

    def _outside(self, services: Services) -> Outside:
        choosing = Choosing(
            services.strategies,
            services.featurise,
            services.snapshots,
            candidates=services.candidates,
        )
        draw = self._stations.drawing(choosing)
        return Outside(self._stations.know, draw, self.recorded.catalogue.hydrate)

    def _featurise(self, query: Query) -> Mapping[str, float]:
        remembered = self.memory.remembered(query)
        return featurise(
            query,
            memory_hit=remembered.confidence is not None,
            memory_confidence=remembered.confidence or 0.0,
            asked=remembered.asked,
            nearest=remembered.nearest,
            reduced=self._basis.reduce(query.vector) if self._basis is not None else (),
        )

    def _note(self, query: Query | None) -> None:
        """Fit the query basis once as many distinct queries were asked as production waits for."""
        if self._basis is not None or query is None or query.vector is None:
            return
        self._asked[query.memory_key] = query.vector
        if len(self._asked) == FEWEST:
            self._basis = Basis.fit(np.asarray(list(self._asked.values())))


@dataclass(frozen=True, slots=True)
class _Always:
    """Snapshots that are all the same policy."""

    policy: Policy

    def current(self) -> _Served:
        return _Served("looked at", self.policy)

    def history(self) -> Sequence[Mapping[str, Any]]:
        return ()


def _whole(answer: Answer) -> Answer:
    """``answer``, if nothing failed on its way: what serves hides from people must not be measured
    as if it were what was learnt. Raises BrokenState."""
    if answer.degraded:
        raise BrokenState(f"{', '.join(answer.degraded)} failed for {answer.text!r}: see the log")
    return answer


def _question(judged: Judged, session: str | None = None) -> Question:
    """As the ranking is to be measured, not how it is arranged: judgments name one of several
    near-duplicates, and know nothing of diversity."""
    return Question(judged.text, session=session, size=PAGE, collapse=False, diversity=0.0)


def _ids(answer: Answer) -> list[str]:
    return [hit.candidate.id for hit in answer.shown]
