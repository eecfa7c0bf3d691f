"""The way of a query, station by station: read this file first.

understand → encode → featurise → choose → journal the decision → rewrite → retrieve → blend →
hydrate → rank → arrange → journal the page → answer. Each station lives in a file of its own; this
one only hands the query on, and keeps it going when a station fails.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bandit_service.arranging.arrange import Arrangement, arrange, product
from bandit_service.arranging.newness import newness
from bandit_service.choosing import Choosing
from bandit_service.collaborators import Services
from bandit_service.drawing import blended, sides
from bandit_service.history import History
from bandit_service.journal.entries import Entry, decision_entry, page_entry
from bandit_service.later_pages import LaterPages
from bandit_service.ordering import Ordered, context_of, drafted, explained, likely_order, ordered
from bandit_service.outside import Outside, on_node
from bandit_service.page import Answer, Question, names_of
from bandit_service.paging import drawn
from bandit_service.ranking import offered, own_choices
from bandit_service.ranking.observed import Before
from bandit_service.ranking.pool import Pool
from bandit_service.ranking.promoted import Lineup
from bandit_service.recent import Recent
from bandit_service.rules.effects import NOTHING, Effects
from bandit_service.showing import Showing, slack
from plugin.errors import InvalidRequest, SpoolFull
from plugin.model import Candidate, Decision, Query
from plugin.rewriting import eligible

MOST_RANKED = 1000
"""How long a ranked list can be, and so how far one can page."""

log = logging.getLogger(__name__)


class Search:
    """Carries queries through all stations. Safe to share between threads."""

    def __init__(
        self,
        services: Services,
        history: History,
        recent: Recent,
        outside: Outside | None = None,
    ) -> None:
        self._services = services
        self._history = history
        self._recent = recent
        self._choosing = Choosing(
            services.strategies,
            services.featurise,
            services.snapshots,
            candidates=services.candidates,
            lately=recent.lately,
            patience_s=services.policy_patience_s,
        )
        self._outside = outside or on_node(services, self._choosing)
        self._showing = Showing(self._outside.hydrate, services.schema, services.page)
        self._later = LaterPages(
            history, self._showing, self._journal, services.clock, self._effects
        )

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
            answer = self._later.answer(question, question.query_id)
        elif question.start:
            raise InvalidRequest(
                "from > 0 needs the query_id of the first page: only then can there be no repeats "
                "and no gaps. Ask for from = 0 first."
            )
        else:
            answer = self._first_page(question, started)
        return replace(answer, took_ms=(time.perf_counter() - started) * 1000)

    def _first_page(self, question: Question, started: float) -> Answer:
        services = self._services
        trouble: list[str] = []  # "part: what went wrong", for the journal and the answer
        query_id = services.journal.issue()
        index = services.journal.index_of(query_id)

        query = self._outside.know(question, trouble)
        fitting = eligible(services.strategies, query)
        working = self._outside.sift(fitting, trouble)
        chosen = self._choosing.decide(
            query, working.strategies, query_id, trouble, learn=question.learn
        )
        context, decision = chosen.context, chosen.decision
        self._journal(
            decision_entry(
                query_id,
                index,
                query,
                decision,
                context,
                learn=question.learn,
                strategies=chosen.strategies,
                client=question.client,
            ),
            trouble,
        )

        effects = self._effects(query.memory_key)
        # Only now: whether people filtered is for the policy to know, what rules block is not.
        query = replace(query, filters=(*query.filters, *effects.filters))
        retrieved = self._outside.draw(query, decision, fitting.strategies, trouble)
        self._recent.note(decision, retrieved)
        union = blended(services.blender, retrieved, decision)[:MOST_RANKED]
        own = self._own_choices(query)
        offers = offered.join(own_choices.join(union, own), question.candidates)
        candidates = effects.admit(offers)
        far = query.says_nothing or question.layout == "grouped" or bool(question.diversity)
        # The permanent baseline is what there would be had nobody learnt anything.
        holdout = decision.arm == "holdout"
        before = Before() if holdout else services.before(query)
        reads = services.reading is not None and not query.says_nothing and not holdout
        likely = own_choices.lift(likely_order(candidates, before), own)
        likely = likely[: question.size + slack(question.size, far=far)]
        ids = [candidate.id for candidate in candidates]
        hydrated = self._outside.hydrate(
            ids,
            (*question.filters, *effects.clauses),
            show=[*dict.fromkeys((*(one.id for one in likely), *effects.pins))],
            extras=self._showing.extras(
                question, query, ids, effects.named, read=likely if reads else ()
            ),
        )
        there = [candidate for candidate in candidates if candidate.id in hydrated.present]
        there, boosts = effects.boosts(there, hydrated.matched)
        wished = newness(query.slots, hydrated.values, query.now)

        def pool_of(candidates: Sequence[Candidate], by: Decision) -> Pool:
            known = context_of(context, by, hydrated, services.schema, query, before)
            return Pool(candidates, known)

        pool = pool_of(there, decision)
        lineup = Lineup() if holdout else services.rankers()
        rivals = {
            name: pool_of(own, decision.rivals[name])
            for name, own in sides(services.blender, retrieved, decision.rivals, there).items()
        }
        order = (
            drafted(lineup, pool, rivals, query_id, trouble)
            if rivals
            else ordered(lineup, pool, query_id, trouble)
        )
        if hydrated.texts:
            order = self._read(order, query, hydrated.texts, started, trouble)
        arranged = arrange(
            order.candidates,
            hydrated.values,
            own,
            self._arrangement(question, query, effects, product(boosts, wished)),
        )
        ranked, shown = self._showing.first(
            arranged.ranked, question, query.filters, hydrated, arranged.collapsed
        )

        self._journal(
            page_entry(
                query_id,
                index,
                query,
                services.clock(),
                [(hit.candidate, hit.type) for hit in shown],
                0,
                [candidate.id for candidate in ranked],
                ranker_version=order.version,
                ranking=order.on_page([hit.candidate.id for hit in shown]),
                degraded=trouble,
                learn=question.learn,
                drawn=drawn(ranked, decision.policy_version, arranged.collapsed),
                client=question.client,
            ),
            trouble,
        )
        services.metrics.page(retrieved, names_of(trouble))
        return Answer(
            query_id=query_id,
            took_ms=0.0,
            total=len(ranked),
            shown=tuple(explained(order, shown, pool) if question.explain else shown),
            decision=decision,
            policy_version=decision.policy_version,
            text=query.text,
            query=query,
            left_out=working.left_out,
            degraded=names_of(trouble),
            layout=question.layout,
            facets=hydrated.facets,
            missing=_missing(question.candidates, ranked, arranged.collapsed),
        )

    def _effects(self, key: str) -> Effects:
        rules = self._services.rules
        return rules.effects(key) if rules is not None else NOTHING

    def _read(
        self,
        order: Ordered,
        query: Query,
        texts: Mapping[str, str],
        started: float,
        trouble: list[str],
    ) -> Ordered:
        """``order`` after a cross-encoder has read its best, if there is one and time for it. A
        page that compares two orders is left as they drafted it."""
        reading = self._services.reading
        if reading is None or order.draft is not None:
            return order
        left_s = self._services.budget_s - (time.perf_counter() - started)
        read = reading.order(order.candidates, query.text, texts, left_s, trouble)
        if read is None:
            return order
        version = f"{order.version} and {read.version}"
        return replace(order, candidates=read.candidates, version=version)

    def _arrangement(
        self, question: Question, query: Query, effects: Effects, factors: Mapping[str, float]
    ) -> Arrangement:
        page = self._services.page
        usual = page.start_diversity if query.says_nothing else page.diversity
        return Arrangement(
            size=question.size,
            type_field=self._services.schema.type,
            layout=question.layout,
            collapse=page.collapse if question.collapse else (),
            diversity=usual if question.diversity is None else question.diversity,
            diversify=page.diversify,
            start=query.says_nothing,
            pins=effects.pins,
            factors=factors,
        )

    def _own_choices(self, query: Query) -> Mapping[str, float]:
        if query.session is None or not query.memory_key:
            return {}
        return self._services.evidence.recall(query.session, query.memory_key)

    def _journal(self, entry: Entry, trouble: list[str]) -> None:
        """Spool an entry. A full spool costs what could be learnt from this query, not the page."""
        self._history.remember(entry)
        try:
            self._services.journal.append(entry)
        except SpoolFull as error:
            log.warning("not journalled: %s", error.message)
            trouble.append(f"journal: {error.message}")


def _missing(
    ids: Sequence[str], ranked: Sequence[Candidate], collapsed: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Of the caller's candidates those that are not on the list, nor stand behind one that is."""
    there = {one.id for one in ranked} | {id for ids in collapsed.values() for id in ids}
    return tuple(id for id in dict.fromkeys(ids) if id not in there)
