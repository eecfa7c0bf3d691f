"""Training at work: a thread beside the learner's, that reads the same journal and orders by it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bandit_service.journal.controls import order
from bandit_service.journal.reader import Placed, Reader
from bandit_service.learner.artefacts import Artefacts
from bandit_service.ranking.training import Fit, Order, Training
from plugin.cluster import Cluster
from plugin.errors import InvalidRequest, LtrrError, Unavailable

log = logging.getLogger(__name__)

POLL_S = 2.0


class Trains(Protocol):
    """What decides when a kind of model is fitted and promoted."""

    def take(self, placed: Placed) -> None:
        """Take in one entry of the journal."""
        ...

    @property
    def due(self) -> bool:
        """Whether to fit now."""
        ...

    def refit(self) -> Fit:
        """Fit on what was taken in. Raises InvalidRequest where nothing can be learnt from it."""
        ...

    def judge(self) -> Sequence[Order]:
        """What the evidence asks for now."""
        ...


@dataclass(frozen=True, slots=True)
class Trainings:
    """``first`` collects the pages; the ``others`` learn from them too."""

    first: Training
    others: Sequence[Trains] = ()

    @property
    def all(self) -> Sequence[Trains]:
        """In the order of taking in."""
        return (self.first, *self.others)


class Trainer:
    """Trains while ``leading()`` says that the learner beside it is the one that learns. Not safe
    for threads: one runs it."""

    def __init__(
        self,
        cluster: Cluster,
        reader: Reader,
        artefacts: Artefacts,
        new_trainings: Callable[[], Trainings],
        leading: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._reader = reader
        self._artefacts = artefacts
        self._new_trainings = new_trainings
        self._leading = leading
        self._clock = clock
        self._trainings: Trainings | None = None

    def step(self) -> int:
        """Read what is new, and once everything is read fit and judge; returns how much was read.

        Raises:
            Unavailable: OpenSearch cannot be asked now; call again later.
        """
        if not self._leading():
            self._trainings = None
            return 0
        # Whoever leads anew reads the journal from its beginning, orders of others among it.
        trainings = self._trainings = self._trainings or self._new_trainings()
        entries = self._reader.after(trainings.first.pages.position)
        for one in entries:
            for training in trainings.all:
                training.take(one)
        if len(entries) < self._reader.page:
            for training in trainings.all:
                self._fit(training)
                self._give(training.judge())
        return len(entries)

    def run(self, stop: threading.Event) -> None:
        """Train until ``stop`` is set; survives an absent cluster."""
        while not stop.is_set():
            read = 0
            try:
                read = self.step()
            except Unavailable as error:
                log.warning("the training waits: %s", error.message)
                self._trainings = None
            except LtrrError as error:
                log.error("the training cannot go on: %s", error.message)
                self._trainings = None
            except Exception:
                log.exception("the training failed; it begins again")
                self._trainings = None
            stop.wait(POLL_S if read < self._reader.page else 0.0)

    def _fit(self, training: Trains) -> None:
        if not training.due:
            return
        try:
            fit = training.refit()
        except InvalidRequest as error:
            log.warning("nothing was fitted: %s", error.message)
            return
        if fit.data is not None:
            self._artefacts.put(fit.data)
        self._give(fit.orders)

    def _give(self, orders: Sequence[Order]) -> None:
        for one in orders:
            order(self._cluster, one, self._clock())
