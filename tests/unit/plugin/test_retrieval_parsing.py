"""One item of an msearch's answer becomes what a strategy brought."""

from __future__ import annotations

import pytest

from plugin.model import Choice, Hit
from plugin.retrieval import merged, parse

CHOICE = Choice("memory", 0.5, 1.0, True, 3, 1.0)


def test_hits_come_best_first_and_ties_by_id() -> None:
    raw = [{"_id": "b", "_score": 2.0}, {"_id": "a", "_score": 2.0}, {"_id": "c", "_score": 3.0}]
    assert merged(raw, 10) == (Hit("c", 3.0), Hit("a", 2.0), Hit("b", 2.0))


def test_hits_without_scores_keep_their_order() -> None:
    raw = [{"_id": "z", "_score": None}, {"_id": "a"}]
    assert merged(raw, 10) == (Hit("z", 1 / 1), Hit("a", 1 / 2))


def test_a_reference_scores_the_sum_of_hit_times_reference_and_overrides_the_prediction() -> None:
    raw = [
        {"_id": "m1", "_score": 1.0, "_source": {"references": [{"id": "a", "score": 0.3}]}},
        {
            "_id": "m2",
            "_score": 0.5,
            "_source": {"references": [{"id": "a", "score": 0.2}, {"id": "b", "score": 0.8}]},
        },
        {"_id": "a", "_score": 0.9, "_source": {}},
        {"_id": "c", "_score": 0.35},
    ]
    hits = merged(raw, 10)
    assert [hit.id for hit in hits] == ["a", "b", "c"]
    assert [hit.score for hit in hits] == pytest.approx([1.0 * 0.3 + 0.5 * 0.2, 0.5 * 0.8, 0.35])


def test_references_do_not_bring_more_than_was_allotted() -> None:
    references = [{"id": f"e{at}", "score": 1 - at / 100} for at in range(50)]
    item = {
        "status": 200,
        "hits": {"hits": [{"_id": "m", "_score": 1.0, "_source": {"references": references}}]},
    }
    assert [hit.id for hit in parse(CHOICE, item).hits] == ["e0", "e1", "e2"]


def test_a_failed_item_has_no_hits_and_says_why() -> None:
    item = {
        "status": 404,
        "error": {
            "type": "resource_not_found_exception",
            "reason": "no template",
            "root_cause": [{"type": "resource_not_found_exception", "reason": "no ns-memory"}],
        },
    }
    result = parse(CHOICE, item)
    assert result.hits == ()
    assert result.error == "404 resource_not_found_exception: no ns-memory"


@pytest.mark.parametrize(
    ("extra", "said"),
    [({"_shards": {"failed": 1}}, "1 shards failed"), ({"timed_out": True}, "timed out")],
)
def test_an_item_that_was_cut_short_keeps_its_hits_and_says_so(
    extra: dict[str, object], said: str
) -> None:
    item = {"status": 200, "took": 4, "hits": {"hits": [{"_id": "a", "_score": 1.0}]}, **extra}
    result = parse(CHOICE, item)
    assert result.hits == (Hit("a", 1.0),)
    assert result.error == said
    assert result.took_ms == 4.0


def test_an_item_without_hits_is_no_failure() -> None:
    result = parse(CHOICE, {"status": 200, "timed_out": False, "_shards": {"failed": 0}})
    assert result.hits == ()
    assert result.error is None
