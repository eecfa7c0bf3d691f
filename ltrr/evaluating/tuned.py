"""Static weights tuned on judgments: `tuned`, `pair` and `triple` of baseline.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bandit_service.evaluation.baselines import by_kind
from bandit_service.evaluation.blend_table import blend_table
from bandit_service.evaluation.judgments import load_judged
from bandit_service.evaluation.tuning import tune, tune_subset, uniform
from ltrr.evaluating.queries import some
from ltrr.evaluating.recording import recorded
from ltrr.settings import Settings

MOST: Final = 1_000
"""Queries of a kind that are tuned on; more take hours and change little."""


@dataclass(frozen=True, slots=True)
class Tables:
    """``tables``: name → strategy → weight, the largest 1, those of 0 left out. ``reached``: name →
    mean nDCG@10 on the very queries that were tuned on, beside that of ``uniform`` blending."""

    tables: Mapping[str, Mapping[str, float]]
    reached: Mapping[str, float]
    queries: int
    blender: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def tuned_tables(
    settings: Settings,
    data: Path,
    *,
    kind_field: str | None = None,
    qrels: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> Tables:
    """The tables for the judgments of ``data`` (all, or those of ``qrels``), for the blender of the
    settings. Every kind of query counts by how many it has, of at most :data:`MOST`.

    Raises:
        InvalidRequest: the data cannot be read.
        Unavailable: something has to be recorded, and cannot be.
    """
    judged = load_judged(data, kind_field, qrels)
    sample = [one for kind in by_kind(judged).values() for one in some(kind, MOST)]
    recording, _ = recorded(settings, data, sample, fields or {})
    table = blend_table(recording, sample, recording.strategies)
    methods = (settings.blender,)
    found = {
        "tuned": tune(table, methods),
        "pair": tune_subset(table, 2, methods),
        "triple": tune_subset(table, 3, methods),
    }
    return Tables(
        {
            name: {
                strategy: round(float(weight / max(static.weights)), 4)
                for strategy, weight in zip(table.strategies, static.weights, strict=True)
                if weight >= max(static.weights) / 1000
            }
            for name, static in found.items()
        },
        {
            name: round(float(static.tuned), 4)
            for name, static in {**found, "uniform": uniform(table, settings.blender)}.items()
        },
        len(sample),
        settings.blender,
    )
