"""The journal as a sidecar sees it: issue a query id, append entries, find them again."""

from __future__ import annotations

import threading
from typing import Any

from bandit_service.journal.documents import from_document
from bandit_service.journal.entries import Entry
from bandit_service.journal.names import FIRST, generation_of, index_name, write_generation
from bandit_service.journal.query_ids import QueryIds
from bandit_service.journal.shipper import Shipper
from bandit_service.journal.spool import Spool
from plugin.cluster import Cluster
from plugin.errors import NotFound

_PATIENCE_S = 2.0
"""How long one entry is waited for: a node that hangs must not hold feedback up."""


class Journal:
    """Writes go to the local spool; reads look there first, then in OpenSearch by id.

    Reading by id is realtime in OpenSearch: no refresh is needed, and a restart of the sidecar
    changes nothing.
    """

    def __init__(self, cluster: Cluster, spool: Spool, shipper: Shipper, ids: QueryIds) -> None:
        self._cluster = cluster
        self._spool = spool
        self._shipper = shipper
        self._ids = ids
        self._generation = FIRST
        self._lock = threading.Lock()

    @property
    def index(self) -> str:
        """The journal index that new queries write to."""
        return index_name(self._cluster, self._generation)

    @property
    def shipper(self) -> Shipper:
        """The thread that empties the spool, for its figures."""
        return self._shipper

    @property
    def spool(self) -> Spool:
        """The spool, for its figures."""
        return self._spool

    def start(self) -> None:
        """Begin shipping. Where the cluster does not answer yet, the first index is assumed."""
        self._shipper.start()

    def refresh(self) -> None:
        """Look up which index new queries write to. Raises NodeUnavailable."""
        generation = write_generation(self._cluster)
        with self._lock:
            self._generation = max(self._generation, generation)

    def issue(self) -> str:
        """A new query id, for an entry of :attr:`index`."""
        return self._ids.issue(self._generation)

    def index_of(self, query_id: str) -> str:
        """The journal index of that query's entries. Raises as :meth:`QueryIds.verify`."""
        return index_name(self._cluster, self._ids.verify(query_id))

    def append(self, entry: Entry) -> None:
        """Put an entry on the local disk; it reaches OpenSearch by itself. Raises SpoolFull."""
        self._spool.append(entry)

    def decision(self, query_id: str) -> Entry:
        """The decision of a query. Raises NotFound, InvalidRequest, NodeUnavailable."""
        return self._entry(query_id, "d")

    def first_page(self, query_id: str) -> Entry:
        """The first page of a query, with its whole ranked list. Raises as :meth:`decision`."""
        return self._entry(query_id, "p:0")

    def feedback(self, query_id: str) -> list[Entry]:
        """What people did with the pages of a query, in journal order, at most 1,000 events.

        By search: what came within the last second may be missing. Raises as :meth:`decision`.
        """
        self._ids.verify(query_id)
        answer = self._cluster.request(
            "POST",
            # It may be in a later index than the query itself.
            f"/{self._cluster.name('journal')}-*/_search",
            {
                "size": 1000,
                "query": {
                    "bool": {
                        "filter": [{"term": {"query_id": query_id}}, {"term": {"kind": "feedback"}}]
                    }
                },
                "sort": [{"_index": "asc"}, {"_seq_no": "asc"}],
            },
        )
        hits = answer["hits"]["hits"]
        return [from_document(hit["_id"], hit["_index"], hit["_source"]) for hit in hits]

    def close(self) -> None:
        """Ship what is left, for a few seconds, and let go of the spool."""
        self._shipper.stop()
        self._spool.close()

    def _entry(self, query_id: str, part: str) -> Entry:
        index = self.index_of(query_id)
        entry_id = f"{query_id}:{part}"
        waiting = self._spool.find(entry_id)
        if waiting is not None:
            return waiting
        found = self._cluster.find(f"/{index}/_doc/{entry_id}", request_timeout=_PATIENCE_S)
        if not found:
            found = self._later(index, entry_id)
        if not found:
            raise NotFound(
                f"nothing is known of query_id {query_id} any more. Search again for a new one."
            )
        return from_document(entry_id, found["_index"], found["_source"])

    def _later(self, index: str, entry_id: str) -> Any | None:
        """The document in an index after the one that it was meant for: that was closed meanwhile.

        Looked for only where this process knows of a later one, as most often there is none.
        """
        first = generation_of(index) + 1
        wanted = [
            {"_index": index_name(self._cluster, later), "_id": entry_id}
            for later in range(first, self._generation + 1)
        ]
        if not wanted:
            return None
        answer = self._cluster.request("POST", "/_mget", {"docs": wanted}, timeout_s=_PATIENCE_S)
        return next((one for one in answer["docs"] if one.get("found")), None)
