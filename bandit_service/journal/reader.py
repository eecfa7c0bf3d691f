"""Reading the journal in its one order: by index generation, then by ``_seq_no``.

Only up to the global checkpoint: beyond it a write may still be under way, with a lower number than
one that is already visible. Refreshing after reading the checkpoint makes all of it searchable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bandit_service.journal.documents import from_document
from bandit_service.journal.entries import Entry
from bandit_service.journal.erasing import erase_entries
from bandit_service.journal.names import FIRST, generation_of, generations, index_name
from plugin.cluster import Cluster
from plugin.errors import BrokenState, MissingIndex


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Everything up to and including this place has been read; ``seq_no`` −1 is the beginning."""

    generation: int = FIRST
    seq_no: int = -1


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and its place; ``entry`` is None for a document that is no journal entry."""

    position: Position
    entry: Entry | None


class Reader:
    """Tails the journal. Not safe for threads: one learner reads."""

    def __init__(self, cluster: Cluster, *, page: int = 1000) -> None:
        self._cluster = cluster
        self._page = page
        self._refreshed: Position | None = None

    @property
    def page(self) -> int:
        """How many entries :meth:`after` gives at most at a time."""
        return self._page

    def after(self, position: Position) -> list[Placed]:
        """The entries that follow ``position``, at most a page of them; empty at the end.

        Raises:
            NodeUnavailable: the cluster does not answer.
            BrokenState: the index ends before ``position``: it is another one of the same name.
        """
        index = index_name(self._cluster, position.generation)
        checkpoint = None
        try:
            checkpoint = self._checkpoint(index)
            if checkpoint < position.seq_no:
                raise BrokenState(
                    f"the journal index {index} ends at entry {checkpoint}, but {position.seq_no}"
                    " was read from it before: it was deleted and made anew, or restored from a"
                    " backup. Delete the snapshot in the state index to learn from what is there."
                )
            if checkpoint > position.seq_no:
                found = self._search(index, position, checkpoint)
                if found:
                    return found
        except MissingIndex:
            pass  # not made yet, or deleted by age: what follows it may be there
        following = self._next(position)
        if following is None or (checkpoint is not None and self._grew(index, checkpoint)):
            return []
        return self.after(following)

    def _grew(self, index: str, checkpoint: int) -> bool:
        """Whether something was written between the look at its end and its closing."""
        try:
            return self._checkpoint(index) > checkpoint
        except MissingIndex:
            return False

    def entries(self) -> Iterator[Entry]:
        """All entries from the beginning up to now, in order. Raises as :meth:`after`."""
        position = Position()
        while placed := self.after(position):
            for one in placed:
                position = one.position
                if one.entry is not None:
                    yield one.entry

    def controls(self) -> list[Placed]:
        """All control entries that there are now, in order. Raises as :meth:`after`."""
        found: list[Placed] = []
        for generation in generations(self._cluster):
            index = index_name(self._cluster, generation)
            self._cluster.request("POST", f"/{index}/_refresh")
            seen = -1
            while hits := self._hits(index, {"term": {"kind": "control"}}, seen, 2**62):
                found += [_placed(generation, index, hit) for hit in hits]
                seen = found[-1].position.seq_no
        return found

    def whole(self) -> bool:
        """Whether the journal is there from its beginning on. Raises NodeUnavailable."""
        return min(generations(self._cluster), default=FIRST) == FIRST

    def erase(self, entries: Sequence[Entry]) -> None:
        """Take entries out of the journal for good: see :mod:`bandit_service.journal.erasing`."""
        erase_entries(self._cluster, entries)

    def _checkpoint(self, index: str) -> int:
        stats = self._cluster.get(
            f"/{index}/_stats",
            level="shards",
            filter_path="indices.*.shards.*.seq_no,indices.*.shards.*.routing",
        )
        # The global checkpoint of the only primary.
        for about in stats.get("indices", {}).values():
            for copies in about["shards"].values():
                for copy in copies:
                    if copy["routing"]["primary"] and "seq_no" in copy:
                        return int(copy["seq_no"]["global_checkpoint"])
        raise MissingIndex(f"the journal index {index} has no running primary shard")

    def _search(self, index: str, position: Position, checkpoint: int) -> list[Placed]:
        target = Position(position.generation, checkpoint)
        if self._refreshed is None or self._refreshed < target:
            self._cluster.request("POST", f"/{index}/_refresh")
            self._refreshed = target
        hits = self._hits(index, {"match_all": {}}, position.seq_no, checkpoint)
        return [_placed(position.generation, index, hit) for hit in hits]

    def _hits(self, index: str, which: dict[str, Any], after: int, until: int) -> list[Any]:
        """At most a page of those documents that come ``after`` a place, in order."""
        place = {"range": {"_seq_no": {"gt": after, "lte": until}}}
        answer = self._cluster.request(
            "POST",
            f"/{index}/_search",
            {
                "size": self._page,
                "query": {"bool": {"filter": [place, which]}},
                "sort": [{"_seq_no": "asc"}],
                "seq_no_primary_term": True,
                "track_total_hits": False,
            },
            params={
                "filter_path": "hits.hits._id,hits.hits._seq_no,hits.hits._source",
                # A shard that does not answer must be an error, not a journal with a hole.
                "allow_partial_search_results": "false",
            },
        )
        hits: list[Any] = answer.get("hits", {}).get("hits", [])
        return hits

    def _next(self, position: Position) -> Position | None:
        """The beginning of the next journal index, once nothing can be added to this one.

        While a spool may still hold entries for the old index, its write block is not set, and
        going on would pass them over.
        """
        later = [number for number in generations(self._cluster) if number > position.generation]
        if not later:
            return None
        index = index_name(self._cluster, position.generation)
        settings = self._cluster.find(f"/{index}/_settings", flat_settings="true") or {}
        for name, about in settings.items():
            blocked = about["settings"].get("index.blocks.write") == "true"
            if generation_of(name) == position.generation and not blocked:
                return None
        return Position(later[0], -1)


def _placed(generation: int, index: str, hit: dict[str, Any]) -> Placed:
    place = Position(generation, int(hit["_seq_no"]))
    try:
        return Placed(place, from_document(hit["_id"], index, hit["_source"]))
    except (BrokenState, KeyError):
        return Placed(place, None)
