"""Copies an index into another one while it goes on being written to.

First everything, then what was written meanwhile (by ``_seq_no``), until little is left. Then the
old index takes no writes for a moment: OpenSearch answers 403 ``cluster_block_exception``, and it
confirms its block only when no write is under way any more. The rest is copied, and what was
deleted meanwhile is deleted. After that both hold the same, and the alias can be moved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plugin.cluster import Cluster
from plugin.errors import AssetError, LtrrError
from plugin.scanning import scan

REQUEST_S = 120.0
BATCH = 500
LITTLE = 1_000
"""With so many documents left to copy, writes can be held up for them."""

PASSES = 8
_POLLS = (0.05, 0.1, 0.2, 0.5, 1.0)

Tell = Callable[[int, int], None]
"""Is told how many documents of how many are copied."""


@dataclass(frozen=True, slots=True)
class Copy:
    """From index ``source`` to ``target``, through the alias ``through`` of the latter.

    ``script`` (Painless) changes each document on its way, None leaves them as they are.
    """

    cluster: Cluster
    source: str
    target: str
    through: str
    script: str | None
    tell: Tell

    def catch_up(self) -> int:
        """Copy everything, and what comes in meanwhile; returns the position that is reached.

        Raises:
            AssetError: a document does not fit the new index.
        """
        position = -1
        for number in range(PASSES):
            reached = self._checkpoint()
            self._refresh(self.source)
            waiting = self._count(self.source, position)
            if number and waiting <= LITTLE:
                break
            self._pass(position, waiting, first=number == 0)
            position = reached
        self._delete_what_is_gone()
        return position

    def finish(self, position: int) -> None:
        """Copy the rest; the source takes no writes any more.

        Raises:
            AssetError: the two do not hold the same documents.
        """
        self._refresh(self.source)
        self._pass(position, self._count(self.source, position), first=False, pipeline="_none")
        self._delete_what_is_gone()
        there, here = self._count(self.source), self._count(self.target)
        if there != here:
            raise AssetError(
                f"{self.target} has {here} documents, but {self.source} has {there}. Nothing was "
                "replaced; `ltrr apply --allow-replace` tries again."
            )

    def _pass(self, position: int, waiting: int, *, first: bool, pipeline: str = "") -> None:
        if not waiting:
            return
        body: dict[str, Any] = {
            "source": {"index": self.source, "size": BATCH, "query": _since(position)},
            "dest": {"index": self.through},
        }
        if first:
            # Later on the newer content wins, whatever number somebody's deleting and writing
            # again has given to it; only we write to the target.
            body["dest"]["version_type"] = "external"
        if pipeline:
            body["dest"]["pipeline"] = pipeline
        if self.script:
            body["script"] = {"lang": "painless", "source": self.script}
        params = {"wait_for_completion": "false", "require_alias": "true"}
        task = self.cluster.request("POST", "/_reindex", body, params=params)["task"]
        for status in _watch(self.cluster, task):
            if first:
                done = sum(int(status.get(key, 0)) for key in ("created", "updated"))
                self.tell(done, int(status.get("total", 0)) or waiting)

    def _delete_what_is_gone(self) -> None:
        self._refresh(self.source)
        self._refresh(self.target)
        if self._count(self.target) == self._count(self.source):
            return
        held = {hit["_id"] for hit in scan(self.cluster, self.source, source=False, page=5_000)}
        gone = [
            hit["_id"]
            for hit in scan(self.cluster, self.target, source=False, page=5_000)
            if hit["_id"] not in held
        ]
        for start in range(0, len(gone), BATCH):
            lines = [{"delete": {"_id": one}} for one in gone[start : start + BATCH]]
            self.cluster.lines("POST", f"/{self.target}/_bulk", lines, timeout_s=REQUEST_S)
        self._refresh(self.target)

    def _checkpoint(self) -> int:
        """Up to here every shard has everything: the least, where there are several."""
        stats = self.cluster.get(f"/{self.source}/_stats", level="shards")
        shards = stats["indices"][self.source]["shards"].values()
        return min(int(copy["seq_no"]["global_checkpoint"]) for each in shards for copy in each)

    def _count(self, index: str, position: int = -1) -> int:
        body = {"query": _since(position)}
        return int(self.cluster.request("POST", f"/{index}/_count", body)["count"])

    def _refresh(self, index: str) -> None:
        self.cluster.request("POST", f"/{index}/_refresh", timeout_s=REQUEST_S)


def _since(position: int) -> dict[str, Any]:
    return {"range": {"_seq_no": {"gt": position}}} if position >= 0 else {"match_all": {}}


def _watch(cluster: Cluster, task: str) -> Iterator[Mapping[str, Any]]:
    """The status of a task, again and again until it is over.

    Raises:
        AssetError: it failed, or some of its documents did.
    """
    polls = 0
    while True:
        found = cluster.find(f"/_tasks/{task}")
        if found is None:
            return  # over, and its result could not be kept: what was copied is counted later
        yield found["task"].get("status", {})
        if found.get("completed"):
            break
        time.sleep(_POLLS[min(polls, len(_POLLS) - 1)])
        polls += 1
    failures = found.get("response", {}).get("failures") or []
    if "error" in found:
        failures = [found["error"]]
    if failures:
        raise AssetError(
            f"{len(failures)} documents cannot be copied into the new index, so nothing was "
            f"replaced. The first: {_reason(failures[0])}. Mend the document or the mapping."
        )


def _reason(failure: Mapping[str, Any]) -> str:
    cause = failure.get("cause", failure)
    inner = cause.get("caused_by", {}).get("reason", "")
    words = [str(failure.get("id", "")), str(cause.get("reason", cause)), str(inner)]
    return ": ".join(word for word in words if word)


def cancel_copies(cluster: Cluster, through: str) -> None:
    """End what still copies into ``through``: a task outlives the program that began it."""
    params = {"actions": "*reindex", "detailed": "true"}
    nodes = cluster.get("/_tasks", **params).get("nodes", {})
    for node in nodes.values():
        for name, task in node["tasks"].items():
            if f"[{through}]" in task.get("description", "") and "parent_task_id" not in task:
                try:
                    cluster.request(
                        "POST",
                        f"/_tasks/{name}/_cancel",
                        params={"wait_for_completion": "true"},
                        timeout_s=REQUEST_S,
                    )
                except LtrrError as error:
                    if cluster.find(f"/_tasks/{name}", filter_path="completed") == {
                        "completed": False
                    }:
                        raise AssetError(f"a copy under way cannot be ended: {error}") from error
