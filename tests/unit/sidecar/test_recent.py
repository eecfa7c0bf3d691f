"""Figures of the strategies over the last queries."""

from __future__ import annotations

import pytest

from bandit_service.recent import QUERIES, Figures, Recent
from plugin.model import Choice, Decision, Retrieved


def decided(*choices: tuple[str, float, float]) -> Decision:
    """Choices as (strategy, value, weight); weight 0 is not included."""
    return Decision(
        tuple(Choice(name, value, 0.5, weight > 0, 10, weight) for name, value, weight in choices),
        "learned",
        1.0,
        "v",
    )


def test_the_figures_are_means_over_the_queries_it_was_eligible_for() -> None:
    recent = Recent()
    recent.note(
        decided(("lexical", 0.4, 0.8), ("dense", 0.2, 0.2)),
        [Retrieved("lexical", took_ms=4.0), Retrieved("dense", took_ms=6.0, error="gone")],
    )
    recent.note(decided(("lexical", 0.6, 1.0), ("dense", 0.1, 0.0)), [Retrieved("lexical")])
    recent.note(decided(("lexical", 0.5, 1.0)), [Retrieved("lexical", took_ms=2.0)])
    assert recent.figures("dense") == Figures(
        queries=2,
        ran=1 / 2,
        share=(0.2 + 0.0) / 2,
        value=pytest.approx((0.2 + 0.1) / 2),
        weight=0.2,
        cost_ms=6.0,
        failures=1,
    )
    lexical = recent.figures("lexical")
    assert lexical.queries == 3
    assert lexical.cost_ms == pytest.approx((4.0 + 0.0 + 2.0) / 3)
    assert recent.figures("memory") == Figures()


def test_only_the_last_queries_count() -> None:
    recent = Recent()
    for _ in range(QUERIES + 10):
        recent.note(decided(("lexical", 0.5, 1.0)), [])
    assert recent.figures("lexical").queries == QUERIES
