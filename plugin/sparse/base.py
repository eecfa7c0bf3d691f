"""What every sparse encoder promises."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Protocol

Weights = dict[str, float]
"""Token → weight above 0. Tokens are feature names: without a dot, at most 64 characters."""

LONGEST = 64
MOST_OF_QUERY = 64
"""Tokens of a query: OpenSearch bounds the clauses of one, and each costs time."""
MOST_OF_DOCUMENT = 256
HEAVIEST = 64.0
"""OpenSearch refuses a heavier token in a query."""
LIGHTEST = 0.001


class SparseEncoder(Protocol):
    """Turns texts into weighted tokens; safe to share between threads.

    The score of a document for a query is the sum over their common tokens of weight × weight.
    """

    @property
    def version(self) -> str:
        """Names the encoder and what it knows."""
        ...

    def documents(self, texts: Sequence[str]) -> list[Weights]:
        """The weights of each text as a document; {} for one without a word."""
        ...

    def query(self, text: str) -> Weights:
        """The weights of ``text`` as a query; {} where it has no word."""
        ...


def feature(token: str) -> str:
    """``token`` as the name of a feature: OpenSearch takes no dots, and long names cost space."""
    if "." not in token and 0 < len(token) <= LONGEST:
        return token
    return "h" + hashlib.blake2b(token.encode(), digest_size=8).hexdigest()


def heaviest(weights: Iterable[tuple[str, float]], most: int) -> Weights:
    """At most ``most`` tokens, the heaviest first, rounded; what weighs nothing is left out."""
    kept = [(token, min(weight, HEAVIEST)) for token, weight in weights if weight >= LIGHTEST]
    kept.sort(key=lambda one: (-one[1], one[0]))
    return {token: round(weight, 3) for token, weight in kept[:most]}
