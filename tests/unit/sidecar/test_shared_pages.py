"""A page that two policies share: what each would show by itself, and who put what where."""

from __future__ import annotations

from collections.abc import Sequence

from bandit_service.drawing import sides
from bandit_service.ordering import drafted
from bandit_service.ranking.base import RankingContext
from bandit_service.ranking.blend_order import BlendOrder
from bandit_service.ranking.pool import Pool
from bandit_service.ranking.promoted import Lineup
from plugin.blending.minmax import MinMax
from plugin.model import Candidate, Choice, Decision, Hit, Provenance, Retrieved

RETRIEVED = [
    Retrieved("dense", tuple(Hit(id, score) for id, score in (("a", 0.9), ("b", 0.8), ("c", 0.1)))),
    Retrieved("lexical", tuple(Hit(id, score) for id, score in (("b", 9.0), ("d", 3.0)))),
    Retrieved("memory", error="late"),
]


def rival(**candidates: int) -> Decision:
    """A policy that asks each of these strategies so deep, and trusts all alike."""
    return Decision(
        tuple(
            Choice(name, 0.5, 0.9, True, deep, 1 / len(candidates))
            for name, deep in candidates.items()
        ),
        "challenge",
        0.5,
        "v",
    )


def whole() -> list[Candidate]:
    """The page's candidates: all that was retrieved, and what a rule put there."""
    union = MinMax().blend(RETRIEVED, {"dense": 0.5, "lexical": 0.5})
    return [*union, Candidate("rule", 0.0, (Provenance("rules", 1, 1.0),))]


def ids(candidates: Sequence[Candidate]) -> list[str]:
    return [one.id for one in candidates]


def test_each_side_has_what_it_asked_for_and_what_nobody_did() -> None:
    there = whole()
    found = sides(
        MinMax(), RETRIEVED, {"one": rival(dense=2), "other": rival(dense=3, lexical=1)}, there
    )
    assert ids(found["one"]) == ["a", "b", "rule"]
    assert set(ids(found["other"])) == {"a", "b", "c", "rule"}
    # By its own weights, with the provenance that the page has.
    assert found["one"][0].score == 1.0
    known = {one.id: one.provenance for one in there}
    assert all(one.provenance == known[one.id] for one in found["one"])


def test_what_the_page_does_not_have_no_side_has() -> None:
    there = [one for one in whole() if one.id != "a"]
    found = sides(MinMax(), RETRIEVED, {"one": rival(dense=2), "other": rival(lexical=2)}, there)
    assert ids(found["one"]) == ["b", "rule"]


def test_a_side_that_brought_nothing_leaves_nothing_to_compare() -> None:
    rivals = {"one": rival(dense=2), "other": rival(memory=2)}
    assert sides(MinMax(), RETRIEVED, rivals, whole()) == {}


class Reversed:
    """Ranks the other way round."""

    version = "reversed"

    def rank(self, pool: Pool) -> Sequence[float]:
        return [-score for score in BlendOrder().rank(pool)]

    def explain(self, pool: Pool) -> list[dict[str, float]]:
        return [{} for _ in pool.candidates]


class FailsOn(Reversed):
    """Fails where there are so many candidates."""

    def __init__(self, many: int) -> None:
        self._many = many

    def rank(self, pool: Pool) -> Sequence[float]:
        if len(pool.candidates) == self._many:
            raise RuntimeError("no")
        return super().rank(pool)


UP = [Candidate(name, 1 - at / 10, ()) for at, name in enumerate("abcdef")]
POOL = Pool(UP, RankingContext())
RIVALS = {"one": Pool(UP[:4], RankingContext()), "other": Pool(UP[3:], RankingContext())}


def test_a_page_is_drafted_from_both_by_whoever_serves_among_rankers() -> None:
    trouble: list[str] = []
    page = drafted(Lineup(serving=Reversed()), POOL, RIVALS, "q", trouble)
    assert trouble == []
    assert page.version == "reversed"
    assert sorted(ids(page.candidates)) == sorted("abcdef")
    assert set(ids(page.candidates)[:2]) == {"d", "f"}
    again = drafted(Lineup(serving=Reversed()), POOL, RIVALS, "q", trouble)
    assert again.candidates == page.candidates


def test_the_page_says_whose_each_hit_is_and_nothing_of_rankers() -> None:
    page = drafted(Lineup(), POOL, RIVALS, "q", [])
    said = page.on_page(["a", "e", "new"])
    assert said["policies"] == ["one", "other", None]
    assert not {"teams", "versions"} & set(said)
    same = {"one": POOL, "other": POOL}
    assert drafted(Lineup(), POOL, same, "q", []).on_page(["a"])["policies"] == ["both"]


def test_a_ranker_that_fails_on_one_side_orders_neither() -> None:
    for many in (3, 4):
        trouble: list[str] = []
        page = drafted(Lineup(serving=FailsOn(many)), POOL, RIVALS, "q", trouble)
        assert trouble == ["ranker: it failed"]
        assert page.version == page.by.version == "blend"
        assert set(ids(page.candidates)[:2]) == {"a", "d"}
