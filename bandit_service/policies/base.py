"""What a policy is, and what a value model is.

A *value model* says how much credit each strategy would earn for a query. The
:class:`~bandit_service.policies.explorer.Explorer` turns any value model into a *policy*, which
says what to run; baselines are policies directly. Adding either is adding one file here and one
line to the contract suite ``tests/contract/policy_makers.py``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Protocol

from plugin.errors import InvalidRequest
from plugin.model import ArmChances, Decision

Features = Mapping[str, float]
"""Named floats: what is known of a query (the context), or of a strategy."""

Eligible = Mapping[str, Features]
"""The strategies whose needs this query can meet: name → features of the strategy."""

REVISION = "revision="
"""A feature with this prefix names the revision of a strategy; evidence counts per revision."""

HUGE = 1e6
"""No feature of ours is this big: one that is, is a mistake or an attack."""


class ValueModel(Protocol):
    """Estimates credit. Safe to call from several threads."""

    def values(self, context: Features, eligible: Eligible) -> dict[str, float]:
        """The expected credit (0..1) of every eligible strategy.

        Raises:
            InvalidRequest: a feature is not a finite, ordinary number.
        """
        ...

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        """Learn what the strategies in ``credits`` (0..1; a subset of ``eligible``) earned.

        Raises:
            InvalidRequest: a feature or a credit is not a number that can be learnt from.
        """
        ...

    def dump(self) -> bytes:
        """All that was learnt. The same experience in the same order gives the same bytes."""
        ...

    def load(self, data: bytes) -> None:
        """Become what was dumped; afterwards every value is the same as before the dump.

        Raises:
            BrokenState: ``data`` is damaged or no dump of this kind of model; nothing changes.
        """
        ...


class Policy(Protocol):
    """Decides what to run. Safe to call from several threads."""

    @property
    def version(self) -> str:
        """Names what was learnt so far; written down with every decision."""
        ...

    def arms(self, context: Features, eligible: Eligible) -> tuple[ArmChances, ...]:
        """The distribution that :meth:`decide` draws from; raises as it does."""
        ...

    def track_record(self, context: Features, eligible: Eligible) -> Mapping[str, Features]:
        """Features of what each strategy earned so far for queries of this kind, to be added to
        its own before deciding; empty for policies that do not learn."""
        ...

    def decide(self, context: Features, eligible: Eligible, rng: random.Random) -> Decision:
        """One choice per eligible strategy, at least one of them included.

        The same state and the same ``rng`` state give the same decision.

        Raises:
            InvalidRequest: nothing is eligible, or a feature is not an ordinary number.
        """
        ...

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        """As :meth:`ValueModel.learn`. Policies that do not learn check and ignore it."""
        ...

    def dump(self) -> bytes:
        """As :meth:`ValueModel.dump`."""
        ...

    def load(self, data: bytes) -> None:
        """As :meth:`ValueModel.load`."""
        ...


def check_features(features: Features) -> None:
    """Refuse what no learning library should see: they take NaN silently and are ruined by it.

    Raises:
        InvalidRequest: naming the feature.
    """
    for name, value in features.items():
        if type(value) is float and -HUGE <= value <= HUGE:
            continue  # nearly all are: the learner asks this of millions
        if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > HUGE:
            raise InvalidRequest(
                f"feature {name[:60]!r} is {value!r}; it must be a number between -1e6 and 1e6"
            )


def check_asked(context: Features, eligible: Eligible) -> None:
    """Refuse what no learning library should be asked about.

    Raises:
        InvalidRequest: as :func:`check_features`, of the query or of a strategy.
    """
    for features in (context, *eligible.values()):
        check_features(features)


def check_taught(context: Features, eligible: Eligible, credits: Features) -> None:
    """Refuse what no learning library should learn from: see :meth:`ValueModel.learn`.

    Raises:
        InvalidRequest: as :func:`check_features` and :func:`check_credits`.
    """
    check_credits(eligible, credits)
    check_asked(context, {name: eligible[name] for name in credits})


def check_credits(eligible: Eligible, credits: Features) -> None:
    """Refuse credits outside 0..1, and credits of strategies that were not eligible.

    Raises:
        InvalidRequest: naming the strategy.
    """
    for name, credit in credits.items():
        if name not in eligible:
            raise InvalidRequest(f"strategy {name!r} has a credit but was not eligible")
        if not isinstance(credit, int | float) or not 0 <= credit <= 1:
            raise InvalidRequest(f"the credit of {name!r} is {credit!r}; it must be within 0..1")
