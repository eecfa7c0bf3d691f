"""A small world on a real node: seven entities, the real strategies, one sidecar over them.

On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from flask.testing import FlaskClient
from nodes import at_once

from bandit_service.app import Sidecar, create_app
from bandit_service.collaborators import Services
from bandit_service.features import featurise
from bandit_service.journal.journal import Journal
from bandit_service.journal.query_ids import QueryIds
from bandit_service.journal.shipper import Shipper
from bandit_service.journal.spool import Spool
from bandit_service.learner.credit import Grades
from bandit_service.policies.base import Eligible, Features, Policy
from bandit_service.policies.static import StaticPolicy
from bandit_service.session_evidence import SessionEvidence
from plugin.assets.files import read_assets
from plugin.assets.schema import load_schema
from plugin.assets.values import resolve
from plugin.blending.rrf import ReciprocalRank
from plugin.cluster import Cluster
from plugin.filters import Filters, fields_of
from plugin.model import Decision
from plugin.strategies import load_strategies
from plugin.understanding import memory_key, normalise

ASSETS = Path(__file__).parents[3] / "opensearch"
DIMENSIONS = 16
SECRET = "a secret of these tests"
ADMIN = "admin token of these tests"

ENTITIES: dict[str, dict[str, Any]] = {
    "love-story": {"type": "song", "name": "Love Story", "by": ["Taylor Swift"], "popularity": 9},
    "love": {"type": "song", "name": "Love", "by": ["Lana Del Rey"], "popularity": 6},
    "amor": {
        "type": "song",
        "name": "Amor Prohibido",
        "by": ["Selena"],
        "language": "es",
        "popularity": 5,
    },
    "taylor": {"type": "artist", "name": "Taylor Swift", "popularity": 10},
    "lover": {"type": "album", "name": "Lover", "by": ["Taylor Swift"], "popularity": 8},
    "rainy": {"type": "playlist", "name": "Love songs for a rainy day", "popularity": 2},
    "secret": {"type": "song", "name": "Love Secret", "language": "xx", "popularity": 1},
}


class Words:
    """An encoder whose dimensions are words: texts that share words are near each other."""

    dimensions = DIMENSIONS
    version = "words"

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        vectors = np.full((len(texts), DIMENSIONS), 0.01, dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in normalise(text).split():
                row[sum(word.encode()) % DIMENSIONS] += 1.0
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass
class Served:
    """A snapshot that a test chose."""

    policy: Policy
    version: str = "test"


@dataclass
class FixedSnapshots:
    """Serves one snapshot, or none."""

    snapshot: Served | None

    def current(self) -> Served | None:
        return self.snapshot

    def history(self) -> Sequence[Mapping[str, Any]]:
        return [{"version": "test", "decisions": 3, "weights": {"lexical": 1.0}}]


@dataclass
class BrokenPolicy(StaticPolicy):
    """Fails whenever it is asked."""

    def __init__(self) -> None:
        super().__init__({}, budget=1)

    def decide(self, context: Features, eligible: Eligible, rng: random.Random) -> Decision:
        raise RuntimeError("no values today")


@dataclass
class World:
    """The node's side of a test, and a way to make sidecars over it."""

    cluster: Cluster
    services: Services
    journal: Journal

    def app(self, **changes: Any) -> Sidecar:
        """A sidecar; ``changes`` replace collaborators."""
        return create_app(replace(self.services, **changes))

    def client(self, **changes: Any) -> FlaskClient:
        """A client of such a sidecar."""
        return self.app(**changes).test_client()

    def remember(self, text: str, references: Mapping[str, float], **more: Any) -> None:
        """Put observed memory of a query into the cluster, as the learner would."""
        key = memory_key(text)
        self.cluster.request(
            "PUT",
            f"/{self.cluster.name('memory')}/_doc/{key}",
            {
                "memory_key": key,
                "references": [{"id": id, "score": score} for id, score in references.items()],
                "observed": 1.0,
                **more,
            },
            params={"refresh": "true"},
        )


def put_assets(cluster: Cluster) -> None:
    """The real indexes (without the ingest pipeline) and the real templates."""
    values = {"namespace": cluster.namespace, "dimensions": DIMENSIONS}
    indexes = read_assets(ASSETS, []).indexes
    wanted: dict[str, Any] = {
        f"/_scripts/{cluster.name(one.name)}": {
            "script": {"lang": "mustache", "source": one.template}
        }
        for one in load_strategies(ASSETS)
    }
    for logical in ("entities", "memory", "users", "journal", "state"):
        asset = dict(resolve(indexes[logical], values.get))
        asset["settings"]["index"].pop("default_pipeline", None)
        wanted[f"/{asset.pop('index')}"] = asset
    at_once(partial(cluster.request, "PUT", path, body) for path, body in wanted.items())


def put_entities(cluster: Cluster, entities: Mapping[str, Mapping[str, Any]]) -> None:
    """Entities with their vectors, to be found when this returns."""
    lines: list[Any] = []
    for id, entity in entities.items():
        text = " ".join([str(entity["name"]), *entity.get("by", ())])
        lines.append({"index": {"_index": cluster.name("entities"), "_id": id}})
        lines.append({"language": "en", **entity, "vector": Words().encode([text])[0]})
    answer = cluster.lines("POST", "/_bulk", lines, params={"refresh": "true"})
    assert not answer["errors"], answer


@contextmanager
def small_world(cluster: Cluster, folder: Path) -> Iterator[World]:
    """The small world in the cluster's namespace, with its journal shipping."""
    put_assets(cluster)
    put_entities(cluster, ENTITIES)
    index = orjson.loads((ASSETS / "indexes" / "entities.json").read_bytes())
    schema = load_schema(ASSETS)
    spool = Spool(folder / "spool", max_bytes=10**7)
    journal = Journal(
        cluster, spool, Shipper(cluster, spool, dead_letters=folder / "dead"), QueryIds(SECRET)
    )
    journal.start()
    services = Services(
        cluster=cluster,
        schema=schema,
        strategies=load_strategies(ASSETS),
        filters=Filters(fields_of(index), schema.type),
        encoder=Words(),
        featurise=featurise,
        snapshots=FixedSnapshots(Served(StaticPolicy({}, budget=400, default=1.0))),
        blender=ReciprocalRank(),
        journal=journal,
        evidence=SessionEvidence(Grades(), cluster=cluster),
        secret=SECRET,
        admin_token=ADMIN,
        budget_s=30.0,
        checks={"node": lambda: _ask(cluster)},
    )
    try:
        yield World(cluster, services, journal)
    finally:
        journal.close()


def _ask(cluster: Cluster) -> None:
    cluster.get("/")


Search = Callable[..., Any]


def searching(client: FlaskClient) -> Search:
    """Search and expect a page; ``from_`` stands for ``from``."""

    def search(query: str = "", **body: Any) -> Any:
        body = {name.rstrip("_"): value for name, value in body.items()}
        answer = client.post("/_ltrr/search", json={"query": query, **body})
        assert answer.status_code == 200, answer.json
        return answer.json

    return search
