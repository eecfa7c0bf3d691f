"""A model that is loaded beside the answering of queries, and that may turn out not to be."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Model = TypeVar("Model")

log = logging.getLogger(__name__)


class Loading(Generic[Model]):
    """Loads in a thread of its own. :attr:`error` says why the model is not there, once that is
    known; ``without`` what there is none of then, for the log."""

    def __init__(self, load: Callable[[], Model], without: str) -> None:
        self._load = load
        self._without = without
        self._model: Model | None = None
        self.error: str | None = None
        self._thread = threading.Thread(target=self._run, name="ltrr-loading", daemon=True)
        self._thread.start()

    def current(self) -> Model | None:
        """The model, once it is there. Never waits."""
        return self._model

    def wait(self) -> Model | None:
        """The model, or None where it cannot be loaded."""
        self._thread.join()
        return self._model

    def _run(self) -> None:
        try:
            self._model = self._load()
        except Exception as error:  # noqa: BLE001 - without it only its own part is missing
            self.error = str(error)
            log.error("no %s: %s", self._without, error)
