"""Boosted trees over shown entities: LightGBM.

Whether something is chosen depends on whether it is looked at: the log of that share is where each
row starts from when fitting (``init_score``), with what a line says where trees correct one. When
serving, position is not added, so that they tell what is chosen by those who look. Cf. Craswell et
al., "An experimental comparison of click position-bias models", WSDM 2008, for the position-based
model; the offset makes it additive in log odds, which for small rates is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from bandit_service.ranking.examples import Examples
from bandit_service.ranking.features import Numbers, check
from bandit_service.ranking.model import pack, unpack
from plugin.errors import BrokenState

KIND = "ranker-trees"
TREES: Final = 30
PARAMETERS: Final[dict[str, Any]] = {
    # As `binary`, for labels between 0 and 1.
    "objective": "cross_entropy",
    "num_leaves": 7,
    "learning_rate": 0.1,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 50.0,
    "boost_from_average": False,
    "seed": 7,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class Trees:
    """See :class:`bandit_service.ranking.model.Model`."""

    def __init__(self, names: Sequence[str], text: str) -> None:
        import lightgbm

        self._names = tuple(names)
        self._text = text
        try:
            self._booster = lightgbm.Booster(model_str=text)
        except lightgbm.basic.LightGBMError as error:
            raise BrokenState(f"the {KIND} model cannot be read ({error})") from error
        if self._booster.num_feature() != len(self._names):
            raise BrokenState(f"the {KIND} model has other features than its names")

    @property
    def names(self) -> Sequence[str]:
        """The features, in the order of a matrix's columns."""
        return self._names

    def scores(self, matrix: Numbers) -> Numbers:
        """See :class:`bandit_service.ranking.model.Model`."""
        found = self._booster.predict(check(matrix), raw_score=True, num_threads=1)
        return np.asarray(found, float)

    def contributions(self, matrix: Numbers) -> Numbers:
        """Shapley values: Lundberg et al., "Consistent Individualized Feature Attribution for Tree
        Ensembles", 2018."""
        found = self._booster.predict(check(matrix), pred_contrib=True, num_threads=1)
        return np.asarray(found, float)

    def dump(self) -> bytes:
        """See :class:`bandit_service.ranking.model.Model`."""
        return pack(KIND, {"names": self._names, "text": self._text})

    @classmethod
    def load(cls, data: bytes) -> Trees:
        """What :meth:`dump` gave. Raises BrokenState for anything else."""
        parts = unpack(KIND, data)
        try:
            return cls(parts["names"], parts["text"])
        except (KeyError, TypeError) as error:
            raise BrokenState(f"the {KIND} model is not whole ({error!r})") from error


def fit_trees(examples: Examples) -> Trees:
    """Fit the trees; the same examples give the same trees."""
    import lightgbm

    data = lightgbm.Dataset(
        check(examples.matrix),
        label=examples.labels,
        weight=examples.weights,
        init_score=examples.offsets,
        params=PARAMETERS,
    )
    booster = lightgbm.train(PARAMETERS, data, num_boost_round=TREES)
    return Trees(examples.names, booster.model_to_string())
