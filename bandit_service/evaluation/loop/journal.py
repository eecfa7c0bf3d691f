"""A journal in memory, for one run: entries wait there until they are folded."""

from __future__ import annotations

from collections.abc import Iterator

from bandit_service.journal.entries import Entry
from bandit_service.journal.reader import Placed, Position
from plugin.errors import NotFound


class MemoryJournal:
    """See :class:`bandit_service.collaborators.Journal`. ``name`` makes its query ids its own: they
    seed the decisions."""

    index = "memory"

    def __init__(self, name: str) -> None:
        self._name = name
        self._issued = 0
        self._taken = 0
        self._waiting: list[Entry] = []

    def issue(self) -> str:
        """The next query id."""
        self._issued += 1
        return f"{self._name}-{self._issued}"

    def index_of(self, query_id: str) -> str:
        """There is one index only."""
        return self.index

    def append(self, entry: Entry) -> None:
        """Keep an entry until it is taken."""
        self._waiting.append(entry)

    def take(self) -> Iterator[Placed]:
        """The entries that were not taken yet, at their places in the journal."""
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            yield Placed(Position(seq_no=self._taken), entry)
            self._taken += 1

    def decision(self, query_id: str) -> Entry:
        """What a process remembers itself is never asked for here. Raises NotFound."""
        raise NotFound(f"{query_id} is not remembered any more")

    def first_page(self, query_id: str) -> Entry:
        """As :meth:`decision`."""
        raise NotFound(f"{query_id} is not remembered any more")

    def feedback(self, query_id: str) -> list[Entry]:
        """As :meth:`decision`, but nothing is an answer."""
        return []
