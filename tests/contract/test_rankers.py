"""What every ranking model promises. A new one is one more line in ``MODELS``."""

from __future__ import annotations

import gc
import math
import os
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import psutil
import pytest

from bandit_service.adapter.residual import Adapter
from bandit_service.memory import examination
from bandit_service.policies.vw import VwValueModel
from bandit_service.ranking.base import RankingContext, order
from bandit_service.ranking.corrected import Corrected, correct
from bandit_service.ranking.examples import Examples, Page, Shown, gather
from bandit_service.ranking.features import table
from bandit_service.ranking.linear import Linear, fit_linear
from bandit_service.ranking.model import Model
from bandit_service.ranking.pool import Pool
from bandit_service.ranking.summed import Summed, load_model
from bandit_service.ranking.trees import Trees, fit_trees
from plugin.errors import BrokenState, InvalidRequest
from plugin.model import Candidate, Provenance

MODELS: dict[str, tuple[Callable[[Examples], Model], Callable[[bytes], Model]]] = {
    "trees": (fit_trees, Trees.load),
    "linear": (fit_linear, Linear.load),
    "corrected": (lambda found: correct(fit_linear(found), found), Corrected.load),
}
every_model = pytest.mark.parametrize(("fit", "load"), MODELS.values(), ids=MODELS)
Fit = Callable[[Examples], Model]
Load = Callable[[bytes], Model]


def candidates(count: int = 20, seed: int = 1) -> list[Candidate]:
    """``dense`` and ``lexical`` bring each with some score, in a blended order by chance."""
    rng = random.Random(seed)
    made = []
    for at in range(count):
        origins = (
            Provenance("dense", at + 1, rng.random()),
            Provenance("lexical", count - at, 10 * rng.random()),
        )
        made.append(Candidate(f"e{at}", 1 - at / (2 * count), origins))
    return made


def pages(count: int = 400) -> list[Page]:
    """What dense scores high is chosen, by those who look."""
    rng = random.Random(3)
    made = []
    for number in range(count):
        there = candidates(10, seed=number)
        rows = table(there, RankingContext({"tokens": 0.2}))
        shown = tuple(
            Shown(one.id, at + 1, float(rng.random() < looked * liked), rows.row(at))
            for at, one in enumerate(there)
            for looked, liked in [(examination(at + 1), one.provenance[0].score ** 2)]
        )
        made.append(Page(f"q{number % 50}", dict(rows.query), shown))
    return made


@pytest.fixture(scope="module")
def examples() -> Examples:
    return gather(pages(), examination)


@every_model
def test_the_same_examples_give_the_same_bytes(examples: Examples, fit: Fit, load: Load) -> None:
    assert fit(examples).dump() == fit(examples).dump()


@every_model
def test_a_loaded_model_predicts_identically(examples: Examples, fit: Fit, load: Load) -> None:
    model = fit(examples)
    for again in (load(model.dump()), load_model(model.dump())):
        assert again.dump() == model.dump()
        assert (again.scores(examples.matrix) == model.scores(examples.matrix)).all()


@every_model
def test_what_is_chosen_rises(examples: Examples, fit: Fit, load: Load) -> None:
    there = candidates(50, seed=9999)
    there = [one._replace(score=1.0) for one in there]
    ranked = order(there, Summed(fit(examples), "v").rank(Pool(there, RankingContext())))
    top = statistics.mean(one.provenance[0].score for one in ranked[:10])
    bottom = statistics.mean(one.provenance[0].score for one in ranked[-10:])
    assert top > bottom + 0.4


@every_model
def test_an_explanation_sums_to_the_score(examples: Examples, fit: Fit, load: Load) -> None:
    ranker = Summed(fit(examples), "v")
    there = candidates(250)
    scores = ranker.rank(Pool(there, RankingContext()))
    for parts, score in zip(ranker.explain(Pool(there, RankingContext())), scores, strict=True):
        assert sum(parts.values()) == pytest.approx(score, abs=1e-6)


@every_model
def test_what_was_not_ranked_stays_behind(examples: Examples, fit: Fit, load: Load) -> None:
    ranker = Summed(fit(examples), "v")
    there = candidates(260)
    ranked = order(there, ranker.rank(Pool(there, RankingContext())))
    assert ranked[200:] == there[200:]
    assert ranker.rank(Pool([], RankingContext())) == []


@every_model
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e12])
def test_hostile_numbers_are_refused(examples: Examples, fit: Fit, load: Load, bad: float) -> None:
    ranker = Summed(fit(examples), "v")
    there = [*candidates(), Candidate("bad", 0.5, (Provenance("dense", 3, bad),))]
    with pytest.raises(InvalidRequest):
        ranker.rank(Pool(there, RankingContext()))
    with pytest.raises(InvalidRequest):
        ranker.rank(Pool(candidates(), RankingContext({"tokens": bad})))
    matrix = examples.matrix.copy()
    matrix[7, 1] = bad
    with pytest.raises(InvalidRequest):
        fit(replace(examples, matrix=matrix))
    with pytest.raises(InvalidRequest):
        gather([Page("q", {}, (Shown("e", 1, 0.6, {"x": bad}),))], examination)
    with pytest.raises(InvalidRequest):
        gather([Page("q", {}, (Shown("e", 1, bad, {"x": 1.0}),))], examination)


@every_model
def test_missing_features_count_as_absent(examples: Examples, fit: Fit, load: Load) -> None:
    there = [Candidate("a", 1.0, ()), Candidate("b", 0.5, (Provenance("other", 1, 2.0),))]
    fields = {"a": {"popularity.value": [math.nan], "published": []}}
    context = RankingContext(fields=fields, popularity="popularity.value", published="published")
    assert all(math.isfinite(one) for one in Summed(fit(examples), "v").rank(Pool(there, context)))


@every_model
def test_damaged_or_foreign_models_are_refused(examples: Examples, fit: Fit, load: Load) -> None:
    data = fit(examples).dump()
    for bad in (data[:-10], b"", b"PK\x03\x04", data[:40] + b"x" + data[41:], data[5:]):
        for one in (load, load_model):
            with pytest.raises(BrokenState):
                one(bad)


@every_model
def test_what_others_have_learnt_is_no_model_of_this_kind(
    examples: Examples, fit: Fit, load: Load
) -> None:
    others = [other(examples).dump() for other, _ in MODELS.values() if other is not fit]
    others += [VwValueModel().dump(), Adapter(np.eye(2), "encoder").dump()]
    for data in others:
        with pytest.raises(BrokenState):
            load(data)


@every_model
def test_memory_stays_flat_over_many_fits(examples: Examples, fit: Fit, load: Load) -> None:
    def grown(times: int) -> int:
        for _ in range(times):
            load(fit(examples).dump())
        gc.collect()
        return int(psutil.Process(os.getpid()).memory_info().rss)

    before = grown(5)
    assert grown(20) - before < 8 * 2**20


@every_model
def test_memory_stays_flat(examples: Examples, fit: Fit, load: Load) -> None:
    ranker = Summed(fit(examples), "v")
    there = candidates(200)

    def grown(times: int) -> int:
        for _ in range(times):
            ranker.rank(Pool(there, RankingContext()))
        gc.collect()
        return int(psutil.Process(os.getpid()).memory_info().rss)

    before = grown(300)
    assert grown(1500) - before < 8 * 2**20


@every_model
def test_two_hundred_candidates_take_about_a_millisecond(
    examples: Examples, fit: Fit, load: Load
) -> None:
    ranker = Summed(fit(examples), "v")
    there = candidates(200)
    times = []
    for _ in range(200):
        started = time.perf_counter()
        ranker.rank(Pool(there, RankingContext({"tokens": 0.2})))
        times.append(time.perf_counter() - started)
    # The benchmark measures the median; here others share the machine.
    assert np.quantile(times, 0.1) < 0.004
