"""What is known from before a query reaches the policy, and costs nothing when it is not there."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from small_world import Words, World

from bandit_service.past import Past
from plugin.cluster import Cluster
from plugin.model import Query
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def _query(text: str, session: str | None = None, user: str | None = None) -> Query:
    return Query(text, memory_key(text), NOW, session=session, user=user)


def test_what_was_observed_for_this_query_is_known_with_its_confidence(world: World) -> None:
    world.remember("tayler love", {"love": 0.4, "lover": 0.7})
    past = Past(world.cluster)
    known = past.context(_query("Tayler LOVE"))
    assert (known["memory_hit"], known["memory_confidence"]) == (1.0, 0.7)
    other = past.context(_query("something else"))
    assert (other["memory_hit"], other["memory_confidence"]) == (0.0, 0.0)


def test_how_often_it_was_asked_and_the_nearest_other_query_are_known(world: World) -> None:
    for text in ("tayler love", "love"):
        world.remember(text, {"love": 0.4}, vector=Words().encode([text])[0])
    asked = replace(_query("love"), vector=tuple(Words().encode(["love"])[0].tolist()))
    known = Past(world.cluster).context(asked)
    assert known["asked_1"] == 1.0
    # The other one: cosine of vectors for one word and for two, of which it is one.
    assert known["nearest"] == pytest.approx(1 / 2**0.5, abs=0.02)
    assert Past(world.cluster).context(_query("love"))["nearest"] == 0.0


def test_a_session_and_a_user_are_known_the_second_time(world: World) -> None:
    past = Past(world.cluster)
    first = past.context(_query("love", session="s", user="u"))
    assert (first["session_seen"], first["user_known"]) == (0.0, 0.0)
    # A new session of a known user; and a user is not a session, whatever they are called.
    again = past.context(_query("love", session="u", user="u"))
    assert (again["session_seen"], again["user_known"]) == (0.0, 1.0)
    assert past.context(_query("love", session="s"))["session_seen"] == 1.0


def test_a_node_that_is_away_leaves_the_query_without_a_past() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        cluster = Cluster(f"http://127.0.0.1:{taken.getsockname()[1]}", "t")
        context = Past(cluster).context(_query("love"))
        cluster.close()
    assert context["memory_hit"] == 0.0
    assert context["tokens"] > 0
