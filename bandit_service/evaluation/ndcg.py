"""nDCG@10: how much of what could have been gained at the top of a list was gained.

Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002, with the
discount log2(rank + 1) of Burges et al. 2005 and the grade itself as gain, as trec_eval has it. A
grade below 0 gains nothing, and neither does what was never judged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

CUT: Final = 10
DISCOUNTS: Final = tuple(1 / math.log2(rank + 1) for rank in range(1, CUT + 1))


def ndcg(ranked: Sequence[str], grades: Mapping[str, float]) -> float:
    """nDCG@10 (0..1) of the ids ``ranked``, best first; 0 where nothing is relevant."""
    best = ideal(grades)
    if best == 0:
        return 0.0
    gained = sum(
        max(0.0, grades.get(id, 0.0)) * discount
        for id, discount in zip(ranked, DISCOUNTS, strict=False)
    )
    return gained / best


def ideal(grades: Mapping[str, float]) -> float:
    """The DCG@10 of the best list there can be."""
    gains = sorted((max(0.0, grade) for grade in grades.values()), reverse=True)
    return sum(gain * discount for gain, discount in zip(gains, DISCOUNTS, strict=False))
