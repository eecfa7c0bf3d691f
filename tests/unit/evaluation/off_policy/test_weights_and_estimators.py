"""Estimates agree with vw-estimators, with arithmetic, and with a truth that is known."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from estimators.bandits import ips, snips
from estimators.slates import pseudo_inverse
from logged_world import LOGGER, NAMES, RIVALS, Mixed, log, truth

from bandit_service.evaluation.off_policy.estimators import Terms, effective_size
from bandit_service.evaluation.off_policy.evaluate import Evaluation
from bandit_service.evaluation.off_policy.intervals import (
    bootstrap,
    by_session,
    empirical_bernstein,
)
from bandit_service.evaluation.off_policy.weights import chances_of, weigh
from bandit_service.policies.inclusion import probability
from plugin.errors import InvalidRequest

PRODUCT = Mixed(LOGGER.learned)
"""A logger of one arm that draws independently, as vw-estimators knows it."""


def test_weights_by_hand() -> None:
    arms = Mixed({kind: {"a": 0.5, "b": 0.2} for kind in LOGGER.learned}).arms({"long": 0.0}, {})
    (logged,) = log(1, seed=1)
    one = replace(logged, arms=arms, strategies={"a": {}, "b": {}}, included=frozenset({"a"}))
    target = Mixed({kind: {"a": 0.9, "b": 0.4} for kind in LOGGER.learned})
    weights = weigh([chances_of(one)], [target.arms(one.context, {})])
    assert weights.subset[0] == pytest.approx(0.9 / 0.5 * 0.6 / 0.8)
    assert weights.slate[0] == pytest.approx(1 + (0.9 / 0.5 - 1) + (0.6 / 0.8 - 1))
    assert weights.unseen[0] == pytest.approx(0)
    assert weights.unspanned[0] == pytest.approx(0)


@pytest.mark.parametrize("rival", ["greedy", "hybrid"])
def test_ips_snips_and_the_pseudo_inverse_agree_with_vw_estimators(rival: str) -> None:
    examples = log(400, seed=3, logger=PRODUCT)
    theirs = {"ips": ips.Estimator(), "snips": snips.Estimator(), "pi": pseudo_inverse.Estimator()}
    policy = RIVALS[rival]
    for one in examples:
        (mine,) = one.arms
        arms = policy.arms(one.context, {})
        wanted = arms[0].propensities
        chances = (probability(mine, one.included), one.reward, probability(arms[0], one.included))
        theirs["ips"].add_example(*chances)
        theirs["snips"].add_example(*chances)
        slots = [
            tuple(p[name] if name in one.included else 1 - p[name] for name in NAMES)
            for p in (mine.propensities, wanted)
        ]
        theirs["pi"].add_example(list(slots[0]), one.reward, list(slots[1]))
    weights = weigh(
        [chances_of(one) for one in examples], [policy.arms(one.context, {}) for one in examples]
    )
    rewards = np.asarray([one.reward for one in examples])
    assert (weights.subset * rewards).mean() == pytest.approx(theirs["ips"].get())
    ratio = (weights.subset * rewards).mean() / weights.subset.mean()
    assert ratio == pytest.approx(theirs["snips"].get())
    assert (weights.slate * rewards).mean() == pytest.approx(theirs["pi"].get())


def test_the_loggers_own_value_is_its_mean_reward() -> None:
    examples = log(900, seed=5)
    evaluation = Evaluation(examples)
    own = evaluation.own()
    for name in ("ips", "snips", "pi"):
        assert own[name].value == pytest.approx(evaluation.logged)
        assert own[name].effective == pytest.approx(len(examples))
        assert own[name].refused is None
    assert evaluation.of(LOGGER)["ips"].value == pytest.approx(evaluation.logged)
    for name in ("dr", "pi_dr"):
        assert own[name].value == pytest.approx(evaluation.logged, abs=0.01)


@pytest.mark.parametrize("rival", ["greedy", "wrong", "lexical"])
def test_all_estimators_find_the_truth_where_strategies_add_up(rival: str) -> None:
    estimates = Evaluation(log(8_000, seed=7)).of(RIVALS[rival])
    for name, estimate in estimates.items():
        assert estimate.refused is None, name
        assert estimate.value == pytest.approx(truth(RIVALS[rival]), abs=0.06), name
        assert estimate.mean_weight == pytest.approx(1, abs=0.15)


def test_where_strategies_do_not_add_up_subsets_still_find_the_truth() -> None:
    estimates = Evaluation(log(8_000, seed=9, synergy=0.3)).of(RIVALS["greedy"])
    for name in ("ips", "snips", "dr"):
        value = truth(RIVALS["greedy"], synergy=0.3)
        assert estimates[name].value == pytest.approx(value, abs=0.03)


def test_a_doubly_robust_estimate_is_the_sharper_one() -> None:
    estimates = Evaluation(log(3_000, seed=11)).of(RIVALS["greedy"])

    def width(name: str) -> float:
        low, high = estimates[name].interval or (0.0, 0.0)
        return high - low

    assert 0 < width("dr") < width("ips")
    assert 0 < width("pi_dr") < width("pi")
    for name in ("ips", "dr", "pi", "pi_dr"):
        (low, high), (least, most) = estimates[name].interval, estimates[name].bounds
        assert least < low < high < most


def test_what_the_log_never_tried_is_refused_with_the_reason() -> None:
    blind = {kind: {**chances, "fuzzy": 0.0} for kind, chances in LOGGER.learned.items()}
    evaluation = Evaluation(log(2_000, seed=13, logger=Mixed(blind)))
    for estimate in evaluation.of(RIVALS["wrong"]).values():
        assert estimate.value is None
        assert estimate.interval is None
        assert "never tried" in str(estimate.refused)
    sparing = Mixed({kind: dict.fromkeys(NAMES, 0.01) for kind in LOGGER.learned})
    seldom = Evaluation(log(300, seed=13, logger=sparing)).of(RIVALS["everything"])
    assert "speak for it" in str(seldom["ips"].refused)


def test_nothing_logged_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(InvalidRequest, match="search and choose first"):
        Evaluation([])


def test_the_effective_sample_size_by_hand() -> None:
    assert effective_size(np.asarray([1.0, 1.0, 1.0])) == 3
    assert effective_size(np.asarray([3.0, 1.0])) == pytest.approx(16 / 10)
    assert effective_size(np.zeros(2)) == 0


def test_empirical_bernstein_by_hand() -> None:
    values = np.asarray([0.0, 1.0, 0.0, 1.0])
    told = np.log(3 / 0.05)
    width = np.sqrt(2 * 0.25 * told / 4) + 3 * told / 4
    assert empirical_bernstein(values, 0, 1) == pytest.approx((0.5 - width, 0.5 + width))


def test_sessions_are_drawn_as_a_whole() -> None:
    rng = random.Random(1)
    moods = np.repeat([float(rng.random() < 0.5) for _ in range(50)], 20)
    terms = Terms(moods, np.ones_like(moods))
    sessions = np.repeat(np.arange(50), 20)
    ((low, high),) = bootstrap([terms], sessions)
    ((alone_low, alone_high),) = bootstrap([terms], np.arange(1000))
    # As wide as fifty independent values make it, not a thousand.
    assert high - low == pytest.approx(2 * 1.96 * 0.5 / 50**0.5, rel=0.15)
    assert alone_high - alone_low < (high - low) / 3
    values, longest = by_session(terms, sessions)
    assert values.mean() == pytest.approx(terms.value)
    assert (values.size, longest) == (50, 1)
