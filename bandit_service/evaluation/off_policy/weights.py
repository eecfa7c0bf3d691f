"""Importance weights: how much likelier a policy is than the logger to do what was done.

- of subsets: w = π(S | x) / μ(S | x), both mixtures over their arms (Veach & Guibas 1995 call
  dividing by the mixture the balance heuristic: it has the least variance of those that do not know
  the rewards).
- of slates (the pseudo-inverse, Swaminathan et al. 2017, "Off-policy evaluation for slate
  recommendation"): w = E_π[z]ᵀ Γ⁺ z, with z = (1, inclusion of each strategy) and Γ = E_μ[z zᵀ].
  Unbiased where the reward is a sum of what each strategy adds by being included. With a logger
  that draws independently from one arm it is 1 + Σ (π/μ − 1) over the strategies, as in the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bandit_service.evaluation.off_policy.logged import Logged
from bandit_service.policies.inclusion import draw_chance, marginal, probability
from plugin.model import ArmChances

Floats = NDArray[np.float64]
Arms = tuple[ArmChances, ...]
_NOTHING: Final = 1e-9
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Weights:
    """Of one policy for every example. ``subset`` and ``slate`` are the weights; ``unseen`` and
    ``unspanned`` the probability (0..1) with which the policy does what the logger never does:
    subsets that it never draws, and strategies whose inclusion it never varies."""

    subset: Floats
    slate: Floats
    unseen: Floats
    unspanned: Floats


@dataclass(frozen=True, slots=True)
class LoggedChances:
    """What is needed of the logger for one example, whatever policy is asked about: the eligible
    ``names``, the probability of what was ``done``, the ``marginals``, Γ⁺z (``solved``), and a
    basis of what Γ does not span (``null``, one row each)."""

    names: tuple[str, ...]
    included: frozenset[str]
    done: float
    marginals: Floats
    solved: Floats
    null: Floats


def chances_of(one: Logged) -> LoggedChances:
    """The chances of one example."""
    names = tuple(sorted(one.strategies))
    moments = sum(arm.probability * _moments(arm, names) for arm in one.arms)
    taken = np.asarray([1.0, *(float(name in one.included) for name in names)])
    values, vectors = np.linalg.eigh(moments)
    spanned = values > _NOTHING * values[-1]
    along = vectors[:, spanned]
    return LoggedChances(
        names,
        one.included,
        _chance(one.arms, one.included),
        marginals(one.arms, names),
        along @ ((taken @ along) / values[spanned]),
        vectors[:, ~spanned].T,
    )


def weigh(logged: Sequence[LoggedChances], policy: Sequence[Arms]) -> Weights:
    """The weights of a policy whose arms for each example are ``policy``."""
    rows = [_weigh(one, arms) for one, arms in zip(logged, policy, strict=True)]
    columns = np.asarray(rows, np.float64).reshape(-1, 4).T
    return Weights(*columns)


def marginals(arms: Arms, names: Sequence[str]) -> Floats:
    """The probability of each strategy to run, over all arms."""
    return np.asarray([marginal(arms, name) for name in names])


def _weigh(one: LoggedChances, policy: Arms) -> tuple[float, float, float, float]:
    wanted = marginals(policy, one.names)
    never = np.where(
        one.marginals <= 0, wanted, np.where(one.marginals >= 1 - _NOTHING, 1 - wanted, 0.0)
    )
    target = np.concatenate([[1.0], wanted])
    unspanned = float(np.abs(one.null @ target).max(initial=0.0))
    subset = _chance(policy, one.included) / one.done
    return (
        subset,
        float(one.solved @ target),
        float(never.max(initial=0.0)),
        unspanned if unspanned > _ROUNDING else 0.0,
    )


def _chance(arms: Arms, included: frozenset[str]) -> float:
    return sum(arm.probability * probability(arm, included) for arm in arms)


def _moments(arm: ArmChances, names: Sequence[str]) -> Floats:
    """E[z zᵀ] given the arm."""
    chances = np.asarray([arm.propensities[name] for name in names])
    both = np.outer(chances, chances)
    if arm.fallback is not None:
        at = names.index(arm.fallback)
        both[at] = both[:, at] = draw_chance(arm, arm.fallback) * chances
    np.fill_diagonal(both, chances)
    first = np.concatenate([[1.0], chances])
    return np.vstack([first, np.column_stack([chances, both])])
