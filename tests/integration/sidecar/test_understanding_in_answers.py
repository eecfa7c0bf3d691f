"""An answer says how its query was read; a reader that fails costs only the reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_world import ASSETS, World, searching

from plugin.assets.schema import load_schema
from plugin.understanding import Understanding
from plugin.understanding.following import VocabularyFollower
from plugin.understanding.wording import load_wording

pytestmark = pytest.mark.integration


@pytest.fixture
def follower(shared_world: World, tmp_path: Path) -> VocabularyFollower:
    schema = load_schema(ASSETS)
    made = VocabularyFollower(shared_world.cluster, schema, load_wording(ASSETS, schema), tmp_path)
    made.look()
    return made


def test_the_first_page_tells_slots_intents_and_corrections(
    shared_world: World, follower: VocabularyFollower
) -> None:
    client = shared_world.client(read=follower.reader.read)
    answer = searching(client)("tayler love", size=2)
    told = answer["understanding"]
    assert told["words"] == ["tayler", "love"]
    assert told["corrected"] == "taylor love"
    assert ("by", "Taylor Swift", "tayler") in {
        (slot["role"], slot["value"], slot["words"]) for slot in told["slots"]
    }
    assert sum(told["intents"].values()) == pytest.approx(1, abs=0.01)
    assert "structured" in {choice["strategy"] for choice in answer["decision"]}
    later = searching(client)("tayler love", size=2, from_=2, query_id=answer["query_id"])
    assert later["understanding"]["words"] == ["tayler", "love"]
    assert later["understanding"]["slots"] == []


def test_stop_words_alone_are_answered_like_nothing(
    shared_world: World, follower: VocabularyFollower
) -> None:
    answer = searching(shared_world.client(read=follower.reader.read))("the")
    assert answer["hits"]
    assert "lexical" in answer["understanding"]["left_out"]


def test_a_reader_that_fails_leaves_the_words(shared_world: World) -> None:
    def broken(text: str) -> Understanding:
        raise RuntimeError("no words today")

    answer = searching(shared_world.client(read=broken))("taylor love")
    assert answer["hits"]
    assert answer["understanding"]["slots"] == []
    assert "understanding" in answer["degraded"]
