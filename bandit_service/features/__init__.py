"""What is known before retrieval, as named floats: of a query (the context) and of a strategy.

No feature holds text or an identifier: the context is written to the journal and read by models.
All values are within -1..1 or small counts scaled by a fixed constant, so that a linear model
learns every feature at about the same pace. Names with ``=`` (``family=dense``, ``chose=song``)
stand for one of many values and are there only where they hold; all others always are.
"""

from bandit_service.features.context import featurise, kind_of
from bandit_service.features.strategies import strategy_features

__all__ = ["featurise", "kind_of", "strategy_features"]
