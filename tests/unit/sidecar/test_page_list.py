"""The ranked list survives its journal entry, provenance included."""

from __future__ import annotations

import orjson

from bandit_service.paging import Ranked, drawn, ranked_of
from plugin.model import Candidate, Provenance

RANKED = (
    Candidate("a", 0.03, (Provenance("lexical", 2, 7.5), Provenance("dense", 1, 0.9))),
    Candidate("b", 0.02, (Provenance("session", 1, 1.0),)),
    Candidate("c", 0.01, (Provenance("lexical", 1, 8.0),)),
)


def test_a_list_read_back_from_its_entry_is_the_same() -> None:
    body = {"ranked": [one.id for one in RANKED], "drawn": drawn(RANKED, "v1")}
    assert ranked_of(orjson.loads(orjson.dumps(body))) == Ranked(RANKED, "v1")


def test_what_stands_for_what_is_kept_too() -> None:
    body = {"ranked": [one.id for one in RANKED], "drawn": drawn(RANKED, "v1", {"a": ("x", "y")})}
    assert ranked_of(orjson.loads(orjson.dumps(body))).collapsed == {"a": ("x", "y")}


def test_an_entry_without_provenance_still_has_its_order() -> None:
    listed = ranked_of({"ranked": ["a", "b"]})
    assert [one.id for one in listed.candidates] == ["a", "b"]
    assert listed.candidates[0].provenance == ()
    assert listed.collapsed == {}
