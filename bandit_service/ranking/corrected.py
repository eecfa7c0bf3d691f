"""A linear model, corrected by boosted trees that start from what it says.

The trees learn only what a line cannot say, so where they learnt noise, little is lost: boosting
from a good first guess, cf. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine",
Annals of Statistics 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bandit_service.ranking.examples import Examples
from bandit_service.ranking.features import Numbers
from bandit_service.ranking.linear import Linear
from bandit_service.ranking.model import pack, unpack
from bandit_service.ranking.trees import Trees, fit_trees
from plugin.errors import BrokenState

KIND = "ranker-corrected"


class Corrected:
    """See :class:`bandit_service.ranking.model.Model`. Both models see the same features."""

    def __init__(self, linear: Linear, trees: Trees) -> None:
        if tuple(linear.names) != tuple(trees.names):
            raise BrokenState(f"the two parts of the {KIND} model have other features")
        self._linear, self._trees = linear, trees

    @property
    def names(self) -> Sequence[str]:
        """The features, in the order of a matrix's columns."""
        return self._linear.names

    def scores(self, matrix: Numbers) -> Numbers:
        """See :class:`bandit_service.ranking.model.Model`."""
        return self._linear.scores(matrix) + self._trees.scores(matrix)

    def contributions(self, matrix: Numbers) -> Numbers:
        """See :class:`bandit_service.ranking.model.Model`."""
        return self._linear.contributions(matrix) + self._trees.contributions(matrix)

    def dump(self) -> bytes:
        """See :class:`bandit_service.ranking.model.Model`."""
        parts = (self._linear.dump(), self._trees.dump())
        return pack(KIND, {"parts": [part.decode("latin-1") for part in parts]})

    @classmethod
    def load(cls, data: bytes) -> Corrected:
        """What :meth:`dump` gave. Raises BrokenState for anything else."""
        parts = unpack(KIND, data)
        try:
            linear, trees = (part.encode("latin-1") for part in parts["parts"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BrokenState(f"the {KIND} model is not whole ({error!r})") from error
        return cls(Linear.load(linear), Trees.load(trees))


def correct(linear: Linear, examples: Examples) -> Corrected:
    """Fit trees to what ``linear`` gets wrong about ``examples``."""
    known = examples.offsets + linear.scores(examples.matrix)
    return Corrected(linear, fit_trees(replace(examples, offsets=known)))
