"""Which ranker orders a page: what the journal's orders promoted, and who it is compared with.

Two names of models: ``ranker`` is served, with the blend as its opponent on a slice of the pages;
``ranker-trial`` is not served, but drafts on the slice. The slice is wide until evidence says that
the model is no worse, which ``ranker-proven`` stands for, and narrow from then on.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bandit_service.learner.models import Fitted
from bandit_service.ranking.blend_order import BlendOrder
from bandit_service.ranking.gates import NARROW, WIDE
from bandit_service.ranking.pool import Ranker
from bandit_service.ranking.summed import Summed, load_model
from plugin.errors import BrokenState

log = logging.getLogger(__name__)

SERVED: Final = "ranker"
TRIAL: Final = "ranker-trial"
PROVEN: Final = "ranker-proven"
"""The model of :data:`SERVED` again, once evidence says that it is no worse: a smaller slice."""
BLEND: Final = BlendOrder()


@dataclass(frozen=True, slots=True)
class Lineup:
    """``serving`` orders pages; on a ``share`` of them ``model`` and blend draft in turns."""

    serving: Ranker = field(default_factory=BlendOrder)
    model: Ranker | None = None
    share: float = 0.0

    def interleaved(self, query_id: str) -> bool:
        """Whether this query's page is drafted by both: the same answer for the same id."""
        if self.model is None:
            return False
        dice = random.Random(f"{query_id} is interleaved")  # noqa: S311 - no secret
        return dice.random() < self.share


class PromotedRankers:
    """The lineup of now. Safe to share between threads: it is replaced as a whole."""

    def __init__(self, find: Callable[[str], bytes | None]) -> None:
        self._find = find
        self._loaded: dict[str, Ranker] = {}
        self._lineup = Lineup()

    def __call__(self) -> Lineup:
        """The lineup to order one page with. Never waits."""
        return self._lineup

    def follow(self, served: Mapping[str, Fitted]) -> None:
        """Load what is promoted now. A model that is gone or damaged is not served.

        Raises:
            NodeUnavailable: artefacts cannot be asked for; the lineup stays what it was.
        """
        wanted = served.get(SERVED) or served.get(TRIAL)
        if wanted is None:
            self._lineup = Lineup()
            return
        model = self._loaded.get(wanted.sha256) or self._load(wanted)
        if model is None:
            self._lineup = Lineup()
            return
        self._loaded = {wanted.sha256: model}
        proven = PROVEN in served and SERVED in served
        self._lineup = Lineup(
            serving=model if SERVED in served else BLEND,
            model=model,
            share=NARROW if proven else WIDE,
        )

    def _load(self, wanted: Fitted) -> Ranker | None:
        data = self._find(wanted.sha256)
        if data is None:
            log.error("the ranker %s is gone; the blend's order is served", wanted.version)
            return None
        try:
            return Summed(load_model(data), wanted.version)
        except BrokenState as error:
            log.error("the blend's order is served: %s", error.message)
            return None
