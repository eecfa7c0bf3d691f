"""A namespace with entities, a way to its node that can be cut, a sidecar, and people's ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cuttable import Cuttable
from ledger import ENTITIES, Ledger, Load, check
from sidecars import Sidecar, loaded

from plugin.engine.ports import choose_port

SETTINGS = {
    # A busy machine is no reason to refuse anybody.
    "LTRR_BUDGET_MS": "8000",
    # Every page stays open, so that the state names each entry that was learnt.
    "LTRR_WINDOW_S": "10000000",
    "LTRR_WORKERS": "2",
}


@dataclass
class Corner:
    """``ledgers`` are those of everybody who ever acted here."""

    sidecar: Sidecar
    way: Cuttable
    ledgers: list[Ledger] = field(default_factory=list)

    def load(self, **options: Any) -> Load:
        """People at the sidecar; to be used as a context."""
        load = Load(self.sidecar.address, **options)
        self.ledgers.append(load.ledger)
        return load

    @contextmanager
    def beside(self, folder: Path, **settings: str) -> Iterator[Corner]:
        """Another sidecar over the same entities, with a state folder of its own."""
        port = choose_port(None, str(folder))
        other = {"LTRR_STATE": str(folder / "state"), "LTRR_PORT": str(port), **settings}
        sidecar = Sidecar({**self.sidecar.settings, **other}, port, folder)
        sidecar.start()
        try:
            yield Corner(sidecar, self.way, self.ledgers)
        finally:
            sidecar.stop()

    def check(self) -> None:
        """Nothing was lost and nothing counts twice, of all that ever happened here."""
        check(self.sidecar, self.ledgers)


@contextmanager
def corner_of(url: str, folder: Path, **settings: str) -> Iterator[Corner]:
    """A corner of the node at ``url`` whose sidecar runs."""
    way = Cuttable(url)
    try:
        with loaded(way.url, folder, ENTITIES, **{**SETTINGS, **settings}) as sidecar:
            sidecar.start()
            try:
                yield Corner(sidecar, way)
            finally:
                sidecar.stop()
    finally:
        way.close()
