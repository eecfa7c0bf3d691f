"""Builds the sparse artefact of a catalogue: its terms, and what each stands for as well.

Two sources say what a term stands for: the dense encoder (which terms mean the same) and the
catalogue (which terms occur together: normalised pointwise mutual information, Bouma 2009). The
work is bounded, however large the catalogue is: a number of terms is encoded once, and pairs and
the sample come from so many entities, drawn evenly.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.enrichment.shares import share
from plugin.assets.schema import Schema
from plugin.encoding import Encoder
from plugin.sparse import Artefact, CatalogueEncoder
from plugin.sparse.words import tokens

MOST_TERMS = 10_000
MOST_COUNTED = 500_000
"""Distinct words that are counted at a time: beyond, those seen once are forgotten."""
SAMPLE = 2_000
PAIRS_FROM = 10_000
"""Entities whose words are paired."""
WORDS_PAIRED = 24

NEIGHBOURS = 8
DISTANCES = 4.0
"""How many standard deviations nearer than other terms a neighbour must be, seen from both."""
LEAST_COSINE, FULL_COSINE = 0.45, 1.0
TOGETHER, LEAST_TOGETHER = 3, 0.45
"""Entities in which two terms must both occur, and the least NPMI (−1..1) to be neighbours."""
TOGETHER_WORTH = 0.5
"""What occurring together always is worth, beside meaning the same."""
EVERYWHERE = 0.1
"""Terms in a larger share of all entities tell nothing: they are nobody's neighbour."""
CROWD, CROWDED_COSINE = 6, 0.85
"""An encoder maps what it cannot read to one place: more terms that near each other are that."""


@dataclass(slots=True)
class Counted:
    """What one pass over a catalogue leaves: bounded, whatever its size."""

    entities: int = 0
    length: int = 0
    frequencies: Counter[str] = field(default_factory=Counter)
    # (order, text, share of a broad query's choices): the entities with the smallest hashes
    drawn: list[tuple[int, str, float]] = field(default_factory=list)


def count(documents: Iterable[Mapping[str, Any]], schema: Schema) -> Counted:
    """Read a catalogue once. The draw depends on the texts alone, not on their order."""
    counted = Counted()
    for document in documents:
        text = schema.embedding_text(document)
        words = tokens(text)
        if not words:
            continue
        counted.entities += 1
        counted.length += len(words)
        counted.frequencies.update(set(words))
        if len(counted.frequencies) > MOST_COUNTED:
            kept = {word: number for word, number in counted.frequencies.items() if number > 1}
            counted.frequencies = Counter(kept)
        order = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
        counted.drawn.append((order, text, share(document, schema)))
        if len(counted.drawn) >= 2 * PAIRS_FROM:
            counted.drawn = sorted(counted.drawn)[:PAIRS_FROM]
    counted.drawn = sorted(counted.drawn)[:PAIRS_FROM]
    return counted


def build(
    counted: Counted, encoder: Encoder, stops: Callable[[str], bool] = lambda _: False
) -> Artefact:
    """The artefact of a counted catalogue; ``stops`` says which words say little anywhere.

    Takes about a millisecond a term, nearly all of it for encoding.
    """
    ordered = sorted(counted.frequencies.items(), key=lambda one: (-one[1], one[0]))
    terms = tuple(word for word, _ in ordered[:MOST_TERMS])
    frequencies = np.array([number for _, number in ordered[:MOST_TERMS]], dtype=np.int32)
    common = np.array([stops(term) for term in terms], dtype=np.uint8)
    telling = (
        (frequencies > 1)
        & (frequencies <= max(EVERYWHERE * counted.entities, 2))
        & (common == 0)
        & np.array([_tells(term) for term in terms], dtype=bool)
    )
    near = _by_meaning(terms, telling, encoder)
    for (first, second), closeness in _together(counted, terms, telling).items():
        near[first][second] = max(near[first].get(second, 0.0), closeness)
    neighbours, closeness_ = _rows(near)
    artefact = Artefact(
        encoder=encoder.version,
        entities=counted.entities,
        length=counted.length / max(1, counted.entities),
        terms=terms,
        frequencies=frequencies,
        common=common,
        neighbours=neighbours,
        closeness=closeness_,
        sample_starts=np.zeros(1, dtype=np.int32),
        sample_terms=np.empty(0, dtype=np.int32),
        sample_weights=np.empty(0, dtype=np.float32),
        sample_shares=np.empty(0, dtype=np.float32),
    )
    return _with_sample(artefact, counted)


def _tells(term: str) -> bool:
    """Whether a term may stand for others: no number, no single letters, no pair of signs."""
    return len(term) > 2 and any(char.isalpha() for char in term)


def _by_meaning(
    terms: tuple[str, ...], telling: npt.NDArray[np.bool_], encoder: Encoder
) -> list[dict[int, float]]:
    """Per term the telling terms that mean the same to the encoder, with weights 0..1."""
    near: list[dict[int, float]] = [{} for _ in terms]
    readable = np.array([_tells(term) for term in terms], dtype=bool)
    if len(terms) < 3:
        return near
    vectors = encoder.encode(terms)
    centre = vectors.mean(axis=0)
    mean = vectors @ centre
    # Variance of the cosines with all terms, without the n × n matrix: v' C v.
    deviations = vectors - centre
    spread = np.sqrt(
        np.maximum(((vectors @ (deviations.T @ deviations)) * vectors).sum(axis=1), 1e-9)
        / len(terms)
    )
    for start in range(0, len(terms), 512):
        rows = slice(start, start + 512)
        cosines = vectors[rows] @ vectors.T
        crowded = (cosines > CROWDED_COSINE).sum(axis=1) > CROWD
        # Seen from both sides, or terms that are near to everything would be everybody's.
        away = (cosines - mean[rows, None]) / spread[rows, None] + (cosines - mean) / spread
        good = (away >= 2 * DISTANCES) & (cosines >= LEAST_COSINE) & telling
        # What cannot be read has no meaning to share, and none to be found by.
        good[crowded | ~readable[rows]] = False
        for row, column in zip(*np.nonzero(good), strict=True):
            if column != start + row:
                scaled = (cosines[row, column] - LEAST_COSINE) / (FULL_COSINE - LEAST_COSINE)
                near[start + row][int(column)] = float(min(1.0, scaled))
    return near


def _together(
    counted: Counted, terms: tuple[str, ...], telling: npt.NDArray[np.bool_]
) -> dict[tuple[int, int], float]:
    """(term, telling term) → weight 0..1, of those that occur together far more than by chance."""
    positions = {term: position for position, term in enumerate(terms)}
    alone: Counter[int] = Counter()
    pairs: Counter[tuple[int, int]] = Counter()
    for _, text, _ in counted.drawn:
        there = {positions[word] for word in tokens(text)[:WORDS_PAIRED] if word in positions}
        useful = sorted(position for position in there if telling[position])
        alone.update(useful)
        pairs.update(combinations(useful, 2))
    entities = max(1, len(counted.drawn))
    found: dict[tuple[int, int], float] = {}
    for (first, second), number in pairs.items():
        if number < TOGETHER:
            continue
        chance = alone[first] * alone[second] / entities**2
        both = number / entities
        normalised = 1.0 if both >= 1 else math.log(both / chance) / -math.log(both)
        if normalised >= LEAST_TOGETHER:
            found[first, second] = found[second, first] = TOGETHER_WORTH * min(1.0, normalised)
    return found


def _rows(
    near: list[dict[int, float]],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """The nearest few of each, the nearest first; weight 0 where there are fewer."""
    neighbours = np.zeros((len(near), NEIGHBOURS), dtype=np.int32)
    closeness = np.zeros((len(near), NEIGHBOURS), dtype=np.float32)
    for row, found in enumerate(near):
        best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:NEIGHBOURS]
        for column, (position, weight) in enumerate(best):
            neighbours[row, column] = position
            closeness[row, column] = round(weight, 3)
    return neighbours, closeness


def _with_sample(artefact: Artefact, counted: Counted) -> Artefact:
    """The same with its sample, encoded as entities will be."""
    drawn = counted.drawn[:SAMPLE]
    starts, sampled, weights = [0], [], []
    for found in CatalogueEncoder(artefact).documents([text for _, text, _ in drawn]):
        for term, weight in found.items():
            position = artefact.positions.get(term)
            if position is not None:
                sampled.append(position)
                weights.append(weight)
        starts.append(len(sampled))
    return replace(
        artefact,
        sample_starts=np.array(starts, dtype=np.int32),
        sample_terms=np.array(sampled, dtype=np.int32),
        sample_weights=np.array(weights, dtype=np.float32),
        sample_shares=np.array([one for _, _, one in drawn], dtype=np.float32),
    )
