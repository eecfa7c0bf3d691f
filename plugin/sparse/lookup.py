"""The station of the way of a query that adds its sparse weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from plugin.model import Query
from plugin.sparse.base import SparseEncoder


class SparseLookUp:
    """Query → query with ``sparse`` weights, where there is an encoder.

    ``current`` gives the encoder of now, or None while there is none; it never waits.
    """

    def __init__(self, current: Callable[[], SparseEncoder | None]) -> None:
        self._current = current

    def ready(self) -> bool:
        """Whether there is an encoder now."""
        return self._current() is not None

    def __call__(self, query: Query) -> Query:
        encoder = None if query.says_nothing else self._current()
        return (
            query
            if encoder is None
            else replace(query, sparse=encoder.query(query.rewritten or query.text))
        )
