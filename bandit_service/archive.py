"""Reading the journal index by query: for pages to go on with, and for explanations."""

from __future__ import annotations

from bandit_service.journal.documents import from_document
from bandit_service.journal.entries import Entry
from bandit_service.journal.names import index_name
from plugin.cluster import Cluster
from plugin.errors import MissingIndex

MOST_ENTRIES = 1000


class ClusterArchive:
    """The :class:`~bandit_service.collaborators.Archive` in OpenSearch."""

    def __init__(self, cluster: Cluster, *, timeout_s: float = 2.0) -> None:
        self._cluster = cluster
        self._timeout_s = timeout_s

    def index(self, generation: int) -> str:
        """See the protocol."""
        return index_name(self._cluster, generation)

    def entry(self, generation: int, entry_id: str) -> Entry | None:
        """See the protocol. A get by id sees a document at once, without a refresh."""
        index = self.index(generation)
        found = self._cluster.find(f"/{index}/_doc/{entry_id}", request_timeout=self._timeout_s)
        if not found or not found.get("found"):
            return None
        return from_document(entry_id, index, found["_source"])

    def of_query(self, generation: int, query_id: str) -> list[Entry]:
        """See the protocol."""
        index = self.index(generation)
        body = {"query": {"term": {"query_id": query_id}}, "size": MOST_ENTRIES}
        try:
            answer = self._cluster.request(
                "POST", f"/{index}/_search", body, timeout_s=self._timeout_s
            )
        except MissingIndex:
            return []
        return [from_document(hit["_id"], index, hit["_source"]) for hit in answer["hits"]["hits"]]
