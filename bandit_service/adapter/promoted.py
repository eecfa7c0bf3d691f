"""The adapter that is promoted now, and what it makes of a query's vector."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bandit_service.adapter.residual import Adapter
from bandit_service.learner.models import Fitted
from plugin.errors import BrokenState
from plugin.model import Query

log = logging.getLogger(__name__)

MODEL: Final = "adapter"


class PromotedAdapter:
    """Fills ``adapted_vector``. Safe to share between threads.

    ``find`` gives the bytes of an artefact; ``encoder`` names whose vectors queries have: an
    adapter that was fitted for another is not used.
    """

    def __init__(self, find: Callable[[str], bytes | None], encoder: str) -> None:
        self._find = find
        self._encoder = encoder
        self._loaded: tuple[str, Adapter | None] = ("", None)

    @property
    def ready(self) -> bool:
        """Whether there is an adapter now."""
        return self._loaded[1] is not None

    def follow(self, served: Mapping[str, Fitted]) -> None:
        """Load what is promoted now; one that is gone, damaged or foreign is none.

        Raises:
            NodeUnavailable: artefacts cannot be asked for; what there was stays.
        """
        wanted = served.get(MODEL)
        sha256 = wanted.sha256 if wanted else ""
        if sha256 != self._loaded[0]:
            self._loaded = (sha256, self._load(sha256) if sha256 else None)

    def __call__(self, query: Query) -> Query:
        """``query`` with its ``adapted_vector``, where it has a vector and there is an adapter."""
        adapter = self._loaded[1]
        if adapter is None or query.vector is None:
            return query
        return replace(query, adapted_vector=adapter.one(query.vector))

    def _load(self, sha256: str) -> Adapter | None:
        data = self._find(sha256)
        if data is None:
            log.error("the query adapter %s is gone: there is none", sha256[:12])
            return None
        try:
            adapter = Adapter.load(data)
        except BrokenState as error:
            log.error("there is no query adapter: %s", error.message)
            return None
        if adapter.encoder != self._encoder:
            log.warning("the query adapter is for vectors of another encoder: there is none")
            return None
        return adapter
