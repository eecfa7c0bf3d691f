"""nDCG@10: by hand, and as ir_measures has it."""

from __future__ import annotations

import math
import random

import ir_measures
import pytest

from bandit_service.evaluation.ndcg import ndcg


def test_by_hand() -> None:
    grades = {"a": 2, "b": 1, "c": -1}
    gained = 1 / math.log2(2) + 0 + 2 / math.log2(4)
    best = 2 / math.log2(2) + 1 / math.log2(3)
    assert ndcg(["b", "c", "a"], grades) == pytest.approx(gained / best)


def test_nothing_relevant_and_nothing_found_are_nothing() -> None:
    assert ndcg(["a"], {"a": -1}) == 0
    assert ndcg([], {"a": 1}) == 0


def test_it_is_what_ir_measures_says() -> None:
    dice = random.Random(5)
    entities = [f"e{at}" for at in range(40)]
    measure = ir_measures.nDCG @ 10
    for _ in range(50):
        grades = {name: dice.choice([-1, 0, 1, 1, 2]) for name in dice.sample(entities, 15)}
        if max(grades.values()) <= 0:
            continue
        ranked = dice.sample(entities, dice.randrange(1, 30))
        run = {name: float(-rank) for rank, name in enumerate(ranked)}
        (expected,) = ir_measures.iter_calc([measure], {"q": grades}, {"q": run})
        assert ndcg(ranked, grades) == pytest.approx(expected.value)
