"""What is known of a query_id: from this process's memory, else from the journal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from cachetools import LRUCache

from bandit_service.collaborators import Journal
from bandit_service.journal.entries import Entry
from plugin.errors import LtrrError, NotFound

RECENT: Final = 2_000
WAIT_S: Final = 1.5
"""How long a page may be on its way from another machine to the journal."""


class History:
    """Finds the entries of a query.

    Entries of this process are found at once; those of others as soon as they were shipped, for
    which a reader waits a moment. Safe to share between threads.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        wait_s: float = WAIT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._journal = journal
        self._wait_s = wait_s
        self._sleep = sleep
        self._recent: LRUCache[str, Entry] = LRUCache(RECENT)
        self._lock = threading.Lock()

    def remember(self, entry: Entry) -> None:
        """Keep an entry that this process has just made."""
        with self._lock:
            self._recent[entry.id] = entry

    def knows(self, entry_id: str) -> bool:
        """Whether this process has made that entry lately."""
        with self._lock:
            return entry_id in self._recent

    def decision(self, query_id: str) -> Entry:
        """The decision of a query.

        Raises:
            InvalidRequest, NotFound: the id is not ours, or not (any longer) in the journal.
            Unavailable: it is not in this process and the journal cannot be asked.
        """
        return self._entry(query_id, "d", self._journal.decision)

    def first_page(self, query_id: str) -> Entry:
        """The entry of a query's first page; raises as :meth:`decision`."""
        return self._entry(query_id, "p:0", self._journal.first_page)

    def pages_if_there(self, query_ids: Iterable[str]) -> dict[str, Entry | None]:
        """The first pages that can be had now, else None; raises only for ids that are not ours.

        Feedback must not depend on whatever keeps OpenSearch from answering: once it did not, it
        is not asked for the others.
        """
        pages: dict[str, Entry | None] = {}
        answers = True
        for query_id in query_ids:
            self._journal.index_of(query_id)
            page = self._remembered(f"{query_id}:p:0")
            if page is None and answers:
                try:
                    page = self._journal.first_page(query_id)
                except NotFound:
                    pass  # not shipped yet, or gone
                except LtrrError:
                    answers = False
            pages[query_id] = page
        return pages

    def feedback(self, query_id: str) -> list[Entry]:
        """The events of a query that are known by now, each once, in the order of their arrival."""
        found = {entry.id: entry for entry in self._journal.feedback(query_id)}
        with self._lock:
            for entry in self._recent.values():
                if entry.query_id == query_id and entry.kind == "feedback":
                    found.setdefault(entry.id, entry)
        return sorted(found.values(), key=lambda entry: (entry.recorded_at, entry.id))

    def _remembered(self, entry_id: str) -> Entry | None:
        with self._lock:
            return self._recent.get(entry_id)

    def _entry(self, query_id: str, part: str, look: Callable[[str], Entry]) -> Entry:
        known = self._remembered(f"{query_id}:{part}")
        if known is not None:
            return known
        self._journal.index_of(query_id)  # not ours: known at once, nothing to wait for
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                return look(query_id)
            except NotFound:
                if time.monotonic() >= deadline:
                    raise
            self._sleep(0.1)
