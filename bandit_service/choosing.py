"""Choose: the policy's decision, and what is decided when there is no policy or it fails."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bandit_service.collaborators import Snapshots
from bandit_service.features import strategy_features
from bandit_service.in_time import InTime
from bandit_service.policies.base import Eligible, Features
from bandit_service.policies.contest import alone
from bandit_service.policies.static import uniform_decision
from plugin.errors import InvalidRequest
from plugin.model import Decision, Query
from plugin.strategies import Strategy

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A decision, and what the policy was told: the context, and features by strategy."""

    context: Features
    strategies: Eligible
    decision: Decision


class Choosing:
    """Decides which strategies run. Safe to share between threads."""

    def __init__(
        self,
        strategies: Iterable[Strategy],
        featurise: Callable[[Query], Features],
        snapshots: Snapshots,
        *,
        candidates: int,
        lately: Callable[[], Mapping[str, Features]] = dict,
        patience_s: float | None = None,
    ) -> None:
        """``patience_s``: how long the policy may take; None: as long as it likes."""
        self._features = {strategy.name: strategy_features(strategy) for strategy in strategies}
        self._featurise = featurise
        self._snapshots = snapshots
        self._candidates = candidates
        self._lately = lately
        self._in_time = InTime(patience_s, "ltrr-policy") if patience_s else _directly

    def features(self, strategies: Iterable[Strategy]) -> Eligible:
        """What the policy is told of each strategy: what it is, and how it did lately."""
        lately = self._lately()
        return {
            one.name: {**self._features[one.name], **lately.get(one.name, {})} for one in strategies
        }

    def decide(
        self,
        query: Query,
        strategies: Iterable[Strategy],
        query_id: str,
        trouble: list[str],
        *,
        learn: bool = True,
    ) -> Chosen:
        """The decision over the eligible ``strategies``, with all that the policy was told.

        Without ``learn`` no policies are compared: nothing could be learnt from that. Seeded by the
        query's id: the same snapshot and id give the same decision. Never raises: what went wrong
        is added to ``trouble``, and all strategies are blended equally.
        """
        eligible = self.features(strategies)
        if not eligible:
            trouble.append("strategies: none is eligible for this query")
            return Chosen({}, {}, Decision((), "everything", 1.0, "uniform"))
        told: list[Features] = []  # what the policy was told, as far as it came
        try:
            chosen = self._in_time(partial(self._ask, query, eligible, query_id, told, learn))
            if chosen is not None:
                return chosen
            trouble.append("policy: no snapshot yet")
        except TimeoutError:
            log.warning("the policy is late; all strategies are blended equally")
            trouble.append("policy: it was late")
        except Exception:
            log.exception("the policy failed; all strategies are blended equally")
            trouble.append("policy: it failed")
        return Chosen(told[0] if told else {}, eligible, self.uniform(strategies))

    def _ask(
        self,
        query: Query,
        eligible: Eligible,
        query_id: str,
        told: list[Features],
        learn: bool,
    ) -> Chosen | None:
        context = self._featurise(query)
        told.append(context)
        snapshot = self._snapshots.current()
        if snapshot is None:
            return None
        policy = snapshot.policy if learn else alone(snapshot.policy)
        eligible = _with_record(policy.track_record(context, eligible), eligible)
        rng = random.Random(query_id)  # noqa: S311 - a draw for exploration, not a secret
        decision = policy.decide(context, eligible, rng)
        for one in (decision, *decision.rivals.values()):
            check(one, eligible)
        return Chosen(context, eligible, decision)

    def uniform(self, strategies: Iterable[Strategy]) -> Decision:
        """All of ``strategies``, equally."""
        return uniform_decision(self.features(strategies), budget=self._candidates)


def _with_record(record: Eligible, eligible: Eligible) -> Eligible:
    return {name: {**features, **record.get(name, {})} for name, features in eligible.items()}


def _directly(work: Callable[[], Chosen | None]) -> Chosen | None:
    return work()


def check(decision: Decision, names: Mapping[str, Any]) -> None:
    """Refuse a decision that cannot be carried out.

    Raises:
        InvalidRequest: it names what is not eligible, includes nothing, draws no candidates, or its
            numbers are none.
    """
    included = decision.included
    if not included or any(choice.strategy not in names for choice in decision.choices):
        raise InvalidRequest("the policy decided for nothing, or for what is not eligible")
    if any(choice.candidates < 1 for choice in included):
        raise InvalidRequest("the policy includes a strategy without candidates")
    numbers = [number for one in decision.choices for number in (one.weight, one.value)]
    if not all(map(math.isfinite, numbers)) or any(one.weight < 0 for one in included):
        raise InvalidRequest("the policy gave a weight or a value that is no ordinary number")
