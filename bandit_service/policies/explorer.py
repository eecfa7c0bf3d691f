"""The Explorer: any value model as a policy, with every probability known and logged.

Inverse-gap weighting (Abe & Long 1999; SquareCB, Foster & Rakhlin 2020) for each strategy by
itself, as strategies are run together rather than one instead of another (a semi-bandit):

    p = clip(1 / (1 + γ·(v_max − v)), floor, cap),   γ = min(γ_max, √evidence)

Each strategy is drawn independently; when nothing is drawn, the best one runs. What is logged is
the exact marginal probability of running, given the arm.
"""

from __future__ import annotations

import hashlib
import math
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from bandit_service.policies.allocation import allocate, shares
from bandit_service.policies.base import (
    REVISION,
    Eligible,
    Features,
    Policy,
    ValueModel,
    check_features,
)
from bandit_service.policies.sealed import seal, unseal
from plugin.errors import BrokenState, InvalidRequest
from plugin.model import Arm, Choice, Decision

KIND = "explorer"
CAP = 0.99
"""No strategy runs more certainly than this, so that doing without it is tried as well."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """What the Explorer may do; probabilities, all in 0..1 but ``most_greed`` and ``trust``.

    ``trust`` is how many learnt pages outweigh the prior of a strategy; ``faint`` the least say in
    the blend of a strategy that runs, relative to the best, so that what it finds can be seen.
    """

    floor: float = 0.03
    cap: float = CAP
    everything: float = 0.05
    holdout: float = 0.02
    budget: int = 200
    most_greed: float = 100.0
    trust: float = 20.0
    faint: float = 0.2

    def __post_init__(self) -> None:
        if not 0 <= self.floor <= self.cap <= 1:
            raise InvalidRequest("exploration needs 0 <= floor <= cap <= 1 (LTRR_FLOOR)")
        if self.everything < 0 or self.holdout < 0 or self.everything + self.holdout > 1:
            raise InvalidRequest("LTRR_EVERYTHING and LTRR_HOLDOUT together must be within 0..1")
        if self.budget < 1:
            raise InvalidRequest("LTRR_CANDIDATES must be 1 or more")


class Explorer:
    """A :class:`~bandit_service.policies.base.Policy` over a value model and a baseline.

    Three arms: ``learned``; ``everything`` (all run: what no policy would try is still seen); and
    ``holdout`` (the baseline: the counterfactual of having no ltrr at all).

    ``priors`` are what each strategy has to say in the blend while nothing is known of it, relative
    to each other (the weights of the baseline); one that is not named has as much as the best.
    """

    def __init__(
        self,
        model: ValueModel,
        baseline: Policy,
        exploration: Exploration | None = None,
        priors: Features | None = None,
    ) -> None:
        most = max((priors or {}).values(), default=0.0)
        # A say is a value squared, so the prior of a value is the root of the prior say.
        self._priors = {name: math.sqrt(say / most) for name, say in (priors or {}).items() if most}
        self._model = model
        self._baseline = baseline
        self._exploration = exploration or Exploration()
        self._lock = threading.Lock()
        self._pages = 0
        self._evidence: dict[str, int] = {}
        self._version = "0-new"

    @property
    def version(self) -> str:
        """``<pages learnt>-<hash of the state>`` as it was last dumped or loaded."""
        return self._version

    @property
    def pages(self) -> int:
        """How many closed pages were learnt."""
        return self._pages

    def decide(self, context: Features, eligible: Eligible, rng: random.Random) -> Decision:
        if not eligible:
            raise InvalidRequest("no strategy can answer this query: none has all that it needs")
        values = self.values(context, eligible)
        settings = self._exploration
        draw = rng.random()
        if draw < settings.holdout:
            return self._hold_out(context, eligible, values, rng)
        if draw < settings.holdout + settings.everything:
            certain = dict.fromkeys(values, 1.0)
            return self._decision(
                eligible, values, certain, set(values), "everything", settings.everything
            )
        chances = draw_chances(self._wishes(eligible, values), best_of(values))
        included = {name for name in sorted(values) if rng.random() < chances[name].draw}
        if not included:
            included = {best_of(values)}
        return self._decision(
            eligible,
            values,
            {name: chance.marginal for name, chance in chances.items()},
            included,
            "learned",
            1 - settings.holdout - settings.everything,
        )

    def values(self, context: Features, eligible: Eligible) -> dict[str, float]:
        """What each strategy is believed to earn: the model's value, drawn towards a prior.

        A strategy must earn its share: without evidence of its own its prior is nearly 0 once
        others have some. At the very beginning, when none has, the prior is their common mean.
        """
        check_features(context)
        raw = self._model.values(context, eligible)
        seen = self._seen(eligible)
        prior = self._mean(raw, seen) * self._beginning(seen)
        trust = self._exploration.trust
        return {
            name: (seen[name] * raw[name] + trust * prior) / (seen[name] + trust) for name in raw
        }

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        with self._lock:
            self._model.learn(context, eligible, credits)
            self._pages += 1
            for name in sorted(credits):
                key = revision_key(name, eligible[name])
                self._evidence[key] = self._evidence.get(key, 0) + 1

    def dump(self) -> bytes:
        with self._lock:
            header = orjson.dumps(
                {"pages": self._pages, "evidence": self._evidence}, option=orjson.OPT_SORT_KEYS
            )
            data = seal(KIND, header + b"\n" + self._model.dump())
            self._version = _version(self._pages, data)
        return data

    def load(self, data: bytes) -> None:
        header, _, model = unseal(KIND, data).partition(b"\n")
        try:
            parsed = orjson.loads(header)
            pages = int(parsed["pages"])
            evidence = {str(key): int(count) for key, count in parsed["evidence"].items()}
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise BrokenState(
                f"the explorer state cannot be read ({error}). Use the last good snapshot."
            ) from error
        with self._lock:
            self._model.load(model)
            self._pages = pages
            self._evidence = evidence
            self._version = _version(pages, data)

    def _seen(self, eligible: Eligible) -> dict[str, int]:
        return {
            name: self._evidence.get(revision_key(name, features), 0)
            for name, features in eligible.items()
        }

    @staticmethod
    def _mean(raw: Mapping[str, float], seen: Mapping[str, int]) -> float:
        total = sum(seen.values())
        return sum(raw[name] * seen[name] for name in raw) / total if total else 0.0

    def _beginning(self, seen: Mapping[str, int]) -> float:
        """1 when nothing has been learnt of any of these strategies, towards 0 with evidence."""
        trust = self._exploration.trust
        return trust / (trust + max(seen.values()))

    def _wishes(self, eligible: Eligible, values: Mapping[str, float]) -> dict[str, float]:
        """The inverse-gap probabilities; the less evidence, the nearer to the floor."""
        settings = self._exploration
        greed = min(settings.most_greed, math.sqrt(self._pages))
        best = max(values.values())
        seen = self._seen(eligible)
        enough = min(max(seen.values()), settings.trust)
        wishes = {}
        for name, value in values.items():
            known = min(1.0, seen[name] / enough) if enough else 1.0
            wish = settings.floor + known * (1 / (1 + greed * (best - value)) - settings.floor)
            wishes[name] = min(settings.cap, max(settings.floor, wish))
        return wishes

    def _decision(
        self,
        eligible: Eligible,
        values: Mapping[str, float],
        propensities: Mapping[str, float],
        included: set[str],
        arm: Arm,
        arm_probability: float,
    ) -> Decision:
        strengths = self._strengths(eligible, values)
        weights = shares({name: strengths[name] for name in values if name in included})
        candidates = allocate(weights, self._exploration.budget)
        return Decision(
            tuple(
                Choice(
                    strategy=name,
                    value=values[name],
                    propensity=propensities[name],
                    included=name in included,
                    candidates=candidates.get(name, 0),
                    weight=weights.get(name, 0.0),
                )
                for name in values
            ),
            arm,
            arm_probability,
            self._version,
        )

    def _strengths(self, eligible: Eligible, values: Mapping[str, float]) -> dict[str, float]:
        """Say and share of candidates ∝ value², once a strategy runs.

        Whether an unknown strategy runs is decided warily (:meth:`values`); when it does run, it
        is trusted like an average one of its prior, for without being seen it could never earn
        anything.
        """
        seen = self._seen(eligible)
        trust = self._exploration.trust
        average = self._mean(values, seen) or 1.0
        least = self._exploration.faint * max(values.values())
        return {
            name: max(
                (seen[name] * value + trust * average * self._priors.get(name, 1.0))
                / (seen[name] + trust),
                least,
            )
            ** 2
            for name, value in values.items()
        }

    def _hold_out(
        self,
        context: Features,
        eligible: Eligible,
        values: Mapping[str, float],
        rng: random.Random,
    ) -> Decision:
        baseline = self._baseline.decide(context, eligible, rng)
        # The values are still logged: they cost nothing and tell what the policy would have said.
        choices = tuple(
            Choice(
                strategy=choice.strategy,
                value=values[choice.strategy],
                propensity=choice.propensity,
                included=choice.included,
                candidates=choice.candidates,
                weight=choice.weight,
            )
            for choice in baseline.choices
        )
        return Decision(choices, "holdout", self._exploration.holdout, self._version)


@dataclass(frozen=True, slots=True)
class Chance:
    """``draw``: of being drawn; ``marginal``: of running, the fallback to the best included."""

    draw: float
    marginal: float


def best_of(values: Mapping[str, float]) -> str:
    """The strategy with the highest value; of equals the first by name."""
    return min(values, key=lambda name: (-values[name], name))


def draw_chances(wishes: Mapping[str, float], best: str) -> dict[str, Chance]:
    """Draws that make each strategy run with the probability that is wished.

    The best runs also when nothing is drawn, so with q = Π (1 − p) over the others it is drawn by
    itself with d = (p − q)/(1 − q) only; its marginal d + (1 − d)·q is then p. Where it is all
    there is, or the others are drawn so rarely that q > p, the marginal is what it must be: q.
    """
    none_other = math.prod(1 - wish for name, wish in wishes.items() if name != best)
    chances = {name: Chance(wish, wish) for name, wish in wishes.items()}
    draw = 0.0 if none_other >= 1 else max(0.0, (wishes[best] - none_other) / (1 - none_other))
    chances[best] = Chance(draw, draw + (1 - draw) * none_other)
    return chances


def revision_key(name: str, features: Features) -> str:
    """Under what a strategy's evidence counts: a changed strategy begins anew."""
    revision = next((key for key in sorted(features) if key.startswith(REVISION)), "")
    return f"{name} {revision}".strip()


def _version(pages: int, data: bytes) -> str:
    return f"{pages}-{hashlib.sha256(data).hexdigest()[:8]}"
