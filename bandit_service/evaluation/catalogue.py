"""Every entity as hydration would read it, recorded once: beside what strategies brought, the other
half of a recording.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from bandit_service.evaluation.arrays import save_arrays
from bandit_service.outside import Hydrate
from bandit_service.personal.entities import VectorReader
from plugin.errors import BrokenState
from plugin.hydration import NOTHING, RANKED, Extras, Hydrated
from plugin.model import Clause

_BATCH: Final = RANKED

Fields = Mapping[str, Any]


class Catalogue:
    """Entities by id: doc values (as ranking and arranging read them), display fields, vectors.

    ``vectors`` is entities × dimensions, of unit length, in the order of ``ids``; rows of zeros
    where an entity has none.
    """

    def __init__(
        self,
        values: Mapping[str, Fields],
        sources: Mapping[str, Fields],
        vectors: NDArray[np.float32],
    ) -> None:
        self.ids: Sequence[str] = tuple(values)
        self.vectors = vectors
        self._values = values
        self._sources = sources
        self._numbers = {id: at for at, id in enumerate(self.ids)}

    def number(self, id: str) -> int:
        """The row of an entity. Raises KeyError."""
        return self._numbers[id]

    def hydrate(
        self,
        ids: Sequence[str],
        filters: Sequence[Clause],
        *,
        show: Sequence[str],
        extras: Extras = NOTHING,
    ) -> Hydrated:
        """As :func:`plugin.hydration.hydrate`, from memory: a station of
        :class:`bandit_service.outside.Outside`."""
        known = {id: self._values[id] for id in ids if id in self._values}
        best = list(known)[:RANKED]
        rows = self.vectors[[self._numbers[id] for id in best]]
        return Hydrated(
            present=frozenset(known),
            ranking={id: known[id] for id in best},
            cosines={
                name: dict(zip(best, (rows @ np.asarray(one, np.float32)).tolist(), strict=True))
                for name, one in extras.vectors.items()
            },
            values=known,
            sources=self._sources,
        )

    def save(self, path: Path) -> None:
        """Write everything into one file, whole or not at all."""
        header = orjson.dumps({"values": self._values, "sources": self._sources})
        save_arrays(path, header=np.frombuffer(header, np.uint8), vectors=self.vectors)

    @classmethod
    def load(cls, path: Path) -> Catalogue:
        """What :meth:`save` wrote.

        Raises:
            BrokenState: the file is damaged, or there is none.
        """
        try:
            with path.open("rb") as opened, np.load(opened) as file:
                header = orjson.loads(file["header"].tobytes())
                return cls(header["values"], header["sources"], file["vectors"])
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise BrokenState(
                f"the recording {path} cannot be read ({error!r}). Delete it: it is made again."
            ) from error


def read_catalogue(
    ids: Iterable[str], hydrate: Hydrate, reader: VectorReader, values: Sequence[str]
) -> Catalogue:
    """Read all of ``ids`` through production's own hydration; ``values`` are the further fields
    whose doc values arranging reads. Raises what those do."""
    wanted = sorted(ids)
    known: dict[str, Fields] = {}
    sources: dict[str, Fields] = {}
    rows: list[NDArray[np.float32]] = []
    size = 1
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        found = hydrate(batch, (), show=batch, extras=Extras(values=tuple(values)))
        vectors = reader.of(batch)
        for id in batch:
            if id not in found.present:
                continue
            known[id], sources[id] = found.values[id], found.sources[id]
            meaning = vectors[id].meaning if id in vectors else None
            size = max(size, 0 if meaning is None else len(meaning))
            rows.append(np.zeros(0, np.float32) if meaning is None else meaning)
    stacked = np.zeros((len(rows), size), np.float32)
    for at, row in enumerate(rows):
        stacked[at, : len(row)] = row
    return Catalogue(known, sources, stacked)
