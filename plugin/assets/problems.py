"""What is wrong with the asset files, all of it at once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from plugin.errors import AssetError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: in which file (relative to the assets folder), where, and what."""

    file: str
    place: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.message) if part)


class InvalidAssets(AssetError):
    """The files cannot be used; ``problems`` has every reason, the message one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{head} in the asset files:{lines}")


def refuse(problems: Collection[Problem]) -> None:
    """Raise :class:`InvalidAssets` if there is any problem."""
    if problems:
        raise InvalidAssets(problems)


def near(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that was probably meant, or what names there are."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(choices)}" if choices else "none is known"


def unknown_keys(
    given: Mapping[str, Any], known: Collection[str], file: str, place: str = ""
) -> list[Problem]:
    """One problem for each key that nothing reads."""
    return [
        Problem(file, place, f"unknown key {key!r}; {near(key, known)}")
        for key in given
        if key not in known
    ]


def read_text(root: Path, file: str, problems: list[Problem]) -> str | None:
    """The text of ``root/file``; a problem and None when it cannot be read."""
    try:
        return (root / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(Problem(file, "", "the file is missing"))
    except UnicodeDecodeError:
        problems.append(Problem(file, "", "the file is not UTF-8 text"))
    except OSError as error:
        problems.append(Problem(file, "", f"the file cannot be read: {error.strerror}"))
    return None


def read_toml(root: Path, file: str, problems: list[Problem]) -> dict[str, Any] | None:
    """The table in ``root/file``; a problem and None when there is none."""
    text = read_text(root, file, problems)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(file, "", f"not TOML: {error}"))
        return None


def read_json(root: Path, file: str, problems: list[Problem]) -> Any | None:
    """The JSON value in ``root/file``; a problem with its line, and None, when it is not JSON."""
    text = read_text(root, file, problems)
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        problems.append(Problem(file, f"line {error.lineno}", f"not JSON: {error.msg}"))
        return None
