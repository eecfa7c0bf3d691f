"""Rules of exploration: with what probability each strategy should run, from what is believed.

The Explorer keeps what a rule wishes within floor and cap. A rule may learn by itself.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Protocol

from bandit_service.policies.base import Eligible, Features, ValueModel
from bandit_service.policies.sealed import seal, unseal


class Rule(Protocol):
    """How values become probabilities. Safe to call from several threads."""

    def wishes(
        self, context: Features, eligible: Eligible, values: Features, pages: int
    ) -> dict[str, float]:
        """Strategy → probability (0..1), from its value and the pages learnt so far."""
        ...

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        """As :meth:`bandit_service.policies.base.ValueModel.learn`; most rules ignore it."""
        ...

    def dump(self) -> bytes:
        """As :meth:`bandit_service.policies.base.ValueModel.dump`."""
        ...

    def load(self, data: bytes) -> None:
        """As :meth:`bandit_service.policies.base.ValueModel.load`."""
        ...


class UncertainModel(ValueModel, Protocol):
    """A value model that knows how sure it is."""

    def deviations(self, context: Features, eligible: Eligible) -> dict[str, float]:
        """The standard deviation of what is believed of every eligible strategy's credit."""
        ...


class _Unlearnt:
    kind = ""

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        """What it needs to know, the value model learns."""

    def dump(self) -> bytes:
        return seal(self.kind, b"")

    def load(self, data: bytes) -> None:
        unseal(self.kind, data)


class InverseGap(_Unlearnt):
    """Inverse-gap weighting (Abe & Long 1999; SquareCB, Foster & Rakhlin 2020) for each strategy by
    itself: p = 1/(1 + γ·(v_max − v)), γ = min(most_greed, √pages).

    The rule is made for one action at a time, where all but the best are a loss. Here strategies
    run together and share a choice's credit, so the gap to the best says little against one: γ
    stays small, and what is worth its cost is for the dial to say.
    """

    kind = "inverse-gap"

    def __init__(self, most_greed: float = 5.0) -> None:
        self._most_greed = most_greed

    def wishes(
        self, context: Features, eligible: Eligible, values: Features, pages: int
    ) -> dict[str, float]:
        greed = min(self._most_greed, math.sqrt(pages))
        best = max(values.values())
        return {name: 1 / (1 + greed * (best - value)) for name, value in values.items()}


class Thompson(_Unlearnt):
    """Thompson sampling (1933) as probabilities: a strategy runs when what is drawn for its value
    from its posterior, a normal distribution, is worth running beside the best,

        p = Φ((v − worth·v_max) / deviation).

    Drawing and comparing would give the same inclusions, but not their probabilities.
    """

    kind = "thompson"

    def __init__(self, model: UncertainModel, worth: float = 0.5) -> None:
        self._model = model
        self._worth = worth

    def wishes(
        self, context: Features, eligible: Eligible, values: Features, pages: int
    ) -> dict[str, float]:
        enough = self._worth * max(values.values())
        deviations = self._model.deviations(context, eligible)
        normal = NormalDist()
        return {
            name: normal.cdf((value - enough) / max(1e-6, deviations[name]))
            for name, value in values.items()
        }
