"""A policy without its exploration: what would be served if nothing were tried out any more."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from bandit_service.policies.base import Eligible, Features, Policy
from plugin.errors import InvalidRequest
from plugin.model import ArmChances, Decision


@runtime_checkable
class Settles(Protocol):
    """What an exploring policy offers."""

    def settled(
        self, context: Features, eligible: Eligible, *, everything: bool = False
    ) -> Decision:
        """The decision without exploration, or with ``everything`` running; raises as
        :meth:`Policy.decide`."""
        ...


class Settled:
    """A :class:`~bandit_service.policies.base.Policy` that does not learn and throws no dice.

    A policy that explores by itself is served as it is. ``everything``: every strategy runs, with
    the say and the candidates that it has earned.
    """

    def __init__(self, policy: Policy, *, everything: bool = False) -> None:
        self._policy = policy
        self._everything = everything

    @property
    def version(self) -> str:
        """That of the policy."""
        return self._policy.version

    def decide(self, context: Features, eligible: Eligible, rng: random.Random) -> Decision:
        if isinstance(self._policy, Settles):
            return self._policy.settled(context, eligible, everything=self._everything)
        return self._policy.decide(context, eligible, rng)

    def arms(self, context: Features, eligible: Eligible) -> tuple[ArmChances, ...]:
        if isinstance(self._policy, Settles):
            return self.decide(context, eligible, random.Random(0)).arms  # noqa: S311 - not thrown
        return self._policy.arms(context, eligible)

    def track_record(self, context: Features, eligible: Eligible) -> Mapping[str, Features]:
        return self._policy.track_record(context, eligible)

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        """Refused: what is looked at must not change by that. Raises InvalidRequest."""
        raise InvalidRequest("a settled policy does not learn; teach the policy that it settles")

    def dump(self) -> bytes:
        return self._policy.dump()

    def load(self, data: bytes) -> None:
        self._policy.load(data)
