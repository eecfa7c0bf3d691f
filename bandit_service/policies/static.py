"""Baselines that do not learn: static weights, and uniform blending as the last resort."""

from __future__ import annotations

import random
from collections.abc import Mapping

from bandit_service.policies.allocation import allocate, shares
from bandit_service.policies.base import Eligible, Features, check_features, check_taught
from bandit_service.policies.sealed import seal, unseal
from plugin.errors import InvalidRequest
from plugin.model import Arm, ArmChances, Choice, Decision

KIND = "static"


class StaticPolicy:
    """Runs every eligible strategy that has a weight, always with the same weights.

    ``weights`` are those of ``opensearch/baseline.toml``; a strategy that is not named there gets
    ``default`` (0 leaves it out). Where none of the eligible has a weight, all run equally.
    """

    version = "static"

    def __init__(self, weights: Mapping[str, float], *, budget: int, default: float = 1.0) -> None:
        for name, weight in weights.items():
            if not 0 <= weight < float("inf"):
                raise InvalidRequest(f"the baseline weight of {name!r} must be 0 or more")
        self._weights = dict(weights)
        self._budget = budget
        self._default = default

    def decide(self, context: Features, eligible: Eligible, rng: random.Random) -> Decision:
        check_features(context)
        weights = {name: self._weights.get(name, self._default) for name in eligible}
        if not any(weights.values()):
            weights = dict.fromkeys(eligible, 1.0)
        return _carry_out_all(weights, self._budget, "holdout", 1.0, self.version)

    def arms(self, context: Features, eligible: Eligible) -> tuple[ArmChances, ...]:
        return self.decide(context, eligible, random.Random(0)).arms  # noqa: S311 - nothing is drawn

    def track_record(self, context: Features, eligible: Eligible) -> Mapping[str, Features]:
        return {}

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        check_taught(context, eligible, credits)

    def dump(self) -> bytes:
        return seal(KIND, b"")

    def load(self, data: bytes) -> None:
        unseal(KIND, data)


def uniform_decision(eligible: Eligible, *, budget: int = 200) -> Decision:
    """Everything, equally: what is served whenever the policy fails or is late."""
    return _carry_out_all(dict.fromkeys(eligible, 1.0), budget, "everything", 1.0, "uniform")


def _carry_out_all(
    weights: Mapping[str, float], budget: int, arm: Arm, probability: float, version: str
) -> Decision:
    if not weights:
        raise InvalidRequest("no strategy can answer this query: none has all that it needs")
    included = {name: weight for name, weight in weights.items() if weight > 0}
    normal = shares(included)
    candidates = allocate(normal, budget)
    certain = {name: float(name in included) for name in weights}
    return Decision(
        tuple(
            Choice(
                strategy=name,
                value=normal.get(name, 0.0),
                propensity=certain[name],
                included=name in included,
                candidates=candidates.get(name, 0),
                weight=normal.get(name, 0.0),
            )
            for name in weights
        ),
        arm,
        probability,
        version,
        (ArmChances(arm, probability, certain),),
    )
