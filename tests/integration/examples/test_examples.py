"""Every example passes the same tests, by its assets and its catalogue alone: no Python differs."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys

import pytest
from example_world import EXAMPLES, ExampleWorld, eventually

from plugin.strategies import load_strategies

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

VISITORS = EXAMPLES / "recommendations" / "visitors.py"


def ids(hits: list[dict[str, object]]) -> list[object]:
    return [hit["id"] for hit in hits]


def test_everything_was_loaded(world: ExampleWorld) -> None:
    assert world.loaded.failed == 0
    assert world.loaded.stored >= 500


def test_every_strategy_of_its_folder_is_ready_that_needs_nothing_learnt(
    world: ExampleWorld,
) -> None:
    strategies = load_strategies(world.settings.assets)
    assert {one["name"] for one in world.client.strategies()} == {one.name for one in strategies}
    # A query adapter starts from predicted queries, but only where it finds more by them.
    learnt = {one.name for one in strategies if "adapted_vector" in one.needs}
    assert learnt
    assert learnt.issuperset(world.unready())


def test_pages_hold_what_the_table_says(world: ExampleWorld) -> None:
    wrong = []
    for check in world.checks["check"]:
        hits = world.page(check["query"], size=20)
        first = ids(hits[: check.get("within", 10)])
        missing = [id for id in check.get("all", ()) if id not in first]
        if any_ := check.get("any"):
            missing += [] if set(any_) & set(first) else [f"any of {any_}"]
        missing += sorted(set(check.get("types", ())) - {str(hit["type"]) for hit in hits})
        if missing:
            wrong.append(f"{check['query']}: no {', '.join(missing)} in {first}")
    assert wrong == []


def test_a_strategy_of_its_own_brings_what_lexical_does_not(world: ExampleWorld) -> None:
    for case in world.checks.get("own", ()):
        hits = {hit["id"]: hit for hit in world.page(case["query"], size=20)}
        brought = {one["strategy"] for one in hits[case["id"]]["provenance"]}
        assert case["strategy"] in brought
        assert "lexical" not in brought


def test_a_misspelt_query_still_finds_it(world: ExampleWorld) -> None:
    assert world.checks["typo_finds"] in ids(world.page(world.checks["typo"], size=20))


def test_a_filter_holds_on_the_whole_page(world: ExampleWorld) -> None:
    wanted = world.checks["filter"]
    hits = world.page(world.checks["filter_query"], filters=wanted, size=50)
    assert hits
    for hit in hits:
        for field, value in wanted.items():
            held = hit["source"].get(field)
            assert value in (held if isinstance(held, list) else [held]), hit["id"]


def test_one_type_can_be_asked_for(world: ExampleWorld) -> None:
    for kind in world.checks["types"]:
        hits = world.page(types=[kind], size=5)
        assert {hit["type"] for hit in hits} == {kind}


def test_an_empty_query_answers_with_several_types(world: ExampleWorld) -> None:
    assert len({hit["type"] for hit in world.page("", size=30)}) > 1


def test_somebody_unknown_gets_the_page_of_anybody(world: ExampleWorld) -> None:
    query = world.checks["typo"]
    stranger = secrets.token_hex(8)
    assert ids(world.page(query, user=stranger, session=stranger)) == ids(world.page(query))


def test_a_choice_changes_the_page_of_its_session(world: ExampleWorld) -> None:
    query, session = world.checks["check"][0]["query"], secrets.token_hex(8)
    page = world.client.search(query, session=session, size=20)
    chosen = page["hits"][9]["id"]
    world.client.feedback(
        {"query_id": page["query_id"], "object_id": chosen, "action": "like", "session": session}
    )
    again = ids(world.page(query, session=session, size=20))
    assert again.index(chosen) <= 9 - 3


def test_what_is_new_is_found_without_a_restart(world: ExampleWorld) -> None:
    new = world.checks["new"]
    id = f"{new['type']}-{secrets.token_hex(4)}"
    assert id not in ids(world.page(new["name"]))
    world.add(id, new)
    assert eventually(lambda: world.page(new["name"])[0]["id"] == id)


def test_simulated_visitors_find_more_of_their_taste_after_they_chose(world: ExampleWorld) -> None:
    done = subprocess.run(
        [sys.executable, str(VISITORS), "--url", world.client.url, "--json"],
        cwd=EXAMPLES.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["simulated"] is True
    visitors = told["visitors"]
    assert len(visitors) == 3
    assert sum(one["after"] for one in visitors) > sum(one["before"] for one in visitors)
    for one in visitors:
        assert one["liked"]
        assert one["after"] >= one["before"], one


def test_only_strategies_that_need_no_words_are_asked(world: ExampleWorld) -> None:
    page = world.client.search("", session="a-quiet-visitor", user="nobody", learn=False)
    asked = {one["strategy"] for one in page["decision"] if one["included"]}
    assert "browse" in asked
    assert not asked & {"lexical", "dense", "exact", "memory"}
