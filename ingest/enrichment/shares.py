"""How much of a broad query's choices go to an entity: the popular ones are chosen more often."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from plugin.assets.schema import Schema

LEAST = 0.25


def share(document: Mapping[str, Any], schema: Schema) -> float:
    """0.25..1, from the entity's popularity; the least where that is not known.

    The logarithm makes it independent enough of the unit: shares, plays and stars all work.
    """
    value = document.get(schema.popularity) if schema.popularity else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return LEAST
    if not math.isfinite(value) or value <= 0:
        return LEAST
    known = math.log1p(value)
    return LEAST + (1 - LEAST) * known / (known + 3.0)
