"""The way of a query, station by station: read this file first.

understand → encode → featurise → choose → journal the decision → rewrite → retrieve → blend →
hydrate → rank → journal the page → answer. Each station lives in a file of its own; this one only
hands the query on, and keeps it going when a station fails.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bandit_service.collaborators import Services
from bandit_service.features import strategy_features
from bandit_service.history import History
from bandit_service.journal.entries import Entry, decision_entry, page_entry
from bandit_service.paging import Ranked, drawn, ranked_of
from bandit_service.policies.static import uniform_decision
from bandit_service.ranking import own_choices
from bandit_service.ranking.base import RankingContext, order
from bandit_service.recent import Recent
from plugin.errors import InvalidRequest, SpoolFull, Unavailable
from plugin.hydration import Hydrated, hydrate
from plugin.model import Candidate, Clause, Decision, Query, Retrieved
from plugin.normalise import memory_key
from plugin.retrieval import retrieve
from plugin.rewriting import Eligible, eligible, rewrite
from plugin.strategies import Strategy

MOST_RANKED = 1000
"""How long a ranked list can be, and so how far one can page."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """A checked request. ``user`` and ``session`` are keyed hashes; ``start`` counts from 0."""

    text: str
    filters: tuple[Clause, ...] = ()
    types: tuple[str, ...] = ()
    user: str | None = None
    session: str | None = None
    locale: str | None = None
    start: int = 0
    size: int = 10
    query_id: str | None = None
    learn: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """One hit of a page: the candidate, its type and its display fields."""

    candidate: Candidate
    type: str
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A page. ``total`` counts the ranked list, ``left_out`` says what was not eligible and why,
    ``degraded`` names what failed on the way (details are in the log and in explain)."""

    query_id: str
    took_ms: float
    total: int
    shown: tuple[Shown, ...]
    decision: Decision | None
    policy_version: str
    text: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()


class Search:
    """Carries queries through all stations. Safe to share between threads."""

    def __init__(self, services: Services, history: History, recent: Recent) -> None:
        self._services = services
        self._history = history
        self._recent = recent
        self._features = {
            strategy.name: strategy_features(strategy) for strategy in services.strategies
        }

    def answer(self, question: Question) -> Answer:
        """The page that ``question`` asks for.

        Raises:
            InvalidRequest: ``start`` is not 0 but the query_id of the first page is missing, or
                it belongs to another text.
            NotFound: the query_id is not ours.
            Unavailable: OpenSearch is not there, or no strategy could answer.
        """
        started = time.perf_counter()
        if question.query_id is not None:
            answer = self._later_page(question, question.query_id)
        elif question.start:
            raise InvalidRequest(
                "from > 0 needs the query_id of the first page: only then can there be no repeats "
                "and no gaps. Ask for from = 0 first."
            )
        else:
            answer = self._first_page(question)
        return replace(answer, took_ms=(time.perf_counter() - started) * 1000)

    def _first_page(self, question: Question) -> Answer:
        services = self._services
        trouble: list[str] = []
        query_id = services.journal.issue()
        index = services.journal.index_of(query_id)

        query = self._understand(question, trouble)
        fitting = eligible(services.strategies, query)
        context, decision = self._choose(query, fitting, query_id, trouble)
        self._journal(
            decision_entry(
                query_id,
                index,
                query,
                decision,
                context,
                learn=question.learn,
                strategies=self._features_of(fitting.strategies),
            ),
            trouble,
        )

        retrieved = self._retrieve(query, decision, fitting, trouble)
        self._recent.note(decision, retrieved)
        weights = {choice.strategy: choice.weight for choice in decision.choices}
        if not any(weights.get(result.strategy) for result in retrieved if result.hits):
            weights = {result.strategy: 1 / len(retrieved) for result in retrieved}
        blended = services.blender.blend(retrieved, weights)

        own = self._own_choices(query)
        candidates = own_choices.join(blended[:MOST_RANKED], own)
        likely = own_choices.lift(candidates, own)[: question.size + slack(question.size)]
        hydrated = hydrate(
            services.cluster,
            services.schema,
            [candidate.id for candidate in candidates],
            query.filters,
            show=[candidate.id for candidate in likely],
            timeout_s=services.budget_s,
        )
        there = [candidate for candidate in candidates if candidate.id in hydrated.present]
        ranked = own_choices.lift(self._rank(there, context, hydrated, trouble), own)
        ranked, shown = self._show(ranked, question.size, query.filters, hydrated)

        self._journal(
            page_entry(
                query_id,
                index,
                query,
                services.clock(),
                [(hit.candidate, hit.type) for hit in shown],
                0,
                [candidate.id for candidate in ranked],
                ranker_version=services.ranker.version,
                degraded=trouble,
                learn=question.learn,
                drawn=drawn(ranked, decision.policy_version),
            ),
            trouble,
        )
        return Answer(
            query_id,
            0.0,
            len(ranked),
            tuple(shown),
            decision,
            decision.policy_version,
            query.text,
            fitting.left_out,
            _names(trouble),
        )

    def _understand(self, question: Question, trouble: list[str]) -> Query:
        """The text with what was found in it: its key in the memory, its vector."""
        text = question.text.encode("utf-8", "replace").decode().strip()
        query = Query(
            text=text,
            memory_key=memory_key(text),
            now=self._services.clock(),
            filters=question.filters,
            types=question.types,
            user=question.user,
            session=question.session,
            locale=question.locale,
        )
        encoder = self._services.encoder
        # A text without a word means nothing to an encoder either.
        if encoder is None or not query.memory_key:
            return query
        try:
            vector = encoder.encode([text])[0].tolist()
        except Exception:
            log.exception("the encoder failed; strategies that need a vector are left out")
            trouble.append("encoder: it failed")
            return query
        return replace(query, vector=tuple(vector))

    def _choose(
        self, query: Query, fitting: Eligible, query_id: str, trouble: list[str]
    ) -> tuple[Mapping[str, float], Decision]:
        """The policy's decision; uniform blending where there is no policy or it fails."""
        if not fitting.strategies:
            trouble.append("strategies: none is eligible for this query")
            return {}, Decision((), "everything", 1.0, "uniform")
        names = self._features_of(fitting.strategies)
        context: Mapping[str, float] = {}
        try:
            context = self._services.featurise(query)
            snapshot = self._services.snapshots.current()
            if snapshot is not None:
                # Seeded by the id: the same snapshot and id give the same decision.
                decision = snapshot.policy.decide(context, names, random.Random(query_id))  # noqa: S311
                check(decision, names)
                return context, decision
            trouble.append("policy: no snapshot yet")
        except Exception:
            log.exception("the policy failed; all strategies are blended equally")
            trouble.append("policy: it failed")
        return context, uniform_decision(names, budget=self._services.candidates)

    def _features_of(self, strategies: Iterable[Strategy]) -> dict[str, Mapping[str, float]]:
        return {strategy.name: self._features[strategy.name] for strategy in strategies}

    def _retrieve(
        self, query: Query, decision: Decision, fitting: Eligible, trouble: list[str]
    ) -> list[Retrieved]:
        """What the decision's strategies bring; where that is nothing, what the others bring."""
        retrieved = self._carry_out(query, decision, fitting, trouble)
        if any(result.hits for result in retrieved):
            return retrieved
        tried = {choice.strategy for choice in decision.included}
        others = [s for s in fitting.strategies if s.name not in tried]
        if others:
            second = uniform_decision(self._features_of(others), budget=self._services.candidates)
            retrieved += self._carry_out(query, second, fitting, trouble)
        if retrieved and all(result.error and not result.hits for result in retrieved):
            raise Unavailable(
                f"every strategy failed, {retrieved[0].strategy} with: {retrieved[0].error}. "
                "`ltrr plan` shows whether the cluster holds what it should."
            )
        return retrieved

    def _carry_out(
        self, query: Query, decision: Decision, fitting: Eligible, trouble: list[str]
    ) -> list[Retrieved]:
        services = self._services
        lines = rewrite(
            query, decision, fitting.strategies, services.cluster.name, services.schema.type
        )
        retrieved = retrieve(
            services.cluster, lines, decision.included, timeout_s=services.budget_s
        )
        for result in retrieved:
            if result.error:
                log.warning("strategy %s: %s", result.strategy, result.error)
                trouble.append(f"{result.strategy}: {result.error}")
        return retrieved

    def _rank(
        self,
        candidates: Sequence[Candidate],
        context: Mapping[str, float],
        hydrated: Hydrated,
        trouble: list[str],
    ) -> list[Candidate]:
        try:
            known = RankingContext(context, hydrated.ranking)
            return order(candidates, self._services.ranker.rank(candidates, known))
        except Exception:
            log.exception("the ranker failed; the blend's order is served")
            trouble.append("ranker: it failed")
            return list(candidates)

    def _own_choices(self, query: Query) -> Mapping[str, float]:
        if query.session is None or not query.memory_key:
            return {}
        return self._services.evidence.recall(query.session, query.memory_key)

    def _show(
        self,
        ranked: list[Candidate],
        size: int,
        filters: Sequence[Clause],
        hydrated: Hydrated,
    ) -> tuple[list[Candidate], list[Shown]]:
        """The page, and the ranked list without what turned out to be gone meanwhile."""
        sources = dict(hydrated.sources)
        while missing := [one.id for one in ranked[:size] if one.id not in sources]:
            sources |= self._sources(missing, filters)
            gone = set(missing) - sources.keys()
            ranked = [candidate for candidate in ranked if candidate.id not in gone]
        return ranked, [self._hit(candidate, sources[candidate.id]) for candidate in ranked[:size]]

    def _sources(
        self, ids: Sequence[str], filters: Sequence[Clause]
    ) -> Mapping[str, Mapping[str, Any]]:
        services = self._services
        return hydrate(
            services.cluster, services.schema, (), filters, show=ids, timeout_s=services.budget_s
        ).sources

    def _hit(self, candidate: Candidate, source: Mapping[str, Any]) -> Shown:
        return Shown(candidate, str(source.get(self._services.schema.type, "")), source)

    def _later_page(self, question: Question, query_id: str) -> Answer:
        """A part of the list that the first page's entry holds; later pages are entries too."""
        services = self._services
        first = self._history.first_page(query_id)
        key = memory_key(question.text)
        if question.text.strip() and key != first.body["memory_key"]:
            raise InvalidRequest(
                "this query_id belongs to another query. Leave it out to search anew."
            )
        ranked: Ranked = ranked_of(first.body)
        part = ranked.candidates[question.start : question.start + question.size]
        sources = self._sources([candidate.id for candidate in part], question.filters)
        shown = [self._hit(one, sources[one.id]) for one in part if one.id in sources]
        trouble: list[str] = []
        if question.start:
            query = Query(
                text=question.text,
                memory_key=first.body["memory_key"],
                now=services.clock(),
                session=question.session or first.session,
                user=question.user or first.user,
            )
            self._journal(
                page_entry(
                    query_id,
                    first.index,
                    query,
                    query.now,
                    [(hit.candidate, hit.type) for hit in shown],
                    question.start,
                    None,
                    ranker_version=first.body["ranker_version"],
                    degraded=[],
                    learn=first.learn,
                ),
                trouble,
            )
        return Answer(
            query_id,
            0.0,
            len(ranked.candidates),
            tuple(shown),
            None,
            ranked.policy_version,
            question.text,
            degraded=_names(trouble),
        )

    def _journal(self, entry: Entry, trouble: list[str]) -> None:
        """Spool an entry. A full spool costs what could be learnt from this query, not the page."""
        self._history.remember(entry)
        try:
            self._services.journal.append(entry)
        except SpoolFull as error:
            log.warning("not journalled: %s", error.message)
            trouble.append(f"journal: {error.message}")


def slack(size: int) -> int:
    """How many more than a page are read at once, so that what drops out leaves no hole."""
    return max(5, size // 2)


def check(decision: Decision, names: Mapping[str, Any]) -> None:
    """Refuse a decision that cannot be carried out.

    Raises:
        InvalidRequest: it names what is not eligible, includes nothing, draws no candidates, or its
            numbers are none.
    """
    included = decision.included
    if not included or any(choice.strategy not in names for choice in decision.choices):
        raise InvalidRequest("the policy decided for nothing, or for what is not eligible")
    if any(choice.candidates < 1 for choice in included):
        raise InvalidRequest("the policy includes a strategy without candidates")
    numbers = [number for one in decision.choices for number in (one.weight, one.value)]
    if not all(map(math.isfinite, numbers)) or any(one.weight < 0 for one in included):
        raise InvalidRequest("the policy gave a weight or a value that is no ordinary number")


def _names(trouble: Sequence[str]) -> tuple[str, ...]:
    """What stands before the colon, each once, in order."""
    return tuple(dict.fromkeys(text.partition(":")[0] for text in trouble))
