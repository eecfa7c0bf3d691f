"""A corner of the real node with our indexes in it, and short ways to write and to learn."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bandit_service.journal.entries import Entry
from bandit_service.journal.names import index_name
from bandit_service.journal.reader import Reader
from bandit_service.journal.shipper import Shipper
from bandit_service.journal.spool import Spool
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.fold import Rules
from bandit_service.learner.gating import PolicyGate
from bandit_service.learner.lease import Lease
from bandit_service.learner.projection import Projection
from bandit_service.learner.run import Learner
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.policies.base import Policy
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from plugin.cluster import Cluster

ASSETS = Path(__file__).parents[3] / "opensearch" / "indexes"
DIMENSIONS = 384  # `ltrr learn` has the real encoder
HITS = {"a": [["lexical", 1, 9.0], ["dense", 3, 0.5]], "b": [["dense", 1, 0.8]]}


def make_indexes(cluster: Cluster) -> None:
    """The indexes that the learner reads and writes, as the assets describe them."""
    for name in ("journal", "memory", "users", "state"):
        make_index(cluster, name)


def make_index(cluster: Cluster, name: str) -> None:
    """One of our indexes."""
    text = (ASSETS / f"{name}.json").read_text().replace("${namespace}", cluster.namespace)
    asset = json.loads(text.replace('"${dimensions}"', str(DIMENSIONS)))
    index = asset.pop("index")
    cluster.request("PUT", f"/{index}", asset)


def new_policy() -> Explorer:
    return Explorer(VwValueModel(), StaticPolicy({}, budget=200))


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Corner:
    """The node's namespace, with a spool and a shipper of its own (not started)."""

    cluster: Cluster
    spool: Spool
    shipper: Shipper

    def entry(self, id: str, kind: Any, body: dict[str, Any], session: str, **more: Any) -> Entry:
        return Entry(
            id=id,
            kind=kind,
            index=index_name(self.cluster, more.pop("generation", 1)),
            recorded_at=more.pop("at", 1_767_000_000_000),
            body=body,
            query_id=id.partition(":")[0],
            session=session,
            **more,
        )

    def visit(
        self,
        query: str,
        session: str,
        *,
        choose: str | None = None,
        shared: tuple[str, str] | None = None,
        **more: Any,
    ) -> None:
        """One search for "tayler love" by ``session``, that chose an entity or nothing. ``shared``:
        the policies that put the entities of the page there."""
        choices = [
            {
                "strategy": name,
                "value": 0.0,
                "propensity": 0.99,
                "included": True,
                "candidates": 100,
                "weight": 0.5,
            }
            for name in ("dense", "lexical")
        ]
        decided = {
            "query": "tayler love",
            "memory_key": "k1",
            "arm": "learned",
            "context": {"tokens": 0.125},
            "strategies": {},
            "choices": choices,
        }
        shown = [
            {"id": id, "type": "song", "position": place, "score": 1.0, "provenance": origin}
            for place, (id, origin) in enumerate(HITS.items(), start=1)
        ]
        page = {"from": 0, "memory_key": "k1", "shown": shown, "ranked": ["a", "b"], "degraded": []}
        if shared is not None:
            page["ranking"] = {"query": {}, "rows": [None, None], "policies": list(shared)}
        self.spool.append(self.entry(f"{query}:d", "decision", decided, session, **more))
        self.spool.append(self.entry(f"{query}:p:0", "page", page, session, **more))
        if choose is not None:
            event = {"object_id": choose, "action": "click", "position": 1}
            self.spool.append(self.entry(f"{query}:f:1", "feedback", event, session, **more))

    def learner(
        self,
        holder: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        policy: Callable[[], Policy] = new_policy,
        rules: Rules | None = None,
        gate: PolicyGate | None = None,
    ) -> Learner:
        return Learner(
            Reader(self.cluster),
            Lease(self.cluster, holder, ttl_s=6, clock=clock),
            SnapshotStore(self.cluster),
            Projection(self.cluster, sessions=3),
            policy,
            replace(rules or Rules(), artefact=Artefacts(self.cluster).find),
            gate=gate,
            publish_s=0,
            clock=clock,
        )

    def remembered(self) -> dict[str, Any] | None:
        found = self.cluster.find(f"/{self.cluster.name('memory')}/_doc/k1")
        return found["_source"] if found else None


def eventually(true: Callable[[], bool], patience_s: float = 30.0) -> None:
    """Poll until ``true()``; fail when it does not come true."""
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
