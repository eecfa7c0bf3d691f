"""How far learning is behind the journal."""

from __future__ import annotations

from bandit_service.journal.names import generation_of
from bandit_service.journal.reader import Position
from plugin.cluster import Cluster

_PATIENCE_S = 2.0


def lag(cluster: Cluster, position: Position) -> int:
    """Entries that OpenSearch holds beyond ``position``. Raises NodeUnavailable."""
    stats = cluster.get(
        f"/{cluster.name('journal')}-*/_stats",
        level="shards",
        filter_path="indices.*.shards.*.seq_no,indices.*.shards.*.routing",
        request_timeout=_PATIENCE_S,
    )
    behind = 0
    for name, about in stats.get("indices", {}).items():
        generation = generation_of(name)
        copies = [copy for shard in about["shards"].values() for copy in shard]
        for copy in copies:
            if generation < position.generation or not copy["routing"]["primary"]:
                continue
            read = position.seq_no if generation == position.generation else -1
            behind += max(0, int(copy["seq_no"]["global_checkpoint"]) - read)
    return behind
