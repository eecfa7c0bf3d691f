"""Vectors of a graph: the same surroundings, the same direction."""

from __future__ import annotations

import numpy as np

from ingest.graph.embedding import embed


def cosine(vectors: np.ndarray, one: int, other: int) -> float:
    return float(vectors[one] @ vectors[other])


NODES = [f"song-{number}" for number in range(40)] + ["rock", "jazz"]
EDGES = [(number, 40 + number % 2) for number in range(40)]


def test_what_shares_its_surroundings_is_near_and_what_does_not_is_far() -> None:
    vectors = embed(NODES, EDGES, [1.0] * 40, 64)
    assert cosine(vectors, 0, 2) > 0.95
    assert abs(cosine(vectors, 0, 1)) < 0.5
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_what_is_connected_to_nothing_has_no_direction() -> None:
    assert not embed([*NODES, "alone"], EDGES, [1.0] * 40, 64)[-1].any()
    assert not embed(["alone"], [], [], 64).any()


def test_the_same_graph_gives_the_same_numbers() -> None:
    one, other = (embed(NODES, EDGES, [1.0] * 40, 64) for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_its_axes_mean_the_same_after_others_came_and_went() -> None:
    before = embed(NODES, EDGES, [1.0] * 40, 64)
    more = [*(f"new-{number}" for number in range(7)), *NODES[1:]]
    edges = [(one + 6, other + 6) for one, other in EDGES if one > 0] + [(0, 1), (2, 3)]
    after = embed(more, edges, [1.0] * len(edges), 64)
    for place in range(1, 40):
        assert float(before[place] @ after[place + 6]) > 0.9


def test_a_heavier_edge_draws_nearer() -> None:
    nodes = ["a", "b", "c", "b2", "c2"]
    vectors = embed(nodes, [(0, 1), (0, 2), (1, 3), (2, 4)], [5.0, 0.1, 1.0, 1.0], 64)
    assert cosine(vectors, 0, 1) > cosine(vectors, 0, 2)
