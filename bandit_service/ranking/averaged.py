"""The mean of two models' log odds, where neither is known to be the better one.

What one of them got wrong by chance, the other halves: cf. Breiman, "Bagging Predictors", Machine
Learning 1996.
"""

from __future__ import annotations

from collections.abc import Sequence

from bandit_service.ranking.features import Numbers
from bandit_service.ranking.linear import Linear
from bandit_service.ranking.model import pack, unpack
from bandit_service.ranking.trees import Trees
from plugin.errors import BrokenState

KIND = "ranker-averaged"


class Averaged:
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
        return (self._linear.scores(matrix) + self._trees.scores(matrix)) / 2

    def contributions(self, matrix: Numbers) -> Numbers:
        """See :class:`bandit_service.ranking.model.Model`."""
        return (self._linear.contributions(matrix) + self._trees.contributions(matrix)) / 2

    def dump(self) -> bytes:
        """See :class:`bandit_service.ranking.model.Model`."""
        parts = (self._linear.dump(), self._trees.dump())
        return pack(KIND, {"parts": [part.decode("latin-1") for part in parts]})

    @classmethod
    def load(cls, data: bytes) -> Averaged:
        """What :meth:`dump` gave. Raises BrokenState for anything else."""
        parts = unpack(KIND, data)
        try:
            linear, trees = (part.encode("latin-1") for part in parts["parts"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BrokenState(f"the {KIND} model is not whole ({error!r})") from error
        return cls(Linear.load(linear), Trees.load(trees))
