"""How the strategies' shares moved, for people to look at: bounded, whatever the traffic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STEP = 10
MOST_STEPS = 200


class Shares:
    """Means of weights and values over steps of consecutive decisions.

    When there are more than MOST_STEPS steps, neighbours are merged and steps become twice as
    long: the whole history stays, at a coarser grain.
    """

    def __init__(self) -> None:
        self._size = STEP
        self._decisions = 0
        # Per step: decisions in it, and strategy → [sum of weights, sum of values, decisions].
        self._steps: list[tuple[int, dict[str, list[float]]]] = []

    def add(self, choices: Sequence[Mapping[str, Any]]) -> None:
        """Count one decision: its choices with ``strategy``, ``weight`` and ``value``."""
        if not self._steps or self._steps[-1][0] >= self._size:
            self._steps.append((0, {}))
        count, sums = self._steps[-1]
        for choice in choices:
            name = str(choice["strategy"])
            entry = sums.get(name) or sums.setdefault(name, [0.0, 0.0, 0.0])
            entry[0] += float(choice["weight"])
            entry[1] += float(choice["value"])
            entry[2] += 1
        self._steps[-1] = (count + 1, sums)
        self._decisions += 1
        if len(self._steps) > MOST_STEPS and self._steps[-1][0] >= self._size:
            self._merge()

    def history(self) -> list[dict[str, Any]]:
        """Oldest first: ``{"decisions": so far, "weights": {...}, "values": {...}}``.

        Weights are means over all decisions of the step (0 where not eligible), values over those
        for which the strategy was eligible.
        """
        steps = []
        decisions = 0
        for count, sums in self._steps:
            decisions += count
            steps.append(
                {
                    "decisions": decisions,
                    "weights": {name: entry[0] / count for name, entry in sorted(sums.items())},
                    "values": {name: entry[1] / entry[2] for name, entry in sorted(sums.items())},
                }
            )
        return steps

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain JSON."""
        return {"size": self._size, "decisions": self._decisions, "steps": self._steps}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Shares:
        """What :meth:`to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        shares = cls()
        shares._size = int(data["size"])
        shares._decisions = int(data["decisions"])
        shares._steps = [(int(count), dict(sums)) for count, sums in data["steps"]]
        return shares

    def _merge(self) -> None:
        merged: list[tuple[int, dict[str, list[float]]]] = []
        for at in range(0, len(self._steps), 2):
            pair = self._steps[at : at + 2]
            sums: dict[str, list[float]] = {}
            for _, part in pair:
                for name, entry in part.items():
                    total = sums.setdefault(name, [0.0, 0.0, 0.0])
                    for place, amount in enumerate(entry):
                        total[place] += amount
            merged.append((sum(count for count, _ in pair), sums))
        self._steps = merged
        self._size *= 2
