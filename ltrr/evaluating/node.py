"""A node for datasets only, in a state folder of its own, running while it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from filelock import FileLock

from ltrr.engine import make_engine
from ltrr.progress import ConsoleReporter
from ltrr.settings import Settings
from plugin.engine import find_places


@contextmanager
def own_node(settings: Settings) -> Iterator[Settings]:
    """Settings of a node that nobody else uses; what was loaded into it is there the next time.

    Whoever comes second waits until the first has stopped it.

    Raises:
        EngineError: it cannot be made to run.
    """
    state = find_places(settings).state / "evaluation"
    state.mkdir(parents=True, exist_ok=True)
    own = replace(settings, engine="embedded", state=state, model_server="")
    engine = make_engine(own, ConsoleReporter())
    with FileLock(state / "evaluation.lock"):
        try:
            engine.up()
            yield own
        finally:
            engine.down()
