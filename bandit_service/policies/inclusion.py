"""Drawing a subset of strategies, each by itself, so that every probability is known.

Strategies are run together rather than one instead of another (a semi-bandit): each is drawn
independently; when nothing is drawn, one that is named beforehand runs (the fallback).
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterable, Mapping

from plugin.model import ArmChances


def best_of(values: Mapping[str, float]) -> str:
    """The strategy with the highest value; of equals the first by name."""
    return min(values, key=lambda name: (-values[name], name))


def with_fallback(wishes: Mapping[str, float], fallback: str) -> dict[str, float]:
    """The probabilities of running where each strategy should run as ``wishes`` say, and
    ``fallback`` runs whenever nothing is drawn.

    They are the wishes, unless the others are drawn so rarely that it must run more often than
    it should: with q = Π (1 − p) over the others, it runs with at least q.
    """
    none_other = _none_of(wishes, fallback)
    return {**wishes, fallback: max(wishes[fallback], none_other)}


def draw(arm: ArmChances, rng: random.Random) -> set[str]:
    """A subset, with the probabilities of ``arm``; never empty where it has a fallback."""
    rolled = {name: rng.random() for name in sorted(arm.propensities)}
    included = {name for name, at in rolled.items() if at < draw_chance(arm, name)}
    return included or {name for name in (arm.fallback,) if name is not None}


def probability(arm: ArmChances, included: Collection[str]) -> float:
    """The probability of exactly this subset under ``arm``."""
    chance = 1.0
    for name in arm.propensities:
        if name != arm.fallback:
            drawn = arm.propensities[name]
            chance *= drawn if name in included else 1 - drawn
    if arm.fallback is None:
        return chance
    if not any(name in included for name in arm.propensities if name != arm.fallback):
        return chance if arm.fallback in included else 0.0
    drawn = draw_chance(arm, arm.fallback)
    return chance * (drawn if arm.fallback in included else 1 - drawn)


def marginal(arms: Iterable[ArmChances], name: str) -> float:
    """The probability that a strategy runs, over all ``arms``; 0 where it is not eligible."""
    return sum(arm.probability * arm.propensities.get(name, 0.0) for arm in arms)


def together(arm: ArmChances, one: str, other: str) -> float:
    """The probability that both run under ``arm``: of the same, that it runs."""
    if one == other:
        return arm.propensities[one]
    if arm.fallback in (one, other):
        beside = other if one == arm.fallback else one
        # Whenever something else was drawn, the fallback is drawn by itself only.
        return draw_chance(arm, str(arm.fallback)) * arm.propensities[beside]
    return arm.propensities[one] * arm.propensities[other]


def draw_chance(arm: ArmChances, name: str) -> float:
    """With what probability a strategy is drawn by itself.

    The fallback also runs when nothing is drawn, so with q = Π (1 − p) over the others it is drawn
    with d = (p − q)/(1 − q) only; its marginal d + (1 − d)·q is then p.
    """
    marginal = arm.propensities[name]
    if name != arm.fallback:
        return marginal
    none_other = _none_of(arm.propensities, name)
    return 0.0 if none_other >= 1 else max(0.0, (marginal - none_other) / (1 - none_other))


def _none_of(chances: Mapping[str, float], but: str) -> float:
    return math.prod(1 - chance for name, chance in chances.items() if name != but)
