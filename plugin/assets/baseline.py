"""The static weights of ``baseline.toml``: what to trust while nothing has been learnt, and what
was tuned on judgments, to be compared with."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import tomli_w

from plugin.assets.problems import Problem, near, read_toml, refuse, unknown_keys

FILE = "baseline.toml"
WEIGHTS = "weights"
TUNED = ("tuned", "pair", "triple")
"""Tables beside the weights: a strategy that they do not name does not run."""
_HEADER = re.compile(r"^(?=\[([^\[\]]+)\])", re.MULTILINE)


def load_baseline(
    folder: Path, strategies: Sequence[str], table: str = WEIGHTS
) -> Mapping[str, float]:
    """The weight of each strategy, summing to 1; one that the file does not name counts as 1.

    ``table``: another of the file's tables, in which it counts as 0.

    Raises:
        InvalidAssets: a weight is no number of at least 0, all are 0, a name is unknown, or there
            is no such table.
    """
    problems: list[Problem] = []
    weights = read_baseline(folder, strategies, problems, table)
    refuse(problems)
    return weights


def read_baseline(
    folder: Path, strategies: Sequence[str], problems: list[Problem], table: str = WEIGHTS
) -> Mapping[str, float]:
    """Like :func:`load_baseline`, but adds to ``problems``; without the file all are equal."""
    given = read_toml(folder, FILE, problems) if (folder / FILE).exists() else {}
    if given is None:
        return {}
    problems.extend(unknown_keys(given, [WEIGHTS, *TUNED], FILE))
    found = given.get(table, {})
    if not isinstance(found, dict):
        problems.append(Problem(FILE, table, "must be a table: strategy = weight"))
        return {}
    if table in TUNED and not found:
        message = "is not there: `ltrr tune --data DIR --write` writes it, from judgments"
        problems.append(Problem(FILE, table, message))
        return {}
    for name, weight in found.items():
        if name not in strategies:
            message = f"there is no strategy {name!r}; {near(name, strategies)}"
            problems.append(Problem(FILE, f"{table}.{name}", message))
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight >= 0:
            problems.append(Problem(FILE, f"{table}.{name}", "must be a number of at least 0"))
            return {}
    weights = {name: float(found.get(name, float(table == WEIGHTS))) for name in strategies}
    total = sum(weights.values())
    if strategies and not (total > 0 and math.isfinite(total)):
        problems.append(Problem(FILE, table, "must sum to a finite number above 0"))
        return {}
    return {name: weight / total for name, weight in weights.items()}


def with_tables(text: str, tables: Mapping[str, Mapping[str, float]]) -> str:
    """The text of ``baseline.toml`` with ``tables`` at its end; what it said of them before is
    gone, everything else stays as it was, comments too."""
    blocks = _HEADER.split(text)
    # What stands before the first table; then, one by one, a table's name and all of it.
    kept = [
        blocks[0],
        *(b for name, b in zip(blocks[1::2], blocks[2::2], strict=True) if name not in tables),
    ]
    return ("".join(kept).rstrip("\n") + "\n\n" + tomli_w.dumps(tables)).lstrip("\n")
