"""``/_ltrr/suggest`` on a real node: names by their beginnings, and what others asked."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import World

from bandit_service.api.suggest_schemas import SuggestAnswer
from bandit_service.rules.book import RuleBook
from plugin.assets.rules import rule_of
from plugin.cluster import Cluster
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration


def texts(client: FlaskClient, query: str, **body: Any) -> list[str]:
    answer = client.post("/_ltrr/suggest", json={"query": query, **body})
    assert answer.status_code == 200, answer.json
    SuggestAnswer.model_validate(answer.json)
    return [one["text"] for one in answer.json["suggestions"]]


def test_names_that_begin_so_come_the_popular_first(look: FlaskClient) -> None:
    assert texts(look, "lo") == [
        "Love Story",
        "Lover",
        "Love",
        "Love songs for a rainy day",
        "Love Secret",
    ]
    assert texts(look, "lo", size=2) == ["Love Story", "Lover"]
    assert texts(look, "story lo") == ["Love Story"]


def test_both_ways_of_asking_answer_alike(look: FlaskClient) -> None:
    answer = look.get("/_ltrr/suggest?q=tay&size=3&types=artist,album")
    assert [one["text"] for one in answer.json["suggestions"]] == ["Taylor Swift"]
    assert answer.json["suggestions"][0] == {
        "text": "Taylor Swift",
        "kind": "entity",
        "id": "taylor",
        "type": "artist",
    }
    assert texts(look, "tay", size=3, types=["artist", "album"]) == ["Taylor Swift"]


def test_a_letter_may_be_wrong_and_the_last_word_unfinished(look: FlaskClient) -> None:
    assert texts(look, "tayler") == ["Taylor Swift"]
    assert texts(look, "tayler sw") == ["Taylor Swift"]
    assert texts(look, "prohibdo amor") == ["Amor Prohibido"]


def test_words_of_the_maker_may_be_among_what_is_typed(look: FlaskClient) -> None:
    assert texts(look, "swift love st") == ["Love Story"]
    assert texts(look, "swift lo")[0] == "Love Story"


def test_filters_hold(look: FlaskClient) -> None:
    assert texts(look, "lov", filters={"language": "xx"}) == ["Love Secret"]
    refused = look.post("/_ltrr/suggest", json={"query": "l", "filters": {"langage": "xx"}})
    assert refused.status_code == 400
    assert "language" in refused.json["error"]["message"]


def test_what_others_asked_comes_first_once_enough_of_them_did(
    world: World, client: FlaskClient, cluster: Cluster
) -> None:
    for text, observed in (("love is in the air", 9.0), ("Love  Story!", 20.0), (None, 50.0)):
        key = memory_key(text or "love nobody may see")
        document = {"memory_key": key, "references": [], "observed": observed}
        cluster.request(
            "PUT",
            f"/{cluster.name('memory')}/_doc/{key}",
            document | ({"text": text} if text else {}),
            params={"refresh": "true"},
        )
    found = texts(client, "love")
    assert found[:2] == ["Love  Story!", "love is in the air"]
    assert "Love Story" not in found  # the same text, however written, once
    assert texts(client, "love is i")[0] == "love is in the air"


def test_what_is_blocked_is_not_suggested(shared_world: World) -> None:
    filters = shared_world.services.filters.clauses
    rule = rule_of("no", {"action": "block", "ids": ["love-story"]}, filters)
    client = shared_world.client(rules=RuleBook(None, filters, [rule]))
    assert "Love Story" not in texts(client, "lo")


@pytest.mark.parametrize(
    "query", ["", "   ", "!!!", "\u202e", "{{text}}", '"}}', "a" * 2000, "* ?"]
)
def test_whatever_is_typed_there_is_an_answer(look: FlaskClient, query: str) -> None:
    texts(look, query)


def test_mistakes_are_told(look: FlaskClient) -> None:
    for answer, said in (
        (look.post("/_ltrr/suggest", json={"qery": "x"}), "did you mean query"),
        (look.post("/_ltrr/suggest", json={"query": "x", "size": 0}), "size"),
        (look.get("/_ltrr/suggest?q=x&size=many"), "size"),
        (look.get("/_ltrr/suggest?query=x"), "unknown field"),
        (look.get("/_ltrr/suggest?q=" + "x" * 2001), "2000"),
    ):
        assert answer.status_code == 400, answer.json
        assert said in answer.json["error"]["message"]


def test_nothing_of_it_is_journalled(world: World, client: FlaskClient) -> None:
    before = world.journal.spool.waiting_bytes
    texts(client, "lo")
    assert world.journal.spool.waiting_bytes == before


def test_while_the_node_is_away_the_answer_says_so(shared_world: World) -> None:
    away = Cluster("http://127.0.0.1:9", shared_world.cluster.namespace)
    answer = shared_world.client(cluster=away).get("/_ltrr/suggest?q=love")
    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "node_unavailable"
