"""The query basis beside the fold: fitted once from what people asked, then followed by all."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from bandit_service.features.basis import FEWEST, KIND, Basis
from bandit_service.journal.controls import fitted_model, order, promote
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.models import Fitted
from bandit_service.personal.patience import Patience
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.errors import BrokenState, InvalidRequest, LtrrError
from plugin.understanding import normalise

log = logging.getLogger(__name__)

POLL_S: Final = 10.0
_LATEST: Final = 3_000
_MOST: Final = 1_000
"""Queries that a basis is fitted to; more would only take longer to encode."""

Served = Callable[[], Mapping[str, Fitted]]
"""The fitted models that are served now, by name."""


class Leads(Protocol):
    """The part of a learner that the training beside it looks at."""

    @property
    def leading(self) -> bool:
        """Whether it is the one that learns."""
        ...

    @property
    def models(self) -> Mapping[str, Fitted]:
        """The fitted models that are served, by name; none while another leads."""
        ...


class BasisTrainer:
    """Fits the basis once enough was asked. Not safe for threads: one runs it."""

    def __init__(self, cluster: Cluster, encoder: Encoder, clock: Callable[[], datetime]) -> None:
        self._cluster = cluster
        self._encoder = encoder
        self._clock = clock

    def step(self, learner: Leads) -> bool:
        """Fit, if it is time; whether there is a basis now, so that nothing is left to do.

        Raises:
            LtrrError: OpenSearch or the encoder cannot be asked now; call again later.
        """
        if KIND in learner.models:
            return True
        if not learner.leading:
            return False
        texts = self._asked()
        if len(texts) < FEWEST:
            return False
        try:
            basis = Basis.fit(self._encoder.encode(texts[:_MOST]))
        except InvalidRequest as error:
            log.warning("no query basis was fitted: %s", error.message)
            return False
        sha256 = Artefacts(self._cluster).put(basis.dump(), {"model": KIND})
        about = {"encoder": self._encoder.version, "queries": min(_MOST, len(texts))}
        order(
            self._cluster,
            fitted_model(KIND, sha256, trained_to=(0, -1), about=about),
            self._clock(),
        )
        order(self._cluster, promote(KIND, sha256), self._clock())
        return True

    def run(self, learner: Leads, stop: threading.Event) -> None:
        """Try beside ``learner`` until there is one, or ``stop`` is set."""
        while not stop.is_set():
            try:
                if self.step(learner):
                    return
            except LtrrError as error:
                log.debug("no query basis yet: %s", error.message)
            except Exception:
                log.exception("no query basis can be fitted")
                return
            stop.wait(POLL_S)

    def _asked(self) -> list[str]:
        """Distinct texts that were asked lately, none of monitors and tests."""
        filters: list[Any] = [{"term": {"kind": "decision"}}, {"term": {"learn": True}}]
        answer = self._cluster.request(
            "POST",
            f"/{self._cluster.name('journal')}-*/_search",
            {
                "size": _LATEST,
                "query": {"bool": {"filter": filters}},
                "sort": [{"recorded_at": "desc"}],
                "_source": ["body.query"],
                "track_total_hits": False,
            },
            params={"filter_path": "hits.hits._source"},
        )
        hits = answer.get("hits", {}).get("hits", [])
        texts = (str(hit["_source"]["body"]["query"]) for hit in hits)
        return list({key: text for text in texts if (key := normalise(text))}.values())


class ServedBasis:
    """The basis that is served now, loaded when it is promoted. Safe to share between threads."""

    def __init__(self, served: Served, find: Callable[[str], bytes | None]) -> None:
        self._served = served
        self._find = find
        self._patience = Patience("the query basis")
        self._loaded: tuple[str, Basis | None] = ("", None)

    def __call__(self) -> Basis | None:
        """The basis; None where there is none, or it cannot be read now. Never raises."""
        fitted = self._served().get(KIND)
        if fitted is None:
            return None
        sha256, basis = self._loaded
        if sha256 != fitted.sha256:
            found = self._patience.ask(lambda: (self._find(fitted.sha256),))
            if found is None:
                return None
            basis = _read(found[0], fitted)
            self._loaded = (fitted.sha256, basis)
        return basis


def _read(data: bytes | None, fitted: Fitted) -> Basis | None:
    try:
        return Basis.load(data) if data is not None else None
    except BrokenState as error:
        log.error("queries are told without %s: %s", fitted.version, error.message)
        return None
