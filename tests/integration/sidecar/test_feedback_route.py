"""``/_ltrr/feedback`` and ``/_ltrr/explain`` on a real node."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import ADMIN, SECRET, Search, World

from bandit_service.api.explain_schemas import Explanation
from bandit_service.api.feedback_schemas import FeedbackAnswer
from bandit_service.api.identity import Identity
from bandit_service.journal.journal import Journal
from plugin.cluster import Cluster
from plugin.errors import SpoolFull

pytestmark = pytest.mark.integration


def wait_until(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (result := found()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return result


def stored(world: World, kind: str) -> list[dict[str, Any]]:
    """What the journal index holds of a kind."""
    assert world.journal.shipper.flush(20)
    cluster = world.cluster
    cluster.request("POST", f"/{world.journal.index}/_refresh")
    body = {"query": {"term": {"kind": kind}}, "size": 100, "sort": ["_seq_no"]}
    answer = cluster.request("POST", f"/{world.journal.index}/_search", body)
    return [{"id": hit["_id"], **hit["_source"]} for hit in answer["hits"]["hits"]]


def send(client: FlaskClient, *events: dict[str, Any]) -> Any:
    answer = client.post("/_ltrr/feedback", json=list(events) if len(events) > 1 else events[0])
    assert answer.status_code == 202, answer.json
    FeedbackAnswer.model_validate(answer.json)
    return answer.json


def test_one_event_or_a_list_is_taken_in(world: World, client: FlaskClient, search: Search) -> None:
    query_id = search("love", session="s1", user="u1")["query_id"]
    one = {"query_id": query_id, "object_id": "love", "action": "click", "position": 1}
    two = {**one, "action": "play", "dwell_ms": 30_000, "timestamp": "2026-03-01T12:00:00+01:00"}
    assert send(client, one)["accepted"] == 1
    assert send(client, two, {**one, "action": "like", "event_id": "e-1"})["accepted"] == 2
    entries = stored(world, "feedback")
    assert [entry["body"]["action"] for entry in entries] == ["click", "play", "like"]
    assert entries[1]["body"] == {
        "object_id": "love",
        "action": "play",
        "position": 1,
        "dwell_ms": 30_000,
        "timestamp": "2026-03-01T12:00:00+01:00",
        "on_page": True,
        "type": "song",
    }
    assert entries[2]["id"] == f"{query_id}:f:e-1"


def test_the_same_event_twice_is_one_event(
    world: World, client: FlaskClient, search: Search
) -> None:
    query_id = search("love")["query_id"]
    without_id = {"query_id": query_id, "object_id": "love", "action": "click"}
    with_id = {**without_id, "event_id": "e-1"}
    assert send(client, without_id) == send(client, without_id)
    assert send(client, with_id) == send(client, with_id)
    send(client, with_id, with_id)
    assert len(stored(world, "feedback")) == 2


def test_who_acted_is_who_searched_and_never_in_clear(
    world: World, client: FlaskClient, search: Search
) -> None:
    query_id = search("love", session="session-of-ann", user="ann")["query_id"]
    event = {"query_id": query_id, "object_id": "love", "action": "click"}
    send(client, event)
    send(client, {**event, "session": "session-of-bob"})
    decision = stored(world, "decision")[0]
    first, second = stored(world, "feedback")
    assert first["session"] == decision["session"]
    assert first["user"] == decision["user"]
    assert second["session"] not in (None, decision["session"])
    everything = str([decision, first, second, *stored(world, "page")])
    assert "session-of-" not in everything
    assert "'ann'" not in everything


def test_an_object_that_the_query_never_returned_is_kept_and_marked(
    world: World, client: FlaskClient, search: Search
) -> None:
    query_id = search("love", types=["song"])["query_id"]
    answer = send(
        client,
        {"query_id": query_id, "object_id": "taylor", "action": "click", "event_id": "far"},
        {"query_id": query_id, "object_id": "love", "action": "click", "event_id": "near"},
    )
    assert answer["not_on_page"] == ["far"]
    marks = {entry["id"][-4:]: entry["body"]["on_page"] for entry in stored(world, "feedback")}
    assert marks == {":far": False, "near": True}


def test_either_all_events_are_taken_in_or_none(
    world: World, client: FlaskClient, search: Search
) -> None:
    good = {"query_id": search("love")["query_id"], "object_id": "love", "action": "click"}
    for bad, status in (
        ({**good, "query_id": "a" * 32}, 404),
        ({**good, "query_id": "no id"}, 400),
        ({**good, "action": "buy"}, 400),
        ({**good, "value": 2.0}, 400),
        ({**good, "dwell_ms": -1}, 400),
        ({**good, "position": 0}, 400),
        ({**good, "position": "1"}, 400),
        ({**good, "timestamp": "yesterday"}, 400),
        ({**good, "timestamp": "2026-03-01T12:00:00"}, 400),
        ({**good, "event_id": "no spaces"}, 400),
    ):
        answer = client.post("/_ltrr/feedback", json=[good, bad])
        assert answer.status_code == status, answer.json
    assert client.post("/_ltrr/feedback", json=[]).status_code == 400
    assert stored(world, "feedback") == []


def test_feedback_is_taken_in_while_the_node_is_away(world: World, search: Search) -> None:
    query_id = search("love")["query_id"]
    away = Cluster("http://127.0.0.1:9", world.cluster.namespace)
    journal = world.journal
    cut_off = Journal(away, journal.spool, journal.shipper, journal._ids)
    client = world.client(cluster=away, journal=cut_off)
    assert world.journal.shipper.flush(20)
    send(client, {"query_id": query_id, "object_id": "love", "action": "click"})
    assert len(stored(world, "feedback")) == 1


class FullJournal:
    """A journal whose spool has no room."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, entry: object) -> None:
        raise SpoolFull("the spool is full. Try again later.")


def test_a_full_spool_refuses_feedback_but_not_searches(world: World, search: Search) -> None:
    query_id = search("love")["query_id"]
    client = world.client(journal=FullJournal(world.journal))
    event = {"query_id": query_id, "object_id": "love", "action": "click"}
    refused = client.post("/_ltrr/feedback", json=event)
    assert refused.status_code == 503
    assert refused.json["error"]["code"] == "spool_full"
    assert refused.headers["Retry-After"] == "5"
    page = client.post("/_ltrr/search", json={"query": "love"})
    assert page.status_code == 200
    assert page.json["degraded"] == ["journal"]


def test_a_session_sees_its_own_choice_at_once_and_others_do_not(
    look: FlaskClient, find: Search
) -> None:
    before = find("love", session="ann", size=100)
    last = before["hits"][-1]["id"]
    top = before["hits"][0]["id"]
    send(look, {"query_id": before["query_id"], "object_id": last, "action": "favourite"})
    send(look, {"query_id": before["query_id"], "object_id": top, "action": "dislike"})
    after = [hit["id"] for hit in find("love", session="ann", size=100)["hits"]]
    assert after[0] == last
    assert after[-1] == top
    other = [hit["id"] for hit in find("love", session="bob", size=100)["hits"]]
    assert other == [hit["id"] for hit in before["hits"]]
    assert find("Love!", session="ann")["hits"][0]["id"] == last
    assert find("lover", session="ann")["hits"][0]["id"] != last


def test_a_choice_that_nothing_brings_any_more_is_still_seen_by_its_session(
    look: FlaskClient, find: Search
) -> None:
    found = find("love", session="cleo", size=100)
    send(look, {"query_id": found["query_id"], "object_id": "amor", "action": "like"})
    send(look, {"query_id": found["query_id"], "object_id": "rainy", "action": "like"})
    best = find("love", session="cleo", types=["playlist"])["hits"]
    assert [hit["id"] for hit in best] == ["rainy"]
    assert "session" in {origin["strategy"] for origin in best[0]["provenance"]}
    assert find("love", session="cleo", filters={"language": "xx"})["total"] == 1


def test_queries_that_are_not_to_be_learnt_from_are_marked(
    world: World, search: Search, client: FlaskClient
) -> None:
    page = search("love", session="s1", learn=False)
    send(client, {"query_id": page["query_id"], "object_id": "rainy", "action": "like"})
    assert [entry["learn"] for entry in stored(world, "decision")] == [False]
    assert [entry["learn"] for entry in stored(world, "page")] == [False]
    assert search("love", session="s1")["hits"][0]["id"] != "rainy"


def test_the_decision_is_in_the_journal_even_when_it_could_not_be_carried_out(
    world: World, cluster: Cluster
) -> None:
    away = Cluster("http://127.0.0.1:9", cluster.namespace)
    assert world.client(cluster=away).post("/_ltrr/search", json={}).status_code == 503
    (decision,) = stored(world, "decision")
    assert stored(world, "page") == []
    assert "browse" in decision["body"]["strategies"]


def test_explain_shows_the_decision_the_page_and_what_became_of_it(
    shared_world: World, look: FlaskClient, find: Search
) -> None:
    page = find("love", session="s1")
    send(look, {"query_id": page["query_id"], "object_id": "love", "action": "click"})
    for asker in (look, shared_world.client()):
        told = wait_until(lambda asker=asker: explained(asker, page["query_id"])["feedback"])
        assert [entry["body"]["object_id"] for entry in told] == ["love"]
    told = explained(look, page["query_id"])
    Explanation.model_validate(told)
    assert told["decision"]["body"]["query"] == "love"
    shown = [hit["id"] for hit in told["page"]["body"]["shown"]]
    assert shown == [hit["id"] for hit in page["hits"]]


def explained(client: FlaskClient, query_id: str) -> Any:
    answer = client.get(f"/_ltrr/explain/{query_id}", headers={"X-LTRR-Session": "s1"})
    assert answer.status_code == 200, answer.json
    return answer.json


def test_explain_is_for_the_session_that_searched_or_the_admin(
    look: FlaskClient, find: Search
) -> None:
    path = f"/_ltrr/explain/{find('love', session='s1')['query_id']}"
    nobody = f"/_ltrr/explain/{find('love')['query_id']}"
    bearer = {"Authorization": f"Bearer {ADMIN}"}
    assert look.get(f"{path}?session=s1").status_code == 200
    assert look.get(path, headers=bearer).status_code == 200
    assert look.get(nobody, headers=bearer).status_code == 200
    for refused in (
        look.get(path),
        look.get(f"{path}?session=s2"),
        look.get(path, headers={"Authorization": "Bearer guess"}),
        look.get(path, headers={"Authorization": "Bearer"}),
        look.get(f"{nobody}?session=s1"),
    ):
        assert refused.status_code == 403
        assert refused.json["error"]["code"] == "forbidden"
    assert look.get(f"/_ltrr/explain/{'a' * 32}?session=s1").status_code == 404


def test_without_an_admin_token_nobody_is_admin(shared_world: World, find: Search) -> None:
    path = f"/_ltrr/explain/{find('love', session='s1')['query_id']}"
    client = shared_world.client(admin_token="")
    for given in ("Bearer ", "Bearer", "Bearer None"):
        assert client.get(path, headers={"Authorization": given}).status_code == 403


def test_what_a_first_page_did_not_show_becomes_an_entry_of_its_own(
    world: World, search: Search
) -> None:
    first = search("love", size=2, session="s1")
    query_id = first["query_id"]
    search("love", size=2, query_id=query_id)  # the same page again
    search("love", size=4, query_id=query_id)  # the same, and two more
    search("love", from_=4, size=2, query_id=query_id)
    search("love", from_=100, query_id=query_id)  # past the end: nothing was shown
    search("love", from_=4, size=3, query_id=query_id)  # begins alike, and shows one more
    pages = stored(world, "page")
    assert [entry["id"] for entry in pages] == [
        f"{query_id}:p:{part}" for part in ("0", "2:2", "4:2", "4:3")
    ]
    longer = pages.pop()
    assert [hit["position"] for hit in longer["body"]["shown"]] == [5, 6, 7]
    shown = [hit for entry in pages for hit in entry["body"]["shown"]]
    assert [hit["position"] for hit in shown] == [1, 2, 3, 4, 5, 6]
    assert [hit["id"] for hit in shown] == pages[0]["body"]["ranked"][:6]
    assert all(hit["provenance"] for hit in shown)
    assert {entry["session"] for entry in pages} == {pages[0]["session"]}


def test_whose_client_it_was_reaches_the_journal_as_a_hash(
    world: World, client: FlaskClient
) -> None:
    public = {"environ_base": {"REMOTE_ADDR": "8.8.8.8"}}
    asked = {"query": "love", "session": "s1", "client": "said by a stranger"}
    query_id = client.post("/_ltrr/search", json=asked, **public).json["query_id"]
    event = {"query_id": query_id, "object_id": "love", "action": "click"}
    for more in (public, {"headers": {"X-Forwarded-For": "10.1.1.1, 8.8.8.8"}}):
        assert client.post("/_ltrr/feedback", json=event, **more).status_code == 202
    named = {**event, "action": "like", "client": "phone 7"}
    assert client.post("/_ltrr/feedback", json=named).status_code == 202
    identity = Identity(SECRET)
    one, two = identity.client("8.8.8.8"), identity.client("phone 7")
    for kind in ("decision", "page"):
        assert [entry["client"] for entry in stored(world, kind)] == [one]
    assert [entry["client"] for entry in stored(world, "feedback")] == [one, two]
    shown = client.get(f"/_ltrr/explain/{query_id}?session=s1").get_data(as_text=True)
    assert one is not None
    assert one not in shown


def test_ubi_tools_see_one_record_a_query_and_its_events(
    world: World, client: FlaskClient, search: Search
) -> None:
    page = search("love", session="s1", user="u1", size=3)
    later = search("love", session="s1", query_id=page["query_id"], **{"from": 3}, size=3)
    monitor = search("love", learn=False)["query_id"]
    second = page["hits"][1]["id"]
    send(client, {"query_id": page["query_id"], "object_id": second, "action": "click"})
    send(client, {"query_id": monitor, "object_id": second, "action": "click"})
    stored(world, "page")
    assert later["hits"]
    found = {}
    for name in ("queries", "events"):
        path = f"/{world.cluster.name(f'ubi_{name}')}/_search"
        found[name] = [hit["_source"] for hit in world.cluster.get(path)["hits"]["hits"]]
    (query,), (event,) = found["queries"], found["events"]
    assert query["user_query"] == "love"
    assert query["query_response_hit_ids"] == [hit["id"] for hit in page["hits"]]
    assert event["query_id"] == query["query_id"] == page["query_id"]
    assert event["event_attributes"]["object"]["object_id"] == second
    assert event["event_attributes"]["position"] == {"ordinal": 2}
