"""Rules on a real node: they hold on every page, on every sidecar, and spoil nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import ADMIN, World, searching

from bandit_service.api.rule_schemas import RuleOut, RulesAnswer
from bandit_service.rules.book import RuleBook
from plugin.assets.rules import Rule, rule_of
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration

BEARER = {"Authorization": f"Bearer {ADMIN}"}


def ids(answer: Any) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def made(world: World, **rules: dict[str, Any]) -> FlaskClient:
    """A sidecar with these rules, as from a file."""
    filters = world.services.filters.clauses
    filed = [rule_of(id, given, filters) for id, given in rules.items()]
    return world.client(rules=RuleBook(None, filters, filed))


def test_a_pin_is_at_its_position_for_its_query_only(shared_world: World) -> None:
    pin = {"action": "pin", "query": "Love!", "ids": ["amor", "taylor"], "position": 2}
    find = searching(made(shared_world, pin=pin))
    answer = find("love")
    assert ids(answer)[1:3] == ["amor", "taylor"]
    origins = answer["hits"][1]["provenance"]
    assert {"strategy": "rule", "rank": 2, "score": 1.0} in origins
    assert ids(find("love story")) == ids(searching(shared_world.client())("love story"))


def test_a_pin_passes_the_filters_or_is_not_shown(shared_world: World) -> None:
    find = searching(made(shared_world, pin={"action": "pin", "ids": ["amor", "ghost"]}))
    assert ids(find("love"))[0] == "amor"
    assert "amor" not in ids(find("love", filters={"language": "en"}))
    assert "amor" not in ids(find("love", types=["album"]))
    assert "ghost" not in ids(find("love", size=100))


def test_what_is_blocked_appears_nowhere(world: World) -> None:
    world.remember("love", {"love-story": 0.9, "lover": 0.8})
    rules = {
        "a": {"action": "pin", "ids": ["love-story"]},
        "b": {"action": "block", "ids": ["love-story"]},
        "c": {"action": "block", "filters": {"type": "playlist"}},
    }
    before = searching(world.client())("love", size=1, facets=["type"])
    client = made(world, **rules)
    find = searching(client)
    for body in ({}, {"layout": "grouped"}, {"filters": {"id": ["love-story", "rainy", "love"]}}):
        found = ids(find("love", size=100, **body))
        assert found
        assert not {"love-story", "rainy"} & set(found)
    facets = {one["value"]: one["count"] for one in find("love", facets=["type"])["facets"]["type"]}
    assert "playlist" not in facets
    songs = {one["value"]: one["count"] for one in before["facets"]["type"]}["song"]
    assert facets["song"] == songs - 1
    # A rule that came after the first page holds on the later ones, and shifts nobody.
    later = find("love", size=100, from_=1, query_id=before["query_id"])
    assert not {"love-story", "rainy"} & set(ids(later))
    whole = world.journal.first_page(before["query_id"]).body["ranked"]
    assert all(whole[hit["position"] - 1] == hit["id"] for hit in later["hits"])


def test_a_boost_by_filter_or_ids_moves_what_it_is_about(shared_world: World) -> None:
    plain = ids(searching(shared_world.client())("love"))
    album = plain.index("lover")
    assert album > 0
    up = made(shared_world, up={"action": "boost", "filters": {"type": "album"}, "factor": 50})
    answer = searching(up)("love")
    assert ids(answer)[0] == "lover"
    assert "rule" in {origin["strategy"] for origin in answer["hits"][0]["provenance"]}
    down = made(shared_world, down={"action": "boost", "ids": [plain[0]], "factor": 0.01})
    assert ids(searching(down)("love"))[-1] == plain[0]


def test_without_a_word_rules_for_all_hold(shared_world: World) -> None:
    find = searching(made(shared_world, pin={"action": "pin", "ids": ["secret"]}))
    assert ids(find(""))[0] == "secret"


def test_a_choice_of_a_pinned_hit_is_taken_in_like_any_other(shared_world: World) -> None:
    client = made(shared_world, pin={"action": "pin", "query": "taylor", "ids": ["amor"]})
    answer = searching(client)("taylor", session="s")
    event = {"query_id": answer["query_id"], "object_id": "amor", "action": "click"}
    taken = client.post("/_ltrr/feedback", json=event)
    assert taken.status_code == 202
    assert taken.json["not_on_page"] == []


def followed(world: World) -> tuple[FlaskClient, RuleBook]:
    book = RuleBook(world.cluster, world.services.filters.clauses, [Rule("filed", "block")])
    return world.client(rules=book), book


def test_rules_are_changed_by_the_admin_and_followed_by_every_sidecar(world: World) -> None:
    client, _ = followed(world)
    other, others = followed(world)
    rule = {"action": "pin", "query": "love", "ids": ["amor"], "position": 1}
    assert client.put("/_ltrr/rules/one", json=rule).status_code == 403
    wrong = {"Authorization": "Bearer guess"}
    assert client.put("/_ltrr/rules/one", json=rule, headers=wrong).status_code == 403
    assert client.delete("/_ltrr/rules/one").status_code == 403
    put = client.put("/_ltrr/rules/one", json=rule, headers=BEARER)
    assert put.status_code == 200, put.json
    RuleOut.model_validate(put.json)
    assert put.json == {"id": "one", "source": "api", **rule}
    assert ids(searching(client)("love"))[0] == "amor"

    assert others.look()
    assert not others.look()
    assert ids(searching(other)("love"))[0] == "amor"
    listed = other.get("/_ltrr/rules").json
    RulesAnswer.model_validate(listed)
    assert [(one["id"], one["source"]) for one in listed["rules"]] == [
        ("filed", "file"),
        ("one", "api"),
    ]
    assert other.get("/_ltrr/rules/one").json == put.json

    # What both change stays, whoever looked last.
    second = {"action": "block", "filters": {"type": "playlist"}}
    assert other.put("/_ltrr/rules/two", json=second, headers=BEARER).status_code == 200
    gone = client.delete("/_ltrr/rules/one", headers=BEARER)
    assert [one["id"] for one in gone.json["rules"]] == ["filed", "two"]
    assert others.look()
    assert other.get("/_ltrr/rules/one").status_code == 404
    assert other.delete("/_ltrr/rules/one", headers=BEARER).status_code == 404


@pytest.mark.parametrize(
    ("id", "body", "said"),
    [
        ("x", {}, "action"),
        ("x", {"action": "pin", "ids": ["a"], "until": 1}, "unknown field"),
        ("x", {"action": "pin"}, "needs ids"),
        ("x", {"action": "block", "filters": {"langage": "en"}}, "language"),
        ("x", {"action": "boost", "ids": ["a"], "factor": 0}, "factor"),
        ("a b", {"action": "block", "ids": ["a"]}, "no id of a rule"),
        ("filed", {"action": "block", "ids": ["a"]}, "rules.toml"),
        ("x", {"action": "block", "ids": ["a"] * 101}, "100"),
    ],
)
def test_a_rule_that_cannot_work_is_a_400_that_helps(
    shared_world: World, id: str, body: dict[str, Any], said: str
) -> None:
    client, book = followed(shared_world)
    answer = client.put(f"/_ltrr/rules/{id}", json=body, headers=BEARER)
    assert answer.status_code == 400, answer.json
    assert said in answer.json["error"]["message"]
    assert [rule.id for rule, _ in book.listed()] == ["filed"]


def test_while_the_node_is_away_the_last_good_rules_hold(world: World) -> None:
    client, book = followed(world)
    client.put("/_ltrr/rules/one", json={"action": "block", "ids": ["love"]}, headers=BEARER)
    away = RuleBook(Cluster("http://127.0.0.1:9", "t"), world.services.filters.clauses)
    answer = world.client(rules=away).put(
        "/_ltrr/rules/x", json={"action": "block", "ids": ["a"]}, headers=BEARER
    )
    assert answer.status_code == 503
    book.start()
    book.stop()
    assert "love" not in ids(searching(client)("love"))


def test_without_a_cluster_to_keep_them_rules_are_only_shown(shared_world: World) -> None:
    client = shared_world.client()
    assert client.get("/_ltrr/rules").json == {"rules": []}
    answer = client.put("/_ltrr/rules/x", json={"action": "block", "ids": ["a"]}, headers=BEARER)
    assert answer.status_code == 503
