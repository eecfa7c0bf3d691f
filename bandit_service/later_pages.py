"""Later pages: parts of the list that the first page's entry holds, whichever sidecar made it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bandit_service.history import History
from bandit_service.journal.entries import Entry, page_entry
from bandit_service.page import Answer, Question, names_of
from bandit_service.paging import ranked_of
from bandit_service.rules.effects import Effects
from bandit_service.showing import Showing
from plugin.errors import InvalidRequest
from plugin.model import Query
from plugin.understanding import memory_key


class LaterPages:
    """Answers questions that carry a query_id. Safe to share between threads."""

    def __init__(
        self,
        history: History,
        showing: Showing,
        journal: Callable[[Entry, list[str]], None],
        clock: Callable[[], datetime],
        effects: Callable[[str], Effects],
    ) -> None:
        self._history = history
        self._showing = showing
        self._journal = journal
        self._clock = clock
        self._effects = effects

    def answer(self, question: Question, query_id: str) -> Answer:
        """The part of the list that ``question`` asks for, empty past its end.

        What the first page did not show yet becomes an entry of its own.

        Raises:
            InvalidRequest, NotFound: the query_id is not ours, or belongs to another text.
            Unavailable: OpenSearch does not answer.
        """
        first = self._history.first_page(query_id)
        key = memory_key(question.text)
        if question.text.strip() and key != first.body["memory_key"]:
            raise InvalidRequest(
                "this query_id belongs to another query. Leave it out to search anew."
            )
        ranked = ranked_of(first.body)
        blocks = self._effects(first.body["memory_key"]).clauses
        part = self._showing.part(ranked, question, (*question.filters, *blocks))
        # By position, not by number: what is gone since leaves its place empty.
        seen = len(first.body["shown"])
        fresh = [hit for hit in part.shown if hit.position > seen]
        trouble: list[str] = []
        if fresh:
            query = Query(
                text=question.text,
                memory_key=first.body["memory_key"],
                now=self._clock(),
                session=question.session or first.session,
                user=question.user or first.user,
            )
            entry = page_entry(
                query_id,
                first.index,
                query,
                query.now,
                [(hit.candidate, hit.type) for hit in fresh],
                max(question.start, seen),
                None,
                ranker_version=first.body["ranker_version"],
                degraded=[],
                learn=first.learn,
                positions=[hit.position for hit in fresh],
                client=question.client or first.client,
            )
            self._journal(entry, trouble)
        return Answer(
            query_id=query_id,
            took_ms=0.0,
            total=len(ranked.candidates),
            shown=tuple(part.shown),
            decision=None,
            policy_version=ranked.policy_version,
            text=question.text,
            degraded=names_of(trouble),
            layout=question.layout,
            facets=part.hydrated.facets,
        )
