"""Somebody unknown, and a node that is away: a query goes on as it came."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bandit_service.learner.credit import Grades
from bandit_service.personal.entities import VectorReader
from bandit_service.personal.graph import GraphLookUp
from bandit_service.personal.patience import PAUSE_S, Patience
from bandit_service.personal.sessions import SessionLookUp
from bandit_service.personal.trending import TrendingLookUp
from bandit_service.personal.users import UserLookUp
from bandit_service.session_evidence import SessionEvidence
from plugin.assets.schema import load_schema
from plugin.cluster import Cluster
from plugin.errors import NodeUnavailable
from plugin.model import Query, Slot

SCHEMA = load_schema(Path(__file__).parents[3] / "opensearch")
QUERY = Query(
    "love",
    "key",
    datetime(2026, 1, 5, tzinfo=UTC),
    user="u",
    session="s",
    slots=(Slot(0, 1, "love", "name", "name", "Love", 0.9, "love"),),
)


@pytest.fixture
def away() -> Iterator[Cluster]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        cluster = Cluster(f"http://127.0.0.1:{taken.getsockname()[1]}", "t")
        yield cluster
        cluster.close()


def test_while_the_node_is_away_a_query_goes_on_as_it_came(away: Cluster) -> None:
    evidence = SessionEvidence(Grades(), cluster=away)
    evidence.record("s", "key", {"object_id": "love", "action": "click"})
    reader = VectorReader(away, SCHEMA)
    users = UserLookUp(away)
    sessions = SessionLookUp(evidence, reader)
    query = QUERY
    for look_up in (users, sessions, GraphLookUp(reader, sessions, users), TrendingLookUp(away)):
        query = look_up(query)
    assert query == QUERY


def test_what_failed_is_not_asked_again_for_a_while() -> None:
    now = 0.0
    asked = []

    def fails() -> int:
        asked.append(now)
        raise NodeUnavailable("away")

    patience = Patience("it", clock=lambda: now)
    assert patience.ask(fails) is None
    assert patience.ask(lambda: 1) is None
    now = PAUSE_S
    assert patience.ask(lambda: 1) == 1
    assert asked == [0.0]
