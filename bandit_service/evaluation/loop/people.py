"""How simulated people choose from a page. Nothing they do is a measurement of real people.

Models of clicks as in Chuklin, Markov, de Rijke, "Click Models for Web Search", 2015. ``noise``
errs both ways: what is relevant is passed over with that probability, and what is not is chosen
with it, where it was looked at.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

EXAMINATION: Final = 0.7
NOISE: Final = 0.07

Grades = Mapping[str, float]


class People(Protocol):
    """A way to choose: positions (from 1) of what is chosen of a page."""

    def choose(self, shown: Sequence[str], grades: Grades, rng: random.Random) -> list[int]:
        """``shown`` are ids from the top down, ``grades`` what would be wanted."""
        ...

    def described(self) -> dict[str, Any]:
        """The model and its parameters, for reports."""
        ...


@dataclass(frozen=True, slots=True)
class PositionBased:
    """Looks at position k with probability k^−η, whatever else is there (Craswell et al., WSDM
    2008), and chooses what it looks at by its relevance alone."""

    eta: float = EXAMINATION
    noise: float = NOISE

    def choose(self, shown: Sequence[str], grades: Grades, rng: random.Random) -> list[int]:
        """See :class:`People`."""
        chosen = []
        for position, entity in enumerate(shown, 1):
            looked = rng.random() < position**-self.eta
            if looked and rng.random() < _wants(grades, entity, self.noise):
                chosen.append(position)
        return chosen

    def described(self) -> dict[str, Any]:
        """See :class:`People`."""
        return {"model": "position_based", "eta": self.eta, "noise": self.noise}


@dataclass(frozen=True, slots=True)
class Cascade:
    """Looks from the top down and leaves after a choice with probability ``content`` (the
    dependent click model of Guo, Liu, Wang, WSDM 2009, with one probability for all positions);
    goes on after anything else with probability ``patience``."""

    content: float = 0.8
    patience: float = 0.9
    noise: float = NOISE

    def choose(self, shown: Sequence[str], grades: Grades, rng: random.Random) -> list[int]:
        """See :class:`People`."""
        chosen = []
        for position, entity in enumerate(shown, 1):
            wanted = rng.random() < _wants(grades, entity, self.noise)
            if wanted:
                chosen.append(position)
            if rng.random() < (self.content if wanted else 1 - self.patience):
                break
        return chosen

    def described(self) -> dict[str, Any]:
        """See :class:`People`."""
        return {
            "model": "cascade",
            "content": self.content,
            "patience": self.patience,
            "noise": self.noise,
        }


@dataclass(frozen=True, slots=True)
class Adversary:
    """A share of the sessions wants one ``entity`` and nothing else, and finds it wherever it
    stands on the page; the others are ``honest``."""

    entity: str
    share: float
    honest: People

    def choose(self, shown: Sequence[str], grades: Grades, rng: random.Random) -> list[int]:
        """See :class:`People`."""
        if rng.random() >= self.share:
            return self.honest.choose(shown, grades, rng)
        return [at for at, entity in enumerate(shown, 1) if entity == self.entity]

    def described(self) -> dict[str, Any]:
        """See :class:`People`."""
        return {"model": "adversary", "share": self.share, "honest": self.honest.described()}


def _wants(grades: Grades, entity: str, noise: float) -> float:
    return 1 - noise if grades.get(entity, 0) > 0 else noise
