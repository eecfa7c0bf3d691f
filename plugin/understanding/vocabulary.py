"""The vocabulary as it is read: look-ups in the mapped arrays of one file.

Safe to share between threads and processes: nothing in it changes.
"""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from plugin.understanding.building import NONE, ROLES
from plugin.understanding.gathering import Meaning, phrase_key
from plugin.understanding.layout import keys_of, read
from plugin.understanding.spelling import deletions, errors_between

ABSENT = -2
"""Not a phrase, nor the beginning of one."""
BEGINNING = -1
"""Only the beginning of a phrase."""

_MOST_CORRECTIONS = 3
_PENALTY = (1.0, 1.0, 0.05)  # by number of errors: two are rarely made in one word
_OTHER_BEGINNING = 0.15  # people nearly always get the first letter right

Array = np.ndarray[Any, Any]


class Correction(NamedTuple):
    """A word that may have been meant. ``share`` of all that may have been, in 0..1."""

    word: str
    errors: int
    share: float


class Part(NamedTuple):
    """What holds a unit or pair: the mass of all phrases that do, and the weightiest of them."""

    mass: float
    phrases: tuple[int, ...]


class Vocabulary:
    """The names, makers and values of an index, as phrases."""

    def __init__(self, head: dict[str, Any], arrays: dict[str, Array]) -> None:
        self.head = head
        self.languages: dict[str, int] = head["languages"]
        self.entities: int = head["entities"]
        self.language_field: str | None = head["language_field"]
        self._fields: list[str] = head["fields"]
        self._arrays = arrays
        self._phrase_weight = arrays["phrase_weight"]

    @classmethod
    def open(cls, path: Path) -> Vocabulary:
        """Map the file at ``path``.

        Raises:
            FileNotFoundError: there is none.
            BrokenState: it cannot be used.
        """
        return cls(*read(path))

    def __len__(self) -> int:
        """How many phrases there are."""
        return len(self._phrase_weight)

    def spans(self, keys: list[str]) -> list[int]:
        """For each key the number of that phrase, ``BEGINNING`` or ``ABSENT``."""
        places = self._places("span_key", keys)
        phrases = self._arrays["span_phrase"]
        return [int(phrases[place]) if place >= 0 else ABSENT for place in places]

    def phrase(self, number: int) -> str:
        """The key of a phrase."""
        return self._text("phrase", number)

    def weight(self, number: int) -> float:
        """What a phrase weighs, over all of its meanings."""
        return float(self._phrase_weight[number])

    def meanings(self, number: int) -> list[Meaning]:
        """What a phrase can mean, the weightiest first."""
        a = self._arrays
        start, end = a["meaning_ends"][number : number + 2].tolist()
        found: list[Meaning] = []
        for at in range(start, end):
            entity = int(a["meaning_entity"][at])
            found.append(
                Meaning(
                    ROLES[a["meaning_role"][at]],
                    self._fields[a["meaning_field"][at]],
                    self._text("string", int(a["meaning_value"][at])),
                    None if entity == NONE else self._text("string", entity),
                    float(a["meaning_weight"][at]),
                    bool(a["meaning_own"][at]),
                )
            )
        return found

    def parts(self, keys: list[str]) -> list[Part | None]:
        """For each unit or pair of units the longer phrases that hold it."""
        a = self._arrays
        found: list[Part | None] = []
        for place in self._places("part_key", keys):
            if place < 0:
                found.append(None)
                continue
            start, end = a["part_ends"][place : place + 2].tolist()
            phrases = tuple(a["part_phrase"][start:end].tolist())
            found.append(Part(float(a["part_mass"][place]), phrases))
        return found

    def masses(self, words: list[str]) -> list[float]:
        """What all phrases that hold a word weigh together; 0 for a word of none."""
        masses = self._arrays["word_mass"]
        places = self._places("word_key", words)
        return [float(masses[place]) if place >= 0 else 0.0 for place in places]

    def corrections(self, words: list[str]) -> list[list[Correction]]:
        """For each word what may have been meant by it, the likeliest first."""
        tried = [list(deletions(word)) for word in words]
        keys = self._arrays["near_key"]
        hashed = keys_of([text for texts in tried for text in texts])
        low = np.searchsorted(keys, hashed, side="left").tolist()
        high = np.searchsorted(keys, hashed, side="right").tolist()
        found: list[list[Correction]] = []
        at = 0
        for word, texts in zip(words, tried, strict=True):
            numbers: set[int] = set()
            for first, last in zip(
                low[at : at + len(texts)], high[at : at + len(texts)], strict=True
            ):
                if first < last:
                    numbers.update(self._arrays["near_word"][first:last].tolist())
            at += len(texts)
            found.append(self._ranked(word, numbers))
        return found

    def complete(self, prefix: str, n: int) -> list[tuple[str, float]]:
        """The ``n`` weightiest names and values that begin with ``prefix``, with their weights."""
        key = phrase_key(prefix)
        if not key or n <= 0:
            return []
        low = bisect_left(range(len(self)), key.encode(), key=self._phrase_bytes)
        high = bisect_left(range(len(self)), key.encode() + b"\xff", lo=low, key=self._phrase_bytes)
        weights = self._phrase_weight[low:high]
        best: list[int] = np.argsort(-weights, kind="stable")[: 2 * n].tolist()
        found: dict[str, float] = {}
        for number in (low + at for at in best):
            meanings = [one for one in self.meanings(number) if one.own or one.role == "name"]
            for one in sorted(meanings, key=lambda one: one.role not in ("name", "by"))[:1]:
                found.setdefault(one.value, self.weight(number))
        return list(found.items())[:n]

    def _ranked(self, word: str, numbers: set[int]) -> list[Correction]:
        scored: list[tuple[float, str, int]] = []
        for number in numbers:
            meant = self._text("word", number)
            errors = errors_between(word, meant)
            if 0 < errors < len(_PENALTY):
                score = float(self._arrays["word_mass"][number]) * _PENALTY[errors]
                if meant[0] != word[0]:
                    score *= _OTHER_BEGINNING
                scored.append((score, meant, errors))
        total = sum(score for score, *_ in scored)
        scored.sort(key=lambda one: (-one[0], one[1]))
        return [
            Correction(meant, errors, score / total)
            for score, meant, errors in scored[:_MOST_CORRECTIONS]
            if total > 0
        ]

    def _places(self, name: str, keys: list[str]) -> list[int]:
        """Where each key stands in the sorted array ``name``; -1 where it does not."""
        array = self._arrays[name]
        if not keys or not len(array):
            return [-1] * len(keys)
        hashed = keys_of(keys)
        places = np.searchsorted(array, hashed)
        places[places == len(array)] = 0
        placed: list[int] = np.where(array[places] == hashed, places, -1).tolist()
        return placed

    def _text(self, name: str, number: int) -> str:
        return self._bytes(name, number).decode()

    def _phrase_bytes(self, number: int) -> bytes:
        return self._bytes("phrase", number)

    def _bytes(self, name: str, number: int) -> bytes:
        start, end = self._arrays[f"{name}_ends"][number : number + 2].tolist()
        taken: bytes = self._arrays[f"{name}_text"][start:end].tobytes()
        return taken
