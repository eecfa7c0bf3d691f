"""What is known of a strategy without running it, and how it did lately."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

from bandit_service.policies.base import REVISION

if TYPE_CHECKING:
    from plugin.strategies import Strategy


def strategy_features(strategy: Strategy) -> dict[str, float]:
    """What its files say: ``brings=<type>`` for each entity type, where it does not bring all.

    ``revision=<hash>`` changes with anything that changes what the strategy finds: the Explorer
    lets a changed strategy earn its share anew.
    """
    said = "\0".join((strategy.template, *sorted(strategy.indexes), *sorted(strategy.needs)))
    revision = hashlib.blake2b(said.encode(), digest_size=4).hexdigest()
    return {
        f"family={strategy.family}": 1.0,
        "cost": math.log1p(max(0.0, strategy.cost)) / 4,
        "second_stage": float(strategy.stage == 2),
        "typed": float(bool(strategy.entity_types)),
        **{f"brings={kind}": 1.0 for kind in strategy.entity_types},
        f"{REVISION}{revision}": 1.0,
    }


def lately(took_ms: float | None, empty: float | None) -> dict[str, float]:
    """How it did in the last runs of this process: its mean time and the share (0..1) of runs that
    brought nothing; both None, and no feature, where it did not run."""
    if took_ms is None or empty is None:
        return {}
    return {"took": min(1.0, math.log1p(max(0.0, took_ms)) / 8), "empty": empty}
