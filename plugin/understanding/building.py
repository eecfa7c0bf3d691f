"""Phrases and meanings → the arrays of the vocabulary file. Pure; the arrays' meaning is here.

- phrases, sorted by their bytes: ``phrase_ends``, ``phrase_text``, ``phrase_weight``, and
  ``meaning_ends`` into ``meaning_role`` (an index into ROLES), ``meaning_field`` (into the head's
  fields), ``meaning_value``, ``meaning_entity`` (into the strings; 2**32-1 is none),
  ``meaning_weight``, ``meaning_own``.
- ``span_key`` (sorted) and ``span_phrase``: every phrase, and with -1 every beginning of one.
- ``part_key`` (sorted), ``part_mass``, ``part_ends`` into ``part_phrase``: single units and pairs,
  what longer phrases that hold them weigh together, and the weightiest few of those.
- ``word_key`` (sorted), ``word_ends``, ``word_text``, ``word_mass``: every word that can be typed
  wrongly; ``near_key`` (sorted) and ``near_word``: their deletions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from plugin.understanding.gathering import Gathered, Meaning
from plugin.understanding.layout import keys_of, pool
from plugin.understanding.spelling import deletions
from plugin.understanding.units import spaceless
from plugin.understanding.wording import Wording

ROLES = ("name", "by", "type", "facets", "language", "recent", "popular")
NONE = 2**32 - 1

_MOST_MEANINGS = 12  # of one phrase; a title that fifty entities bear says little anyway
_MOST_WHOLES = 6  # phrases that a part leads to

Array = np.ndarray[Any, Any]


def build(gathered: Gathered, wording: Wording) -> tuple[dict[str, Any], dict[str, Array]]:
    """The head and the arrays of the file."""
    keys = sorted(gathered.phrases, key=str.encode)
    meanings = [gathered.phrases[key] for key in keys]
    totals = np.array([_total(each) for each in meanings], dtype="<f4")
    fields, of_meanings = _meanings([each[:_MOST_MEANINGS] for each in meanings])
    ends, text = pool(keys)
    arrays: dict[str, Array] = {"phrase_ends": ends, "phrase_text": text, "phrase_weight": totals}
    arrays |= of_meanings | _spans(keys) | _parts(keys, totals, wording) | _words(keys, totals)
    head = {
        "fields": fields,
        "languages": gathered.languages,
        "language_field": gathered.language_field,
        "entities": gathered.entities,
    }
    return head, arrays


def _total(meanings: tuple[Meaning, ...]) -> float:
    """How much a phrase weighs: all that bear it as a name, and its weightiest other meaning."""
    named = sum(one.weight for one in meanings if one.role == "name")
    return max((one.weight for one in meanings if one.role != "name"), default=0.0) + named


def _meanings(several: list[tuple[Meaning, ...]]) -> tuple[list[str], dict[str, Array]]:
    strings: dict[str, int] = {}
    fields: dict[str, int] = {}
    ends = [0]
    rows: list[tuple[int, int, int, int, float, bool]] = []
    for meanings in several:
        for one in meanings:
            entity = NONE
            if one.entity is not None:
                entity = strings.setdefault(one.entity, len(strings))
            rows.append(
                (
                    ROLES.index(one.role),
                    fields.setdefault(one.field, len(fields)),
                    strings.setdefault(one.value, len(strings)),
                    entity,
                    one.weight,
                    one.own,
                )
            )
        ends.append(len(rows))
    columns = list(zip(*rows, strict=True)) or [()] * 6
    string_ends, string_text = pool(list(strings))
    return list(fields), {
        "meaning_ends": np.array(ends, dtype="<u4"),
        "meaning_role": np.array(columns[0], dtype="u1"),
        "meaning_field": np.array(columns[1], dtype="u1"),
        "meaning_value": np.array(columns[2], dtype="<u4"),
        "meaning_entity": np.array(columns[3], dtype="<u4"),
        "meaning_weight": np.array(columns[4], dtype="<f4"),
        "meaning_own": np.array(columns[5], dtype="u1"),
        "string_ends": string_ends,
        "string_text": string_text,
    }


def _spans(keys: list[str]) -> dict[str, Array]:
    found: dict[str, int] = {}
    for key in keys:
        at = key.find(" ")
        while at >= 0:
            found[key[:at]] = -1
            at = key.find(" ", at + 1)
    found |= {key: number for number, key in enumerate(keys)}
    hashed = keys_of(list(found))
    order = np.argsort(hashed, kind="stable")
    phrases = np.fromiter(found.values(), dtype="<i4", count=len(found))
    return {"span_key": hashed[order], "span_phrase": phrases[order]}


def _pieces(key: str, wording: Wording) -> Iterator[str]:
    """The units and pairs of a phrase that are less than the phrase and more than stop words."""
    units = key.split(" ")
    stops = [wording.stops(unit) for unit in units]
    if len(units) > 1:
        for unit, stop in zip(units, stops, strict=True):
            if not stop and not spaceless(unit):
                yield unit
    if len(units) > 2:
        for at in range(len(units) - 1):
            if not (stops[at] and stops[at + 1]):
                yield f"{units[at]} {units[at + 1]}"


def _parts(keys: list[str], totals: Array, wording: Wording) -> dict[str, Array]:
    pieces: list[str] = []
    wholes: list[int] = []
    for number, key in enumerate(keys):
        for piece in dict.fromkeys(_pieces(key, wording)):
            pieces.append(piece)
            wholes.append(number)
    hashed = keys_of(pieces)
    phrase = np.array(wholes, dtype="<u4")
    weight = totals[phrase] if len(phrase) else np.zeros(0, dtype="<f4")
    # Of equal weight, the shorter phrase is the likelier one to be meant.
    length = np.array([len(keys[whole]) for whole in wholes], dtype="<f4")
    order = np.lexsort((-weight / np.sqrt(length + 1), hashed))
    hashed, phrase, weight = hashed[order], phrase[order], weight[order]
    unique, first, counts = np.unique(hashed, return_index=True, return_counts=True)
    mass = np.add.reduceat(weight, first) if len(first) else weight
    rank = np.arange(len(hashed)) - np.repeat(first, counts)
    kept = np.minimum(counts, _MOST_WHOLES)
    ends = np.zeros(len(unique) + 1, dtype="<u4")
    ends[1:] = np.cumsum(kept)
    return {
        "part_key": unique,
        "part_mass": mass.astype("<f4"),
        "part_ends": ends,
        "part_phrase": phrase[rank < _MOST_WHOLES],
    }


def _words(keys: list[str], totals: Array) -> dict[str, Array]:
    masses: dict[str, float] = {}
    for key, total in zip(keys, totals.tolist(), strict=True):
        for unit in key.split(" "):
            if not spaceless(unit):
                masses[unit] = masses.get(unit, 0.0) + total
    hashed = keys_of(list(masses))
    order = np.argsort(hashed, kind="stable")
    words = list(masses)
    words = [words[at] for at in order.tolist()]
    near = _near(words)
    ends, text = pool(words)
    return {
        "word_key": hashed[order],
        "word_ends": ends,
        "word_text": text,
        "word_mass": np.array([masses[word] for word in words], dtype="<f4"),
        **near,
    }


def _near(words: list[str]) -> Mapping[str, Array]:
    texts: list[str] = []
    numbers: list[int] = []
    for number, word in enumerate(words):
        found = deletions(word) if len(word) > 2 else ()
        texts.extend(found)
        numbers.extend([number] * len(found))
    hashed = keys_of(texts)
    order = np.argsort(hashed, kind="stable")
    return {"near_key": hashed[order], "near_word": np.array(numbers, dtype="<u4")[order]}
