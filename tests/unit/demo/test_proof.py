"""The demo's proof holds for a sidecar that learns, and fails for each thing one does not do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ltrr.demo.proof import Proof, prove
from plugin.assets.schema import Schema
from plugin.errors import Unavailable

SCHEMA = Schema(
    type="kind",
    name="name",
    text=("name", "colours"),
    vector="v",
    memory="m",
    predicted_queries="p",
    facets=("kind", "colours"),
)
ENTITIES = [
    {"id": f"e{n}", "kind": "thing", "name": f"Thing {n}", "colours": ["red", "matt", "new"]}
    for n in range(12)
]


class Learning:
    """A hand-written sidecar: own choices at once, everybody's after ``needed`` sessions."""

    def __init__(self, needed: int = 3, own: bool = True, page: int = 12) -> None:
        self._needed = needed
        self._own = own
        self._page = [entity["id"] for entity in ENTITIES][:page]
        self._chosen: dict[str, set[str]] = defaultdict(set)

    def strategies(self) -> list[dict[str, Any]]:
        return [
            {"name": "words", "family": "lexical"},
            {"name": "choices", "family": "memory"},
        ]

    def search(self, query: str, **options: Any) -> dict[str, Any]:
        session = options["session"]

        def place(entity: str) -> int:
            own = self._own and session in self._chosen[entity]
            known = len(self._chosen[entity]) >= self._needed
            return 0 if own or known else 1

        page = sorted(self._page, key=place)
        return {
            "query_id": "q",
            "hits": [
                {
                    "id": entity,
                    "type": "thing",
                    "provenance": [
                        {"strategy": "choices" if place(entity) == 0 else "words", "rank": 1}
                    ],
                }
                for entity in page
            ],
        }

    def feedback(self, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        for event in events:
            self._chosen[event["object_id"]].add(event["session"])
        return {}


def proof(sidecar: Learning) -> Proof:
    return prove(sidecar, ENTITIES, SCHEMA, 3, patience_s=1.0)


def test_it_holds_for_a_sidecar_that_learns() -> None:
    found = proof(Learning())
    assert found.holds
    assert (found.own_before, found.own_after) == (5, 1)
    assert (found.others_before, found.others_after_one, found.others_after_all) == (5, 5, 1)
    assert found.remembered_by == "choices"
    assert found.sessions == 3


def test_it_fails_when_the_own_session_sees_nothing_at_once() -> None:
    found = proof(Learning(own=False))
    assert not found.own_changed
    assert not found.holds


def test_it_fails_when_one_session_decides_for_all() -> None:
    found = proof(Learning(needed=1))
    assert not found.others_waited
    assert not found.holds


def test_it_fails_when_others_never_see_it() -> None:
    found = proof(Learning(needed=99))
    assert found.own_changed
    assert found.others_waited
    assert not found.others_changed
    assert not found.holds


def test_pages_too_short_to_have_low_ranks_say_what_is_missing() -> None:
    with pytest.raises(Unavailable, match="ltrr ingest"):
        proof(Learning(page=3))
