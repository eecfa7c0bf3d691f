"""From what people did to what they, and others, find: users, sessions, trends, past queries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from learnt_world import LearntWorld, who
from small_world import Words

from bandit_service.past import Past
from plugin.model import Query
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def asked(text: str) -> Query:
    return Query(text, memory_key(text), NOW, says_nothing=not text)


def strategies_of(page: dict) -> set[str]:
    return {choice["strategy"] for choice in page["decision"]}


def test_what_a_user_chose_leads_to_more_of_it_wherever_they_ask(world: LearntWorld) -> None:
    world.choose("selena", "amor", user="ann", session="first")
    world.learn()
    document = world.user("ann")
    assert document is not None
    assert [one["id"] for one in document["references"]] == ["amor"]
    query = world.known(who(asked("song"), user="ann"))
    assert query.user_vector is not None
    # Of everything, what is like it comes first; words cannot bring it.
    assert world.ask("personal", user_vector=query.user_vector)[0] == "amor"
    assert "amor" not in world.ask("lexical", text="love")
    # With words, only of what matches them, and only what passes the filters.
    love = world.ask("personal", user_vector=query.user_vector, text="love")
    assert set(love) == {"love-story", "love", "lover", "secret", "rainy"}
    playlists = [{"term": {"type": "playlist"}}]
    assert world.ask("personal", user_vector=query.user_vector, filters=playlists) == ["rainy"]

    context = Past(world.cluster).context(query)
    assert context["user_known"] == 1.0
    _, search = world.sidecar()
    assert "personal" in strategies_of(search("love", user="ann"))
    assert "personal" not in strategies_of(search("love", user="somebody else"))


def test_a_session_has_its_taste_at_once_and_on_every_sidecar(world: LearntWorld) -> None:
    client, search = world.sidecar()
    page = search("selena", session="now")
    assert "session" not in strategies_of(page)
    event = {"query_id": page["query_id"], "object_id": "amor", "action": "click"}
    assert client.post("/_ltrr/feedback", json=event).status_code == 202
    # Another sidecar reads it in the journal.
    assert world.world.journal.shipper.flush(30)
    world.cluster.request("POST", f"/{world.cluster.name('journal')}-000001/_refresh")
    query = world.known(who(asked("love"), session="now"))
    assert query.session_vector is not None
    assert world.ask("session", session_vector=query.session_vector)[0] == "amor"
    assert Past(world.cluster).context(query)["session_seen"] == 1.0
    _, search = world.sidecar()
    assert "session" in strategies_of(search("love", session="now"))
    assert "session" not in strategies_of(search("love", session="another"))


def test_nobody_needs_to_be_known_for_a_good_page(world: LearntWorld) -> None:
    _, search = world.sidecar()
    plain = search("love story")
    known = search("love story", user="never seen", session="nor this")
    assert [hit["id"] for hit in known["hits"]] == [hit["id"] for hit in plain["hits"]]
    assert known["hits"][0]["id"] == "love-story"
    assert known["degraded"] == []


def test_a_document_whose_deletion_was_lost_goes_at_the_next_start(world: LearntWorld) -> None:
    world.choose("selena", "amor", user="ann", session="s1")
    world.learn()
    path = f"/{world.cluster.name('users')}/_doc/stray"
    world.cluster.request("PUT", path, {"user": "stray", "updated": 1})
    before = world.user("ann")
    world.learn()
    assert world.cluster.find(path) is None
    assert world.user("ann") == before


def test_what_enough_sessions_choose_is_trending(world: LearntWorld) -> None:
    for number in range(3):
        world.choose("love", "secret", session=f"s{number}")
        world.choose("love", "love", session="s1")
    world.learn()
    query = world.known(asked("love"))
    assert query.trending == (("secret", 1.0),)
    _, search = world.sidecar()
    assert "trending" in strategies_of(search("love"))


def test_queries_of_like_meaning_share_what_was_chosen_once_enough_did(
    world: LearntWorld,
) -> None:
    text = "selena sings of sorrow"
    near = "sorrow sings of selena"  # another query, of the same words
    vector = Words().encode([near])[0].tolist()
    given = {"vector": vector, "memory_key": memory_key(near)}
    for number in range(2):
        world.choose(text, "taylor", session=f"s{number}")
    world.learn()
    assert world.ask("semantic_memory", **given) == []
    world.choose(text, "taylor", session="s2")
    world.learn()
    assert world.ask("semantic_memory", **given) == ["taylor"]
    assert "taylor" not in world.ask("lexical", text=near)
    # The query itself is what `memory` is for; and what means something else says nothing.
    assert world.ask("semantic_memory", vector=vector, memory_key=memory_key(text)) == []
    far = Words().encode(["qqq zzz"])[0].tolist()
    assert world.ask("semantic_memory", vector=far, memory_key=memory_key("qqq zzz")) == []
    # Encoded once, whatever is started again.
    world.choose(text, "taylor", session="s3")
    world.learn()
    assert world.encoder.encoded == [text]


def test_without_an_encoder_past_queries_are_remembered_without_vectors(
    world: LearntWorld,
) -> None:
    world.encoder = None  # type: ignore[assignment]
    for number in range(3):
        world.choose("love", "secret", session=f"s{number}")
    world.learn()
    found = world.cluster.get(f"/{world.cluster.name('memory')}/_doc/{memory_key('love')}")
    told = {"memory_key", "references", "observed", "rate", "seen", "text"}
    assert set(found["_source"]) == told
