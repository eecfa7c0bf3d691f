"""The memory index in memory: what the strategies that read it bring, while it grows.

The documents are the projection's own. How a strategy finds them is said by its template; here it
is said again in numpy, and a test on a real node holds the two together:

- ``memory``: the document of the same key;
- ``memory_text``: BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, with
  k₁ 1.2 and b .75 as Lucene has it, without the constant k₁ + 1) over the texts;
- ``semantic_memory``: the ten nearest texts, by cosine⁴ from a cosine of .5 on.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bandit_service.learner.projection import public
from bandit_service.memory import Memory
from bandit_service.past import Remembered, before_in
from bandit_service.ranking.observed import Before
from plugin.model import Query

K1: Final = 1.2
B: Final = 0.75
NEAREST: Final = 10
LEAST_COSINE: Final = 0.5
_WORD: Final = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")

Raw = dict[str, Any]
"""A hit as OpenSearch answers it."""


def tokens(text: str) -> list[str]:
    """The words of ``text`` as the index's analyzer has them: lower case, accents folded."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return [word.replace("’", "'") for word in _WORD.findall(plain)]


class MemoryIndex:
    """Public documents by memory key; ``vectors`` are those of the texts, by key."""

    def __init__(self, vectors: Mapping[str, NDArray[np.float32]], *, sessions: int) -> None:
        self._vectors = vectors
        self._sessions = sessions
        self._documents: dict[str, Raw] = {}
        self._texts: dict[str, Counter[str]] = {}
        self._holding: dict[str, dict[str, None]] = {}
        self._words = 0
        size = next((len(vector) for vector in vectors.values()), 0)
        self._rows: list[str] = []
        self._row: dict[str, int] = {}
        self._matrix = np.zeros((64, size), np.float32)

    def follow(self, memory: Memory) -> None:
        """Take in what has changed, as the projection writes it."""
        for key in sorted(memory.changed):
            self._put(key, public(memory, key, self._sessions))
        memory.changed.clear()

    def remembered(self, query: Query) -> Remembered:
        """What the policy is told of a query; see :class:`bandit_service.past.Past`."""
        document = self._documents.get(query.memory_key, {})
        cosines = self._cosines(query)
        return Remembered.of(document, float(cosines.max()) if cosines.size else 0.0)

    def before(self, query: Query) -> Before:
        """What people made of entities under this query."""
        return before_in(self._documents.get(query.memory_key, {}))

    def same(self, query: Query) -> Iterator[Raw]:
        """What ``memory`` finds."""
        document = self._documents.get(query.memory_key)
        if document is not None:
            yield _hit(document, 1.0)

    def alike(self, query: Query) -> Iterator[Raw]:
        """What ``memory_text`` finds, the best first."""
        words = list(dict.fromkeys(tokens(query.text)))
        found: Counter[str] = Counter()
        scores: dict[str, float] = {}
        for word in words:
            holding = self._holding.get(word, {})
            if not holding:
                continue
            count = len(self._texts)
            rarity = math.log(1 + (count - len(holding) + 0.5) / (len(holding) + 0.5))
            for key in holding:
                said = self._texts[key]
                length = said.total() * count / max(1, self._words)
                often = said[word]
                share = often / (often + K1 * (1 - B + B * length))
                scores[key] = scores.get(key, 0.0) + rarity * share
                found[key] += 1
        enough = _enough(len(words))
        best = sorted(
            (key for key, n in found.items() if n >= enough), key=lambda key: -scores[key]
        )
        for key in best:
            yield _hit(self._documents[key], scores[key])

    def near(self, query: Query) -> Iterator[Raw]:
        """What ``semantic_memory`` finds, the best first."""
        cosines = self._cosines(query)
        for at in np.argsort(-cosines, kind="stable")[:NEAREST].tolist():
            cosine = float(cosines[at])
            if cosine >= LEAST_COSINE:
                yield _hit(self._documents[self._rows[at]], cosine**4)

    def _cosines(self, query: Query) -> NDArray[np.float32]:
        """With every text, by row; −1 with its own."""
        if query.vector is None:
            return np.zeros(0, np.float32)
        cosines: NDArray[np.float32] = self._matrix[: len(self._rows)] @ np.asarray(
            query.vector, np.float32
        )
        own = self._row.get(query.memory_key)
        if own is not None:
            cosines[own] = -1.0
        return cosines

    def _put(self, key: str, document: Raw | None) -> None:
        before = self._texts.pop(key, None)
        if before is not None:
            self._words -= before.total()
            for word in before:
                del self._holding[word][key]
        if document is None:
            self._documents.pop(key, None)
        else:
            self._documents[key] = document
        text = (document or {}).get("text")
        if text is None:
            self._without_vector(key)
            return
        said = self._texts[key] = Counter(tokens(text))
        self._words += said.total()
        for word in said:
            self._holding.setdefault(word, {})[key] = None
        if key in self._vectors:
            self._with_vector(key)

    def _with_vector(self, key: str) -> None:
        if key in self._row:
            return
        at = self._row[key] = len(self._rows)
        self._rows.append(key)
        if at == len(self._matrix):
            self._matrix = np.concatenate([self._matrix, np.zeros_like(self._matrix)])
        self._matrix[at] = self._vectors[key]

    def _without_vector(self, key: str) -> None:
        at = self._row.pop(key, None)
        if at is None:
            return
        last = self._rows.pop()
        if last != key:
            self._rows[at], self._row[last] = last, at
            self._matrix[at] = self._matrix[len(self._rows)]


def _hit(document: Raw, score: float) -> Raw:
    return {"_id": document["memory_key"], "_score": score, "_source": document}


def _enough(words: int) -> int:
    """How many of a query's words a text must hold: the templates' ``1<-1 3<60%``."""
    if words <= 1:
        return words
    return words - 1 if words <= 3 else int(words * 0.6)


def best(hits: Iterable[Raw], size: int) -> list[Raw]:
    """The ``size`` best hits of several searches, as one search over several indexes gives them."""
    return sorted(hits, key=lambda hit: -float(hit["_score"]))[:size]
