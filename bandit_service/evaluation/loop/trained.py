"""What is trained beside the fold of a world: as a trainer does it, with artefacts in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from bandit_service.adapter.pairs import Pairs
from bandit_service.adapter.promoted import PromotedAdapter
from bandit_service.adapter.training import AdapterTraining
from bandit_service.evaluation.catalogue import Catalogue
from bandit_service.journal.reader import Placed
from bandit_service.learner.fold import Rules
from bandit_service.learner.models import Fitted
from bandit_service.ranking.promoted import PromotedRankers
from bandit_service.ranking.trainer import Trainings
from bandit_service.ranking.training import Order, Schedule, Training

ENCODER = "recorded"
"""Stands for whose vectors they are: there is only one."""


class Trained:
    """``rankers`` and ``adapter`` are what is promoted. ``queries``: vectors by memory key.

    Without a ``schedule`` nothing is trained."""

    def __init__(
        self,
        schedule: Schedule | None,
        rules: Rules,
        queries: Mapping[str, NDArray[np.float32]],
        catalogue: Catalogue,
        predicted: Pairs | None = None,
    ) -> None:
        self._artefacts: dict[str, bytes] = {}
        self.rankers = PromotedRankers(self._artefacts.get)
        self.adapter = PromotedAdapter(self._artefacts.get, ENCODER)
        self._trainings: Trainings | None = None
        if schedule is None:
            return

        def entities(ids: Collection[str]) -> Mapping[str, NDArray[np.float32]]:
            found = {id: catalogue.vectors[catalogue.number(id)] for id in ids}
            return {id: vector for id, vector in found.items() if vector.any()}

        def asked(texts: Mapping[str, str]) -> Mapping[str, NDArray[np.float32]]:
            return {key: queries[key] for key in texts if key in queries}

        first = Training(rules, schedule)
        adapts = AdapterTraining(first.pages, asked, entities, ENCODER, schedule, lambda: predicted)
        self._trainings = Trainings(first, (adapts,))

    def take(self, placed: Placed) -> None:
        """Take in one entry of the journal."""
        for one in self._trainings.all if self._trainings else ():
            one.take(placed)

    def orders(self) -> Iterator[Order]:
        """What is to be written into the journal now; what it names is stored."""
        for one in self._trainings.all if self._trainings else ():
            if one.due:
                fit = one.refit()
                if fit.data is not None:
                    self._artefacts[hashlib.sha256(fit.data).hexdigest()] = fit.data
                yield from fit.orders
            yield from one.judge()

    def follow(self, served: Mapping[str, Fitted]) -> None:
        """Serve what is promoted now."""
        self.rankers.follow(served)
        self.adapter.follow(served)
