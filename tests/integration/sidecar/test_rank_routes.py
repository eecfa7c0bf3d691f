"""``/_ltrr/rank`` and ``/_ltrr/reward`` on a real node: the caller's own candidates, or none."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import ENTITIES, World

from bandit_service.api.feedback_schemas import FeedbackAnswer
from bandit_service.api.rank_schemas import MOST_CANDIDATES, RankAnswer

pytestmark = pytest.mark.integration


def ranked(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/_ltrr/rank", json=body)
    assert answer.status_code == 200, answer.json
    RankAnswer.model_validate(answer.json)
    told: dict[str, Any] = answer.json
    return told


def ids(answer: dict[str, Any]) -> list[str]:
    return [one["id"] for one in answer["ranked"]]


def test_all_candidates_and_nothing_else_are_put_in_order(look: FlaskClient) -> None:
    answer = ranked(look, candidates=["amor", "lover", "taylor"], query="taylor swift")
    assert set(ids(answer)) == {"amor", "lover", "taylor"}
    assert ids(answer)[0] == "taylor"
    assert [one["position"] for one in answer["ranked"]] == [1, 2, 3]
    assert answer["missing"] == []


def test_what_no_strategy_brings_comes_last_and_says_who_offered_it(look: FlaskClient) -> None:
    answer = ranked(look, candidates=["amor", "taylor"], query='"')
    assert set(ids(answer)) == {"amor", "taylor"}
    answer = ranked(look, candidates=["secret", "taylor"], query="taylor swift")
    assert ids(answer) == ["taylor", "secret"]


def test_a_candidate_that_is_not_there_or_not_wanted_is_told(look: FlaskClient) -> None:
    answer = ranked(look, candidates=["ghost", "taylor", "love", "ghost"], types=["song"])
    assert ids(answer) == ["love"]
    assert answer["missing"] == ["ghost", "taylor"]


def test_nobody_left_is_an_empty_order(look: FlaskClient) -> None:
    answer = ranked(look, candidates=["ghost"])
    assert (ids(answer), answer["missing"]) == ([], ["ghost"])


def test_without_candidates_and_words_it_recommends(look: FlaskClient) -> None:
    assert ids(ranked(look, size=3))[0] in ENTITIES
    assert len(ranked(look, size=3)["ranked"]) == 3


def test_a_reward_is_feedback_with_a_grade_of_ones_own(world: World, client: FlaskClient) -> None:
    first = ranked(client, candidates=["amor", "lover", "taylor"], query="love", session="s")
    last = ids(first)[-1]
    sent = {"query_id": first["query_id"], "object_id": last, "value": 1.0, "session": "s"}
    answer = client.post("/_ltrr/reward", json=sent)
    assert answer.status_code == 202, answer.json
    FeedbackAnswer.model_validate(answer.json)
    again = client.post("/_ltrr/reward", json=[sent])
    assert again.json["event_ids"] == answer.json["event_ids"]
    query = {"candidates": ["amor", "lover", "taylor"], "query": "love", "session": "s"}
    assert ids(ranked(client, **query))[0] == last
    assert client.post("/_ltrr/reward", json=sent | {"value": -1.0}).status_code == 202
    assert ids(ranked(client, **query))[-1] == last


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("rank", {"candidates": []}, "candidates"),
        ("rank", {"candidates": ["x"] * (MOST_CANDIDATES + 1)}, "candidates"),
        ("rank", {"candidates": [7]}, "candidates"),
        ("rank", {"candidate": ["love"]}, "candidates"),
        ("rank", {"filters": {"langage": "en"}}, "language"),
        ("reward", {"query_id": "q", "object_id": "o"}, "value"),
        ("reward", {"query_id": "q", "object_id": "o", "value": 2}, "value"),
        ("reward", [], "at least 1"),
    ],
)
def test_what_is_wrong_is_said(look: FlaskClient, path: str, body: Any, says: str) -> None:
    answer = look.post(f"/_ltrr/{path}", json=body)
    assert answer.status_code == 400
    assert says in answer.json["error"]["message"]


def test_a_reward_for_a_query_that_never_was_is_not_found(look: FlaskClient) -> None:
    body = {"query_id": "nobody", "object_id": "love", "value": 0.5}
    assert look.post("/_ltrr/reward", json=body).status_code in (400, 404)
