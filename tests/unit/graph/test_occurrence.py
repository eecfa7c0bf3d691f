"""What becomes an edge, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.graph.occurrence import Graph, graph_of


def edges(graph: Graph) -> dict[tuple[str, str], float]:
    return {
        (graph.nodes[one], graph.nodes[other]): weight
        for (one, other), weight in graph.edges.items()
    }


def test_a_relation_counts_once_however_often_it_is_named() -> None:
    related: dict[str, Any] = {
        "ann": {"songs": ["story", "hello"]},
        "story": {"artist": "ann", "original": ["story", "gone"]},
        "hello": {"artist": ["ann"]},
        "alone": None,
    }
    graph = graph_of(related, {}, [], sessions=3)
    assert edges(graph) == {("ann", "story"): 1.0, ("ann", "hello"): 1.0}
    assert graph.nodes == ["alone", "ann", "hello", "story"]


def test_what_one_query_led_to_meets_at_a_hub() -> None:
    graph = graph_of(
        {"a": {}, "b": {}, "c": {}},
        {"k1": [("a", 0.5), ("b", 0.2), ("gone", 1.0)], "k2": [("c", 0.9)]},
        [],
        sessions=3,
    )
    assert graph.hubs == 1
    assert edges(graph) == {("a", "query k1"): 0.5, ("b", "query k1"): 0.2}


def test_two_entities_meet_where_enough_users_chose_both_and_none_is_given_away() -> None:
    both = [("a", 1.0), ("b", 0.5)]
    users = [*[both] * 3, [("a", 1.0), ("c", 1.0)], [("b", -1.0), ("c", 1.0)]]
    graph = graph_of({"a": {}, "b": {}, "c": {}}, {}, users, sessions=3)
    assert edges(graph) == {("a", "b"): pytest.approx(3 / (4 * 3) ** 0.5)}
    assert edges(graph_of({"a": {}, "b": {}, "c": {}}, {}, users[1:], sessions=3)) == {}


def test_the_order_of_what_is_read_does_not_matter() -> None:
    related = {"a": {"r": ["b", "c"]}, "b": {"r": ["c"]}, "c": {}}
    turned = dict(reversed(related.items()))
    users = [[("a", 1.0), ("c", 0.5)]] * 3
    one = graph_of(related, {"k": [("a", 1), ("b", 1)]}, users, sessions=3)
    other = graph_of(turned, {"k": [("a", 1), ("b", 1)]}, users[::-1], sessions=3)
    assert (one.nodes, one.edges) == (other.nodes, other.edges)
