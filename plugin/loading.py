"""Models by name or folder; loaded beside the answering of queries, where that is wanted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from plugin.encoding.onnx import UnknownModel

Model = TypeVar("Model")

log = logging.getLogger(__name__)


def load_named(
    setting: str,
    model: str,
    load: Callable[[str, bool], Model],
    *,
    otherwise: str = "leave it out",
) -> tuple[Model, str]:
    """The model that ``setting`` names, a folder or what a hub calls it, and what to call it.

    ``load`` gets its place, and whether that is a folder, so that nobody else is asked. torch may
    use one thread from now on.

    Raises:
        UnknownModel: it cannot be found or loaded, saying what else to do: ``otherwise``.
    """
    local = Path(model).expanduser()
    here = local.is_dir()
    try:
        import torch

        torch.set_num_threads(1)
        return load(str(local) if here else model, here), local.name if here else model
    except Exception as error:
        raise UnknownModel(
            f"{setting}: the model {model!r} cannot be loaded ({error}). Name a folder, a model of "
            f"a hub that is reachable from here, or {otherwise}."
        ) from error


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
