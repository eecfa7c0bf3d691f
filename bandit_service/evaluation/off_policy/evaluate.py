"""The value of a policy from the log, by several estimators, each with intervals or a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np

from bandit_service.evaluation.off_policy.estimators import (
    CLIP,
    ESTIMATORS,
    SUBSETS,
    Terms,
    effective_size,
    terms,
)
from bandit_service.evaluation.off_policy.intervals import (
    Interval,
    bootstrap,
    by_session,
    empirical_bernstein,
)
from bandit_service.evaluation.off_policy.logged import Logged
from bandit_service.evaluation.off_policy.reward_model import RewardModel
from bandit_service.evaluation.off_policy.support import refusal
from bandit_service.evaluation.off_policy.weights import Arms, Floats, Weights, chances_of, weigh
from bandit_service.policies.base import Eligible, Features
from plugin.errors import InvalidRequest


class Deciding(Protocol):
    """What is evaluated: any policy."""

    def arms(self, context: Features, eligible: Eligible) -> Arms:
        """See :meth:`bandit_service.policies.base.Policy.arms`."""
        ...


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of one estimator: ``value`` and 95 % intervals, or why there is none (``refused``).

    ``effective`` is the effective sample size, ``mean_weight`` about 1 where all is well.
    ``interval`` is that of the bootstrap by session. ``bounds`` is the empirical Bernstein
    interval, for weights as large as those that were seen; None for a ratio.
    """

    value: float | None
    interval: Interval | None
    bounds: Interval | None
    effective: float
    mean_weight: float
    refused: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Evaluation:
    """A log, ready to be asked about policies.

    Raises:
        InvalidRequest: it is empty.
    """

    def __init__(self, examples: Sequence[Logged]) -> None:
        if not examples:
            raise InvalidRequest(
                "there is no logged decision to evaluate by: search and choose first, with "
                "learning on"
            )
        self._examples = examples
        self._rewards = np.asarray([one.reward for one in examples])
        numbers: dict[str, int] = {}
        self._sessions = np.asarray(
            [numbers.setdefault(one.session, len(numbers)) for one in examples]
        )
        self._model = RewardModel(examples)
        self._chances = [chances_of(one) for one in examples]

    @property
    def logged(self) -> float:
        """The mean reward of the logger itself."""
        return float(self._rewards.mean())

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return int(self._sessions.max()) + 1

    def own(self) -> dict[str, Estimate]:
        """The estimates of the logger's own policy: the A/A check. IPS must give :attr:`logged`."""
        return self._estimates([one.arms for one in self._examples])

    def of(self, policy: Deciding) -> dict[str, Estimate]:
        """The estimates of a policy, by estimator.

        Raises:
            InvalidRequest: a logged feature is not one that policies accept.
        """
        return self._estimates([policy.arms(one.context, one.strategies) for one in self._examples])

    def _estimates(self, policy: Sequence[Arms]) -> dict[str, Estimate]:
        weights = weigh(self._chances, policy)
        predicted = self._model.predict(policy)
        told = {name: _checked(name, weights) for name in ESTIMATORS}
        answered = [name for name, estimate in told.items() if estimate.refused is None]
        about = {name: terms(name, weights, self._rewards, predicted) for name in answered}
        intervals = bootstrap(list(about.values()), self._sessions)
        for (name, one), interval in zip(about.items(), intervals, strict=True):
            bounds = None if name == "snips" else self._bounds(name, one, weights)
            told[name] = replace(told[name], value=one.value, interval=interval, bounds=bounds)
        return told

    def _bounds(self, name: str, about: Terms, weights: Weights) -> Interval:
        values, longest = by_session(about, self._sessions)
        most = float(np.abs(_given(name, weights)).max())
        # Rewards are within 0..1, predictions nearly so: a term is within these.
        reach = min(most, CLIP) if name == "dr" else most
        low = 0.0 if name == "ips" else -reach * longest
        high = reach * longest if name in ("ips", "pi") else (1 + reach) * longest
        return empirical_bernstein(values, low, high)


def _given(name: str, weights: Weights) -> Floats:
    return weights.subset if name in SUBSETS else weights.slate


def _checked(name: str, weights: Weights) -> Estimate:
    """No estimate yet: what is known of the weights, and whether they can give one."""
    given = _given(name, weights)
    unseen = weights.unseen if name in SUBSETS else weights.unspanned
    effective, mean = effective_size(given), float(given.mean())
    return Estimate(None, None, None, effective, mean, refusal(given, unseen))
