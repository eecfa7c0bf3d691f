"""``/_ltrr/search`` on a real node: pages, filters, paging, and what happens when a part fails."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sidecars import wait_until
from small_world import BrokenPolicy, FixedSnapshots, Search, Served, World, put_entities

from bandit_service.api.search_schemas import SearchAnswer
from bandit_service.breakers import Breakers, Limits
from bandit_service.policies.static import StaticPolicy
from plugin.blending.minmax import MinMax
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration


def ids(answer: Any) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def test_a_page_says_what_was_found_and_who_brought_it(find: Search) -> None:
    answer = find("taylor swift")
    SearchAnswer.model_validate(answer)
    assert answer["degraded"] == []
    assert set(ids(answer)[:3]) == {"taylor", "love-story", "lover"}
    best = answer["hits"][0]
    assert best["type"] == best["source"]["type"]
    assert best["source"]["name"]
    assert "vector" not in best["source"]
    assert {"lexical", "dense"} <= {origin["strategy"] for origin in best["provenance"]}
    assert sum(choice["weight"] for choice in answer["decision"]) == pytest.approx(1.0)
    assert answer["total"] == len({*ids(answer)})


def test_what_ranked_each_hit_is_told_to_who_asks(find: Search) -> None:
    assert all(hit["reasons"] == {} for hit in find("taylor swift")["hits"])
    for hit in find("taylor swift", explain=True)["hits"]:
        assert hit["reasons"] == pytest.approx({"blend": hit["score"]})


def test_a_misspelt_query_finds_what_was_meant(find: Search) -> None:
    assert "taylor" in ids(find("tayler swift"))[:3]


def test_both_blenders_answer(shared_world: World) -> None:
    answer = (
        shared_world.client(blender=MinMax()).post("/_ltrr/search", json={"query": "love"}).json
    )
    assert {"love", "love-story"} <= set(ids(answer))


def test_wanted_types_and_filters_hold_in_every_strategy(search: Search, world: World) -> None:
    world.remember("love", {"amor": 0.9, "secret": 0.8, "ghost": 0.7})
    for body, fits in (
        ({"types": ["song"]}, {"love-story", "love", "amor", "secret"}),
        ({"filters": {"language": "en"}}, {"love-story", "love", "taylor", "lover", "rainy"}),
        ({"filters": {"by": "Taylor Swift"}}, {"love-story", "lover"}),
        ({"filters": {"popularity.value": {"gte": 8}}}, {"love-story", "taylor", "lover"}),
    ):
        found = ids(search("love", **body))
        assert found
        assert set(found) <= fits


def test_what_was_observed_comes_from_memory_and_what_is_gone_leaves_no_hole(
    search: Search, world: World
) -> None:
    world.remember("love", {f"ghost-{at}": 0.9 - at / 100 for at in range(8)} | {"amor": 0.05})
    answer = search("love", size=5)
    assert len(answer["hits"]) == 5
    assert not any(id.startswith("ghost") for id in ids(answer))
    origins = [
        origin
        for hit in search("love")["hits"]
        if hit["id"] == "amor"
        for origin in hit["provenance"]
    ]
    assert "memory" in {origin["strategy"] for origin in origins}


def test_pages_continue_each_other_without_repeats_or_gaps(find: Search) -> None:
    whole = find("love", size=100)
    first = find("love", size=2)
    seen = ids(first)
    for start in range(2, whole["total"] + 2, 2):
        page = find("love", size=2, from_=start, query_id=first["query_id"])
        SearchAnswer.model_validate(page)
        assert page["total"] == whole["total"]
        seen += ids(page)
    assert seen == ids(whole)
    past = find("love", from_=500, query_id=first["query_id"])
    assert past["hits"] == []


def test_a_later_page_knows_which_strategies_brought_its_hits(find: Search) -> None:
    whole = find("love", size=100)
    first = find("love", size=1)
    page = find("love", size=1, from_=1, query_id=first["query_id"])
    assert page["hits"] == whole["hits"][1:2]


def test_paging_survives_a_restart_and_works_from_any_sidecar(
    world: World, search: Search, cluster: Cluster
) -> None:
    whole = search("love", size=100)
    first = search("love", size=2)
    put_entities(cluster, {f"new-{at}": {"type": "song", "name": "Love"} for at in range(5)})
    for other in (world.client(), world.client()):
        answer = other.post(
            "/_ltrr/search",
            json={"query": "love", "from": 2, "size": 3, "query_id": first["query_id"]},
        )
        assert ids(answer.json) == ids(whole)[2:5]


def test_a_later_page_needs_the_query_id_of_its_first(look: FlaskClient) -> None:
    answer = look.post("/_ltrr/search", json={"query": "love", "from": 10})
    assert answer.status_code == 400
    assert "query_id" in answer.json["error"]["message"]


def test_a_query_id_of_another_query_or_of_nobody_is_refused(
    look: FlaskClient, find: Search
) -> None:
    first = find("love")["query_id"]
    for query_id, status in ((first, 400), ("made-up", 400), ("a" * 32, 404)):
        body = {"query": "taylor", "from": 1, "query_id": query_id}
        answer = look.post("/_ltrr/search", json=body)
        assert answer.status_code == status, answer.json


@pytest.mark.parametrize("query", ["", "   ", "!!!", "🎵💔"])
def test_a_query_without_a_word_gets_what_is_popular(find: Search, query: str) -> None:
    answer = find(query)
    assert ids(answer)[0] == "taylor"
    assert set(answer["understanding"]["left_out"]) >= {"lexical", "dense", "memory"}


def test_a_strategy_that_fails_drops_out_and_is_named(
    world: World, search: Search, cluster: Cluster
) -> None:
    cluster.request("DELETE", f"/_scripts/{cluster.name('lexical')}")
    answer = search("love")
    assert answer["degraded"] == ["lexical"]
    assert {"love", "love-story"} <= set(ids(answer))
    assert all(
        origin["strategy"] != "lexical" for hit in answer["hits"] for origin in hit["provenance"]
    )


def test_a_template_that_renders_nonsense_drops_out_and_is_named(
    search: Search, cluster: Cluster
) -> None:
    body = {"script": {"lang": "mustache", "source": '{"query": {{text}} '}}
    cluster.request("PUT", f"/_scripts/{cluster.name('fuzzy')}", body)
    assert search("love")["degraded"] == ["fuzzy"]


def test_when_what_was_chosen_brings_nothing_the_others_are_asked(
    world: World, cluster: Cluster
) -> None:
    cluster.request("DELETE", f"/_scripts/{cluster.name('lexical')}")
    only = FixedSnapshots(Served(StaticPolicy({"lexical": 1.0}, budget=50)))
    answer = world.client(snapshots=only).post("/_ltrr/search", json={"query": "love"})
    assert answer.status_code == 200
    assert answer.json["degraded"] == ["lexical"]
    assert {"love", "love-story"} <= set(ids(answer.json))


def test_when_every_strategy_fails_the_answer_says_so(
    world: World, client: FlaskClient, cluster: Cluster
) -> None:
    for strategy in world.services.strategies:
        cluster.request("DELETE", f"/_scripts/{cluster.name(strategy.name)}")
    answer = client.post("/_ltrr/search", json={"query": "love"})
    assert answer.status_code == 503
    assert "every strategy failed" in answer.json["error"]["message"]


def test_when_no_template_can_be_rendered_each_failure_is_explained(
    world: World, client: FlaskClient, cluster: Cluster
) -> None:
    for strategy in world.services.strategies:
        source = {"script": {"lang": "mustache", "source": '{"query": '}}
        cluster.request("PUT", f"/_scripts/{cluster.name(strategy.name)}", source)
    answer = client.post("/_ltrr/search", json={"query": "love"})
    assert answer.status_code == 503
    assert "no requests added" not in answer.json["error"]["message"]


def test_without_the_entities_index_the_error_says_what_to_do(
    client: FlaskClient, cluster: Cluster
) -> None:
    cluster.request("DELETE", f"/{cluster.name('entities')}-000001")
    answer = client.post("/_ltrr/search", json={"query": "love"})
    assert answer.status_code == 503
    assert "ltrr apply" in answer.json["error"]["message"]


@pytest.mark.parametrize("snapshot", [None, Served(BrokenPolicy())], ids=["none", "broken"])
def test_without_a_working_policy_all_strategies_are_blended_equally(
    shared_world: World, snapshot: Served | None
) -> None:
    client = shared_world.client(snapshots=FixedSnapshots(snapshot))
    answer = client.post("/_ltrr/search", json={"query": "love"}).json
    assert answer["degraded"] == ["policy"]
    assert answer["policy_version"] == "uniform"
    weights = {choice["weight"] for choice in answer["decision"]}
    assert len(weights) == 1
    assert {"love", "love-story"} <= set(ids(answer))


def test_without_an_encoder_the_others_answer(shared_world: World) -> None:
    answer = shared_world.client(encoder=None).post("/_ltrr/search", json={"query": "love"}).json
    assert answer["understanding"]["left_out"]["dense"] == "needs vector"
    assert answer["degraded"] == []
    assert {"love", "love-story"} <= set(ids(answer))


def test_while_the_node_is_away_the_answer_says_so_at_once(shared_world: World) -> None:
    away = Cluster("http://127.0.0.1:9", shared_world.cluster.namespace)
    answer = shared_world.client(cluster=away).post("/_ltrr/search", json={"query": "love"})
    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "node_unavailable"


def test_one_that_keeps_failing_is_left_alone_and_comes_back_after_a_trial(
    world: World, cluster: Cluster
) -> None:
    now = [0.0]
    breakers = Breakers(Limits(in_a_row=2, wait_s=10), clock=lambda: now[0])
    client = world.client(breakers=breakers)

    def ask() -> Any:
        answer = client.post("/_ltrr/search", json={"query": "love"})
        assert answer.status_code == 200, answer.json
        assert "love" in ids(answer.json)
        return answer.json

    script = f"/_scripts/{cluster.name('lexical')}"
    template = cluster.get(script)["script"]
    cluster.request("DELETE", script)
    assert [ask()["degraded"] for _ in range(2)] == [["lexical"], ["lexical"]]
    answer = ask()
    assert breakers.state("lexical") == "open"
    assert "circuit" in answer["understanding"]["left_out"]["lexical"]
    assert "lexical" not in {one["strategy"] for one in answer["decision"]}
    assert answer["degraded"] == ["lexical"]

    cluster.request("PUT", script, {"script": template})
    now[0] = 10
    ask()  # its trial runs beside this query
    wait_until(lambda: breakers.state("lexical") == "closed", "the trial closes the circuit")
    assert ask()["degraded"] == []
