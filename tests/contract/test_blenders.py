"""What every blending method promises, and the arithmetic of each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.blending.base import Blender
from plugin.blending.minmax import MinMax, scale
from plugin.blending.rrf import ReciprocalRank
from plugin.model import Hit, Provenance, Retrieved

BLENDERS: list[Blender] = [ReciprocalRank(), MinMax()]
every_blender = pytest.mark.parametrize("blender", BLENDERS, ids=lambda blender: blender.name)


def brought(strategy: str, *pairs: tuple[str, float]) -> Retrieved:
    return Retrieved(strategy, tuple(Hit(id, score) for id, score in pairs))


@st.composite
def _retrieved(draw: st.DrawFn) -> list[Retrieved]:
    names = draw(st.lists(st.sampled_from("pqrst"), unique=True, max_size=4))
    results = []
    for name in names:
        ids = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8))
        scores = draw(
            st.lists(
                st.floats(-100, 100, allow_nan=False), min_size=len(ids), max_size=len(ids)
            ).map(lambda given: sorted(given, reverse=True))
        )
        results.append(brought(name, *zip(ids, scores, strict=True)))
    return results


_weights = st.dictionaries(st.sampled_from("pqrst"), st.floats(0, 1), max_size=5)


@every_blender
@given(retrieved=_retrieved(), weights=_weights)
def test_every_entity_comes_once_best_first_and_knows_who_brought_it(
    blender: Blender, retrieved: list[Retrieved], weights: dict[str, float]
) -> None:
    blended = blender.blend(retrieved, weights)
    ids = [candidate.id for candidate in blended]
    assert sorted(ids) == sorted({hit.id for result in retrieved for hit in result.hits})
    scores = [candidate.score for candidate in blended]
    assert scores == sorted(scores, reverse=True)
    for candidate in blended:
        assert candidate.provenance == tuple(
            Provenance(result.strategy, rank, hit.score)
            for result in retrieved
            for rank, hit in enumerate(result.hits, start=1)
            if hit.id == candidate.id
        )


@every_blender
@given(retrieved=_retrieved(), weights=_weights)
def test_the_order_does_not_depend_on_which_strategy_answered_first(
    blender: Blender, retrieved: list[Retrieved], weights: dict[str, float]
) -> None:
    forth = blender.blend(retrieved, weights)
    back = blender.blend(retrieved[::-1], weights)
    assert {one.id: pytest.approx(one.score) for one in forth} == {
        one.id: one.score for one in back
    }
    assert forth == blender.blend(retrieved, weights)


@every_blender
def test_nothing_retrieved_is_an_empty_list(blender: Blender) -> None:
    assert blender.blend([], {}) == []
    assert blender.blend([Retrieved("lexical", error="gone")], {"lexical": 1.0}) == []


@every_blender
def test_a_strategy_without_weight_adds_nothing_but_its_entities(blender: Blender) -> None:
    blended = blender.blend(
        [brought("lexical", ("a", 2.0)), brought("dense", ("b", 9.0))], {"lexical": 1.0}
    )
    assert [candidate.id for candidate in blended] == ["a", "b"]
    assert blended[1].score == 0.0


@every_blender
def test_equal_scores_are_ordered_by_best_rank_and_then_by_id(blender: Blender) -> None:
    blended = blender.blend(
        [brought("p", ("z", 1.0), ("y", 1.0)), brought("q", ("b", 1.0), ("a", 1.0))], {}
    )
    # all have score 0: z and b were first somewhere, y and a second
    assert [candidate.id for candidate in blended] == ["b", "z", "a", "y"]


def test_rrf_is_the_weighted_sum_of_reciprocal_ranks() -> None:
    blended = ReciprocalRank().blend(
        [brought("lexical", ("a", 7.0), ("b", 5.0), ("c", 1.0)), brought("dense", ("c", 0.9))],
        {"lexical": 0.75, "dense": 0.25},
    )
    assert {candidate.id: candidate.score for candidate in blended} == pytest.approx(
        {
            "a": 0.75 / (60 + 1),
            "b": 0.75 / (60 + 2),
            "c": 0.75 / (60 + 3) + 0.25 / (60 + 1),
        }
    )
    assert [candidate.id for candidate in blended] == ["c", "a", "b"]


def test_minmax_is_the_weighted_sum_of_scaled_scores_and_absent_is_zero() -> None:
    blended = MinMax().blend(
        [brought("lexical", ("a", 10.0), ("b", 6.0), ("c", 2.0)), brought("dense", ("c", 0.9))],
        {"lexical": 0.6, "dense": 0.4},
    )
    assert {candidate.id: candidate.score for candidate in blended} == pytest.approx(
        {
            "a": 0.6 * 1.0 + 0.4 * 0.0,
            "b": 0.6 * (0.02 + 0.98 * (6 - 2) / (10 - 2)),
            "c": 0.6 * 0.02 + 0.4 * 1.0,
        }
    )


def test_minmax_gives_equal_scores_the_full_share() -> None:
    assert scale([Hit("a", 3.0), Hit("b", 3.0)]) == [1.0, 1.0]
    assert scale([Hit("a", 0.0)]) == [1.0]
    assert scale([]) == []
