"""What is known of a query_id: from this process's memory, else from the journal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from cachetools import LRUCache

from bandit_service.collaborators import Archive, QueryIds
from bandit_service.journal.entries import Entry
from plugin.errors import NotFound

RECENT: Final = 2_000
WAIT_S: Final = 1.5
"""How long a just-made page may be on its way from another process to the journal."""


class History:
    """Finds the entries of a query.

    Entries of this process are found at once; those of others as soon as they were shipped, for
    which a reader waits a moment. Safe to share between threads.
    """

    def __init__(
        self,
        archive: Archive,
        query_ids: QueryIds,
        *,
        wait_s: float = WAIT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._archive = archive
        self._query_ids = query_ids
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

    def first_page(self, query_id: str, *, wait: bool = True) -> Entry:
        """The entry of a query's first page.

        Raises:
            InvalidRequest, NotFound: the id is not ours.
            NotFound: its page is not (any longer) in the journal.
            Unavailable: it is not in this process and the journal cannot be asked.
        """
        return self._entry(query_id, f"{query_id}:p:0", self._wait_s if wait else 0.0)

    def decision(self, query_id: str) -> Entry:
        """The decision of a query; raises as :meth:`first_page`."""
        return self._entry(query_id, f"{query_id}:d", self._wait_s)

    def entries(self, query_id: str) -> list[Entry]:
        """All that is known of a query, in the order it was recorded, each entry once."""
        generation = self._query_ids.verify(query_id)
        found = {entry.id: entry for entry in self._archive.of_query(generation, query_id)}
        with self._lock:
            found |= {
                entry.id: entry for entry in self._recent.values() if entry.query_id == query_id
            }
        return sorted(found.values(), key=lambda entry: (entry.recorded_at, entry.id))

    def _entry(self, query_id: str, entry_id: str, wait_s: float) -> Entry:
        generation = self._query_ids.verify(query_id)
        with self._lock:
            known = self._recent.get(entry_id)
        deadline = time.monotonic() + wait_s
        while known is None:
            known = self._archive.entry(generation, entry_id)
            if known is None:
                if time.monotonic() >= deadline:
                    raise NotFound(
                        "this query_id is not in the journal: it is too old, or its page has not "
                        "arrived yet. Search again without query_id."
                    )
                self._sleep(0.1)
        return known
