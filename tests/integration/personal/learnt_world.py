"""The sidecar's small world with a learner beside it, and sidecars that look up what it learnt."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from small_world import SECRET, Search, Words, World, searching

from bandit_service.api.identity import Identity
from bandit_service.journal.reader import Reader
from bandit_service.learner.credit import Grades
from bandit_service.learner.fold import Rules
from bandit_service.learner.lease import Lease
from bandit_service.learner.meanings import Meanings
from bandit_service.learner.people import People
from bandit_service.learner.projection import Projection
from bandit_service.learner.run import Learner
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.past import Past
from bandit_service.personal.entities import VectorReader
from bandit_service.personal.graph import GraphLookUp
from bandit_service.personal.sessions import SessionLookUp
from bandit_service.personal.trending import TrendingLookUp
from bandit_service.personal.users import UserLookUp
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from bandit_service.session_evidence import SessionEvidence
from plugin.cluster import Cluster
from plugin.model import Query
from plugin.retrieval import merged

PATIENCE_S = 5.0


class Vectors(Words):
    """Counts what it encodes."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Any:
        self.encoded += texts
        return super().encode(texts)


class LearntWorld:
    """What a test does in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cluster: Cluster = world.cluster
        self.encoder = Vectors()

    def lookups(self) -> dict[str, Any]:
        """What a sidecar that has just been started looks up."""
        evidence = SessionEvidence(Grades(), cluster=self.cluster)
        reader = VectorReader(self.cluster, self.world.services.schema, timeout_s=PATIENCE_S)
        users = UserLookUp(self.cluster, timeout_s=PATIENCE_S)
        sessions = SessionLookUp(evidence, reader)
        return {
            "user": users,
            "session": sessions,
            "graph": GraphLookUp(reader, sessions, users),
            "trending": TrendingLookUp(self.cluster, timeout_s=PATIENCE_S),
        }

    def known(self, query: Query) -> Query:
        """``query`` with what such a sidecar knows."""
        for look_up in self.lookups().values():
            query = look_up(query)
        return query

    def sidecar(self) -> tuple[Any, Search]:
        """A new sidecar: a client, and a way to search."""
        client = self.world.client(lookups=self.lookups(), featurise=Past(self.cluster).context)
        return client, searching(client)

    def choose(self, text: str, entity: str, **who: str) -> None:
        """Somebody searches and clicks, whether or not they would have found it."""
        client, search = self.sidecar()
        page = search(text, size=50, **who)
        assert entity in [hit["id"] for hit in page["hits"]], page
        event = {"query_id": page["query_id"], "object_id": entity, "action": "click"}
        assert client.post("/_ltrr/feedback", json=event).status_code == 202

    def learner(self) -> Learner:
        """A learner that has just been started."""
        reader = VectorReader(self.cluster, self.world.services.schema, timeout_s=PATIENCE_S)
        return Learner(
            Reader(self.cluster),
            Lease(self.cluster, "this test"),
            SnapshotStore(self.cluster),
            Projection(self.cluster, sessions=3, meanings=Meanings(self.cluster, self.encoder)),
            lambda: Explorer(VwValueModel(), StaticPolicy({}, budget=200)),
            Rules(),
            people=People(self.cluster, reader, sessions=3),
        )

    def learn(self) -> None:
        """All that was journalled is learnt and projected."""
        assert self.world.journal.shipper.flush(30)
        learner = self.learner()
        learner.catch_up(threading.Event())
        learner.close()

    def user(self, raw: str) -> Mapping[str, Any] | None:
        """The document of a user."""
        hashed = Identity(self.world.services.secret).user(raw)
        found = self.cluster.find(f"/{self.cluster.name('users')}/_doc/{hashed}")
        return found["_source"] if found else None

    def ask(self, strategy: str, **given: Any) -> list[str]:
        """What one strategy alone brings, best first."""
        (chosen,) = (one for one in self.world.services.strategies if one.name == strategy)
        meant = {"rewritten": given["text"]} if given.get("text") else {}
        params = {"size": 5, "filters": [], **meant, **given}
        params = {name: value for name, value in params.items() if value is not None}
        names = ",".join(self.cluster.name(index) for index in chosen.indexes)
        body = {"id": self.cluster.name(strategy), "params": params}
        hits = self.cluster.request("POST", f"/{names}/_search/template", body)["hits"]["hits"]
        return [hit.id for hit in merged(hits, 5)]


def who(query: Query, user: str | None = None, session: str | None = None) -> Query:
    """``query`` of somebody, hashed as the sidecar does."""
    identity = Identity(SECRET)
    return replace(query, user=identity.user(user), session=identity.session(session))
