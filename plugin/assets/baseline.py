"""The static weights of ``baseline.toml``: what to trust while nothing has been learnt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from plugin.assets.problems import Problem, near, read_toml, refuse, unknown_keys

FILE = "baseline.toml"


def load_baseline(folder: Path, strategies: Sequence[str]) -> Mapping[str, float]:
    """The weight of each strategy, summing to 1; one that the file does not name counts as 1.

    Raises:
        InvalidAssets: a weight is no number of at least 0, all are 0, or a name is unknown.
    """
    problems: list[Problem] = []
    weights = read_baseline(folder, strategies, problems)
    refuse(problems)
    return weights


def read_baseline(
    folder: Path, strategies: Sequence[str], problems: list[Problem]
) -> Mapping[str, float]:
    """Like :func:`load_baseline`, but adds to ``problems``; without the file all are equal."""
    given = read_toml(folder, FILE, problems) if (folder / FILE).exists() else {}
    if given is None:
        return {}
    problems.extend(unknown_keys(given, ["weights"], FILE))
    table = given.get("weights", {})
    if not isinstance(table, dict):
        problems.append(Problem(FILE, "weights", "must be a table: strategy = weight"))
        return {}
    for name, weight in table.items():
        if name not in strategies:
            message = f"there is no strategy {name!r}; {near(name, strategies)}"
            problems.append(Problem(FILE, f"weights.{name}", message))
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight >= 0:
            problems.append(Problem(FILE, f"weights.{name}", "must be a number of at least 0"))
            return {}
    weights = {name: float(table.get(name, 1.0)) for name in strategies}
    total = sum(weights.values())
    if strategies and not (total > 0 and math.isfinite(total)):
        problems.append(Problem(FILE, "weights", "must sum to a finite number above 0"))
        return {}
    return {name: weight / total for name, weight in weights.items()}
