"""The default sparse encoder: inference-free, from the catalogue's own words.

A document's weight of its own words is BM25's term frequency part (Robertson and Zaragoza 2009,
section 3.1); to them come the words that its words stand for as well, weaker. A query's weights are
inverse document frequencies, with a little of the same expansion: only look-ups, no model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from plugin.sparse.artefact import Artefact
from plugin.sparse.base import MOST_OF_DOCUMENT, MOST_OF_QUERY, Weights, heaviest
from plugin.sparse.words import tokens

K1, B = 0.9, 0.5
"""BM25's saturation and length normalisation, for texts of some ten words."""

EXPANSION = 0.6
"""What a document's expanded word is worth at most, beside one of its own."""

QUERY_NEIGHBOURS, QUERY_EXPANSION = 2, 0.35
LEAST = 0.02
"""The weight of a word that every entity has: a query of such words alone still finds something."""
COMMON = 0.15
"""The share of its weight that a stop word keeps: it may still be a whole title."""


class CatalogueEncoder:
    """The encoder that an :class:`Artefact` makes; see :class:`plugin.sparse.SparseEncoder`."""

    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact
        self._most = math.log(1 + (artefact.entities + 0.5) / 1.0)
        frequencies = artefact.frequencies.tolist()
        common = artefact.common.tolist()
        self._idf = [
            self._rarity(count) * (COMMON if often else 1.0)
            for count, often in zip(frequencies, common, strict=True)
        ]
        # As lists: one query reads a few rows, and numpy's scalars are slow one by one.
        self._neighbours = [
            [(position, close) for position, close in zip(row, near, strict=True) if close > 0]
            for row, near in zip(
                artefact.neighbours.tolist(), artefact.closeness.tolist(), strict=True
            )
        ]

    @property
    def version(self) -> str:
        return f"catalogue@{self._artefact.version}"

    @property
    def artefact(self) -> Artefact:
        """What it was made from."""
        return self._artefact

    def documents(self, texts: Sequence[str]) -> list[Weights]:
        """See :meth:`SparseEncoder.documents`."""
        return [self._document(tokens(text)) for text in texts]

    def query(self, text: str) -> Weights:
        """See :meth:`SparseEncoder.query`. A word of no entity is kept: one may have it by now."""
        words = Counter(tokens(text)[: 2 * MOST_OF_QUERY])
        positions = self._artefact.positions
        weights: dict[str, float] = {}
        for word, count in words.items():
            position = positions.get(word)
            rarity = self._most if position is None else self._idf[position]
            weights[word] = max(weights.get(word, 0.0), rarity * (1 + math.log(count)))
            if position is None:
                continue
            for other, close in self._neighbours[position][:QUERY_NEIGHBOURS]:
                term = self._artefact.terms[other]
                if term not in words:
                    # Never heavier than the word that brought it, however rare it is itself.
                    weight = QUERY_EXPANSION * close * min(rarity, self._idf[other])
                    weights[term] = max(weights.get(term, 0.0), weight)
        return heaviest(weights.items(), MOST_OF_QUERY)

    def _rarity(self, count: int) -> float:
        """Inverse document frequency (Robertson and Zaragoza 2009), never quite nothing."""
        entities = max(self._artefact.entities, count)
        return max(LEAST, math.log(1 + (entities - count + 0.5) / (count + 0.5)))

    def _document(self, words: Sequence[str]) -> Weights:
        scale = K1 * (1 - B + B * len(words) / max(1.0, self._artefact.length))
        own = {word: count * (K1 + 1) / (count + scale) for word, count in Counter(words).items()}
        expanded = self._expanded(own)
        room = max(0, MOST_OF_DOCUMENT - len(own))
        return heaviest(own.items(), MOST_OF_DOCUMENT) | heaviest(expanded, room)

    def _expanded(self, own: Weights) -> Iterable[tuple[str, float]]:
        """What the words stand for as well: the more of them agree, the more (noisy or)."""
        missing: dict[int, float] = {}
        for word in own:
            position = self._artefact.positions.get(word)
            if position is None:
                continue
            for other, close in self._neighbours[position]:
                missing[other] = missing.get(other, 1.0) * (1.0 - close)
        terms = self._artefact.terms
        return (
            (terms[other], EXPANSION * (1.0 - left))
            for other, left in missing.items()
            if terms[other] not in own
        )
