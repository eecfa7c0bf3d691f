"""What strategies without learnt state brought for judged queries, recorded once from a real node.

A recording stands for the node in simulations, where asking it a hundred thousand times would take
a day. Nothing is made up: every id and score is what OpenSearch answered. Learnt strategies are
not in it; the learner's own code computes them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from bandit_service.evaluation.arrays import save_arrays
from plugin.errors import BrokenState
from plugin.model import Hit, Query, Retrieved, Slot

DEPTH = 100
"""How many candidates of each strategy are recorded."""

_LEFT_OUT = (
    "vector",
    "adapted_vector",
    "now",
    "filters",
    "sparse",
    "user_vector",
    "session_vector",
    "graph_vector",
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One query: how it was read, and what each eligible strategy brought (possibly nothing).

    ``entities`` and ``scores`` (eligible × DEPTH) hold numbers of entities, −1 where there was
    nothing more, and their scores, best first.
    """

    id: str
    query: Query
    eligible: tuple[str, ...]
    entities: NDArray[np.int32]
    scores: NDArray[np.float32]


class Recording:
    """Recorded queries by the ids of judgments, and the names of entities. Grows by ``add``."""

    def __init__(self) -> None:
        self._queries: dict[str, Recorded] = {}
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []

    def __contains__(self, id: object) -> bool:
        return id in self._queries

    def __len__(self) -> int:
        return len(self._queries)

    @property
    def strategies(self) -> tuple[str, ...]:
        """The strategies that brought anything for any query, by name."""
        return tuple(
            sorted(
                {
                    name
                    for one in self._queries.values()
                    for name, row in zip(one.eligible, one.entities, strict=True)
                    if row[0] >= 0
                }
            )
        )

    @property
    def entities(self) -> tuple[str, ...]:
        """Every entity that was brought, in the order of their numbers."""
        return tuple(self._names)

    def query(self, id: str) -> Recorded:
        """What was recorded of a judged query. Raises KeyError."""
        return self._queries[id]

    def retrieved(self, id: str, most: Mapping[str, int]) -> list[Retrieved]:
        """What each strategy in ``most`` brought, at most so many; as the node would answer."""
        eligible = self._queries[id].eligible
        return [self.brought(id, name, most[name]) for name in eligible if name in most]

    def brought(self, id: str, strategy: str, most: int) -> Retrieved:
        """What one strategy brought, at most so many; nothing where it was not eligible."""
        one = self._queries[id]
        if strategy not in one.eligible:
            return Retrieved(strategy)
        at = one.eligible.index(strategy)
        numbers, scores = one.entities[at, :most].tolist(), one.scores[at, :most].tolist()
        names = self._names
        hits = [
            Hit(names[number], score)
            for number, score in zip(numbers, scores, strict=True)
            if number >= 0
        ]
        return Retrieved(strategy, tuple(hits))

    def add(self, id: str, query: Query, retrieved: Iterable[Retrieved]) -> None:
        """Keep what was brought for one query; the names of ``retrieved`` are the eligible."""
        results = list(retrieved)
        entities = np.full((len(results), DEPTH), -1, np.int32)
        scores = np.zeros((len(results), DEPTH), np.float32)
        for at, result in enumerate(results):
            for rank, hit in enumerate(result.hits[:DEPTH]):
                entities[at, rank] = self._number(hit.id)
                scores[at, rank] = hit.score
        self._queries[id] = Recorded(
            id, query, tuple(result.strategy for result in results), entities, scores
        )

    def save(self, path: Path) -> None:
        """Write everything into one file, whole or not at all."""
        queries = list(self._queries.values())
        header = {
            "names": self._names,
            "queries": [
                {"id": one.id, "eligible": one.eligible, "query": _plain(one.query)}
                for one in queries
            ],
        }
        size = next((len(one.query.vector) for one in queries if one.query.vector), 0)
        none = np.full(size, np.nan, np.float32)
        save_arrays(
            path,
            header=np.frombuffer(orjson.dumps(header), np.uint8),
            entities=_stacked([one.entities for one in queries], np.int32),
            scores=_stacked([one.scores for one in queries], np.float32),
            vectors=np.asarray(
                [none if one.query.vector is None else one.query.vector for one in queries],
                np.float32,
            ),
        )

    @classmethod
    def load(cls, path: Path) -> Recording:
        """What :meth:`save` wrote; an empty recording where there is no file.

        Raises:
            BrokenState: the file is damaged.
        """
        recording = cls()
        if not path.exists():
            return recording
        try:
            with path.open("rb") as opened, np.load(opened) as file:
                header = orjson.loads(file["header"].tobytes())
                entities, scores, vectors = file["entities"], file["scores"], file["vectors"]
            recording._names = [str(name) for name in header["names"]]
            recording._numbers = {name: at for at, name in enumerate(recording._names)}
            start = 0
            for line, vector in zip(header["queries"], vectors, strict=True):
                eligible = tuple(line["eligible"])
                rows = slice(start, start + len(eligible))
                start = rows.stop
                query = _query(line["query"], vector)
                recording._queries[line["id"]] = Recorded(
                    line["id"], query, eligible, entities[rows], scores[rows]
                )
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise BrokenState(
                f"the recording {path} cannot be read ({error!r}). Delete it: it is made again."
            ) from error
        return recording

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number


def _stacked(rows: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate(rows) if rows else np.zeros((0, DEPTH), kind)


def _plain(query: Query) -> dict[str, Any]:
    return {name: value for name, value in asdict(query).items() if name not in _LEFT_OUT}


def _query(known: dict[str, Any], vector: NDArray[np.float32]) -> Query:
    slots = tuple(Slot(**slot) for slot in known.pop("slots"))
    for name in ("types", "trending"):
        known[name] = tuple(known[name])
    return Query(
        **known,
        slots=slots,
        now=datetime.fromtimestamp(0, UTC),
        vector=None if not vector.size or np.isnan(vector[0]) else tuple(vector.tolist()),
    )
