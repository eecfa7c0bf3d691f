"""``grades.toml``: what each action of people is worth, if not as usual. Optional."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from plugin.assets.problems import Problem, read_toml, refuse, unknown_keys

FILE = "grades.toml"
CHOICES: Final = ("click", "play", "like", "favourite")
REFUSALS: Final = ("skip", "dislike")
SHORT_PLAY, LONG_PLAY, LONG_PLAY_MS = "short_play", "long_play", "long_play_ms"
_LONGEST_MS: Final = 86_400_000


def load_grades(folder: Path) -> Mapping[str, float]:
    """What ``folder/grades.toml`` says: the grade of each action that it names, and of plays.

    Raises:
        InvalidAssets: naming every key that cannot be used.
    """
    problems: list[Problem] = []
    grades = read_grades(folder, problems)
    refuse(problems)
    return grades


def read_grades(folder: Path, problems: list[Problem]) -> Mapping[str, float]:
    """Like :func:`load_grades`, but adds to ``problems``; without the file all is as usual."""
    given = read_toml(folder, FILE, problems) if (folder / FILE).exists() else {}
    if given is None:
        return {}
    known = (*CHOICES, *REFUSALS, SHORT_PLAY, LONG_PLAY, LONG_PLAY_MS)
    found = unknown_keys(given, known, FILE)
    for key, value in given.items():
        low, high = _bounds(key)
        if key in known and not _within(value, low, high):
            found.append(Problem(FILE, key, f"must be a number from {low} to {high}"))
    short, long = given.get(SHORT_PLAY), given.get(LONG_PLAY)
    if not found and short is not None and long is not None and short > long:
        found.append(Problem(FILE, SHORT_PLAY, f"must not be worth more than {LONG_PLAY}"))
    problems.extend(found)
    return {} if found else {key: float(value) for key, value in given.items()}


def _bounds(key: str) -> tuple[float, float]:
    if key in REFUSALS:
        return -1, 0
    if key == LONG_PLAY_MS:
        return 1, _LONGEST_MS
    # Who leaves at once may as well have skipped it.
    return (-1, 1) if key == SHORT_PLAY else (0, 1)


def _within(value: Any, low: float, high: float) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and low <= value <= high
