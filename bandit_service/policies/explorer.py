"""The Explorer: any value model as a policy, with every probability known and logged.

A rule (by itself inverse-gap weighting, see :mod:`.rules`) says how likely each strategy should run
by its value; the dial makes those rarer that would run after much has been spent already; floor
and cap keep everything possible:

    p = clip(1 / (1/wish + price · cost of all strategies of a higher value), floor, cap)

Each strategy is then drawn independently (:mod:`.inclusion`). What is logged is the exact marginal
probability of running, for every arm.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Mapping
from dataclasses import replace

import orjson

from bandit_service.policies.allocation import allocate, shares
from bandit_service.policies.base import Eligible, Features, Policy, ValueModel, check_features
from bandit_service.policies.evidence import Evidence, cost_of, family_of, mean_of
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.inclusion import best_of, draw, with_fallback
from bandit_service.policies.rules import InverseGap, Rule
from bandit_service.policies.sealed import seal, unseal
from plugin.errors import BrokenState, InvalidRequest
from plugin.model import ArmChances, Choice, Decision

KIND = "explorer"
SETTLED = 0.5
"""Without exploration, a strategy runs from this probability on."""


class Explorer:
    """A :class:`~bandit_service.policies.base.Policy` over a value model and a baseline.

    Three arms: ``learned``; ``everything`` (all run: what no policy would try is still seen); and
    ``holdout`` (the baseline: the counterfactual of having no ltrr at all). As an apprentice it has
    ``apprentice``, which serves the baseline too, instead of the first two.

    ``priors`` are what each strategy has to say in the blend relative to each other (the weights of
    the baseline), before what it is believed to earn multiplies it; one that is not named has as
    much as the best.
    """

    def __init__(
        self,
        model: ValueModel,
        baseline: Policy,
        exploration: Exploration | None = None,
        priors: Features | None = None,
        rule: Rule | None = None,
    ) -> None:
        most = max((priors or {}).values(), default=0.0)
        self._priors = {name: say / most for name, say in (priors or {}).items() if most}
        self._model = model
        self._baseline = baseline
        self._exploration = exploration or Exploration()
        self._rule = rule or InverseGap(self._exploration.most_greed)
        self._lock = threading.Lock()
        self._pages = 0
        self._evidence = Evidence()
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
        values = self.values(context, eligible)
        arms = self._arms(context, eligible, values)
        rolled = rng.random()
        for arm in arms:
            rolled -= arm.probability
            if rolled < 0:
                break
        if arm.arm in ("holdout", "apprentice"):
            return self._from_baseline(context, eligible, values, arm, arms, rng)
        choices = self._choices(eligible, values, arm.propensities, draw(arm, rng))
        return Decision(choices, arm.arm, arm.probability, self._version, arms)

    def settled(
        self, context: Features, eligible: Eligible, *, everything: bool = False
    ) -> Decision:
        """What it would decide without trying anything out: what more likely runs than not, runs,
        or ``everything``. Raises as :meth:`decide`."""
        values = self.values(context, eligible)
        wishes = self._wishes(context, eligible, values)
        least = 0.0 if everything else SETTLED
        included = {name for name, wish in wishes.items() if wish >= least} | {best_of(values)}
        arm = ArmChances("learned", 1.0, {name: float(name in included) for name in values})
        return self.running(eligible, values, arm, included)

    def running(
        self, eligible: Eligible, values: Features, arm: ArmChances, included: set[str]
    ) -> Decision:
        """The decision where ``included``, drawn by ``arm``, are to run; ``values`` are what
        :meth:`values` said of the page."""
        choices = self._choices(eligible, values, arm.propensities, included)
        return Decision(choices, arm.arm, arm.probability, self._version, (arm,))

    def arms(self, context: Features, eligible: Eligible) -> tuple[ArmChances, ...]:
        return self._arms(context, eligible, self.values(context, eligible))

    def track_record(self, context: Features, eligible: Eligible) -> Mapping[str, Features]:
        return self._evidence.record(context, eligible)

    def values(self, context: Features, eligible: Eligible) -> dict[str, float]:
        """What each strategy is believed to earn: the model's value, drawn towards a prior.

        A strategy must earn its share: without evidence of its own its prior is what others of its
        family earn; where there is none it is nearly 0 once others have some, and at the very
        beginning, when none has, their common mean. What fell lately is worth less than the model
        believes, and without much evidence its value stays near what it earned.

        Raises:
            InvalidRequest: nothing is eligible, or a feature is not an ordinary number.
        """
        check_features(context)
        if not eligible:
            raise InvalidRequest("no strategy can answer this query: none has all that it needs")
        raw = {
            name: self._evidence.watch(name, eligible[name]).within_reach(value)
            for name, value in self._model.values(context, eligible).items()
        }
        seen = self._evidence.seen(eligible)
        trust = self._exploration.trust
        # 1 when nothing has been learnt of any of these strategies, towards 0 with evidence.
        beginning = trust / (trust + max(seen.values()))
        common = mean_of(raw, seen, raw) * beginning
        family = _of_family(eligible, raw, seen)
        return {
            name: (
                seen[name] * raw[name] * self._evidence.watch(name, features).factor
                + trust * family.get(name, common)
            )
            / (seen[name] + trust)
            for name, features in eligible.items()
        }

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        with self._lock:
            self._model.learn(context, eligible, credits)
            self._rule.learn(context, eligible, credits)
            self._evidence.learn(context, eligible, credits)
            self._pages += 1

    def dump(self) -> bytes:
        with self._lock:
            parts = [self._model.dump(), self._rule.dump()]
            header = {
                "pages": self._pages,
                "evidence": self._evidence.to_json(),
                "parts": [len(part) for part in parts],
            }
            data = seal(KIND, b"\n".join([orjson.dumps(header), b"".join(parts)]))
            self._version = _version(self._pages, data)
        return data

    def load(self, data: bytes) -> None:
        header, _, parts = unseal(KIND, data).partition(b"\n")
        try:
            parsed = orjson.loads(header)
            pages = int(parsed["pages"])
            evidence = Evidence.from_json(parsed["evidence"])
            model, rule = (int(length) for length in parsed["parts"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise BrokenState(
                f"the explorer state cannot be read ({error}). Use the last good snapshot."
            ) from error
        with self._lock:
            before = self._rule.dump()
            self._rule.load(parts[model : model + rule])
            try:
                self._model.load(parts[:model])
            except BrokenState:
                self._rule.load(before)
                raise
            self._pages = pages
            self._evidence = evidence
            self._version = _version(pages, data)

    def _choices(
        self,
        eligible: Eligible,
        values: Mapping[str, float],
        propensities: Mapping[str, float],
        included: set[str],
    ) -> tuple[Choice, ...]:
        strengths = self._strengths(eligible, values)
        weights = shares({name: s for name, s in strengths.items() if name in included})
        candidates = allocate(weights, self._exploration.spent)
        return tuple(
            Choice(
                strategy=name,
                value=values[name],
                propensity=propensities[name],
                included=name in included,
                candidates=candidates.get(name, 0),
                weight=weights.get(name, 0.0),
            )
            for name in values
        )

    def _arms(
        self, context: Features, eligible: Eligible, values: Mapping[str, float]
    ) -> tuple[ArmChances, ...]:
        settings = self._exploration
        baseline = self._baseline.arms(context, eligible)[0].propensities
        holdout = ArmChances("holdout", settings.holdout, baseline)
        if settings.apprentice:
            rest: tuple[ArmChances, ...] = (
                ArmChances("apprentice", 1 - settings.holdout, baseline),
            )
        else:
            best = best_of(values)
            rest = (
                ArmChances("everything", settings.everything, dict.fromkeys(values, 1.0)),
                ArmChances(
                    "learned",
                    1 - settings.holdout - settings.everything,
                    with_fallback(self._wishes(context, eligible, values), best),
                    best,
                ),
            )
        return tuple(arm for arm in (holdout, *rest) if arm.probability > 0)

    def _wishes(
        self, context: Features, eligible: Eligible, values: Mapping[str, float]
    ) -> dict[str, float]:
        """The probabilities of the rule, less what costs too much; the less is known of a strategy,
        the nearer to its floor."""
        settings = self._exploration
        wishes = self._rule.wishes(context, eligible, values, self._pages)
        spent = _spent_before(values, {n: cost_of(f) for n, f in eligible.items()})
        seen = self._evidence.seen(eligible)
        enough = min(max(seen.values()), settings.trust)
        chances = {}
        for name, features in eligible.items():
            watched = self._evidence.watch(name, features).left > 0
            floor = max(settings.floor, settings.raised) if watched else settings.floor
            known = min(1.0, seen[name] / enough) if enough else 1.0
            wish = 1 / (1 / max(1e-9, wishes[name]) + settings.price * spent[name])
            wish = floor + known * (wish - floor)
            chances[name] = min(settings.cap, max(floor, wish))
        return chances

    def _strengths(self, eligible: Eligible, values: Mapping[str, float]) -> dict[str, float]:
        """Say and share of candidates ∝ prior · value, once a strategy runs.

        Whether an unknown strategy runs is decided warily (:meth:`values`); when it does run, it
        is trusted like an average one, or like its family: for without being seen it could never
        earn anything.
        """
        seen = self._evidence.seen(eligible)
        trust = self._exploration.trust
        average = mean_of(values, seen, values) or 1.0
        family = _of_family(eligible, values, seen)
        least = self._exploration.faint * max(values.values())
        return {
            name: self._priors.get(name, 1.0)
            * max(
                (seen[name] * value + trust * max(average, family.get(name, 0.0)))
                / (seen[name] + trust),
                least,
            )
            for name, value in values.items()
        }

    def _from_baseline(
        self,
        context: Features,
        eligible: Eligible,
        values: Mapping[str, float],
        arm: ArmChances,
        arms: tuple[ArmChances, ...],
        rng: random.Random,
    ) -> Decision:
        baseline = self._baseline.decide(context, eligible, rng)
        # The values are still logged: they cost nothing and tell what the policy would have said.
        choices = tuple(replace(one, value=values[one.strategy]) for one in baseline.choices)
        return Decision(choices, arm.arm, arm.probability, self._version, arms)


def _of_family(
    eligible: Eligible, values: Mapping[str, float], seen: Mapping[str, int]
) -> dict[str, float]:
    """Strategy → the mean value of the others of its family, where something is known of any."""
    members: dict[str, list[str]] = {}
    for name, features in eligible.items():
        members.setdefault(family_of(name, features), []).append(name)
    means = {}
    for names in members.values():
        for name in names:
            others = [other for other in names if other != name and seen[other]]
            if others:
                means[name] = mean_of(values, seen, others)
    return means


def _spent_before(values: Mapping[str, float], costs: Mapping[str, float]) -> dict[str, float]:
    """The share (0..1) of the cost of all strategies that those of a higher value cost."""
    total = sum(costs.values()) or 1.0
    spent, before = {}, 0.0
    for name in sorted(values, key=lambda name: (-values[name], name)):
        spent[name] = before / total
        before += costs[name]
    return spent


def _version(pages: int, data: bytes) -> str:
    return f"{pages}-{hashlib.sha256(data).hexdigest()[:8]}"
