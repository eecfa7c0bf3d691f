"""Whom the sidecar works with, as protocols and one record: ``ltrr/wiring.py`` fills it in.

Nothing in this room looks for its collaborators; it is given them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bandit_service.journal.entries import Entry
from bandit_service.policies.base import Policy
from bandit_service.ranking.base import Ranker
from plugin.assets.schema import Schema
from plugin.blending.base import Blender
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.filters import Filters
from plugin.model import Query
from plugin.strategies import Strategy


class Snapshot(Protocol):
    """Learnt state as it is served: immutable, replaced as a whole by a newer one."""

    @property
    def version(self) -> str:
        """Names this state."""
        ...

    @property
    def policy(self) -> Policy:
        """The policy to decide with."""
        ...


class Snapshots(Protocol):
    """Where the newest snapshot comes from."""

    def current(self) -> Snapshot | None:
        """The newest snapshot that could be loaded, or None. Never waits."""
        ...

    def history(self) -> Sequence[Mapping[str, Any]]:
        """How the shares moved, oldest first, for the console."""
        ...


class Journal(Protocol):
    """The local end of the journal."""

    def append(self, entry: Entry) -> None:
        """Write ``entry`` to the local spool; it is on this disk when the call returns.

        Raises:
            SpoolFull: the spool cannot take more.
        """
        ...


class Archive(Protocol):
    """The cluster's end of the journal, by query. ``generation`` names the journal index."""

    def index(self, generation: int) -> str:
        """The name of that journal index."""
        ...

    def entry(self, generation: int, entry_id: str) -> Entry | None:
        """One entry by its id, as soon as it has been shipped."""
        ...

    def of_query(self, generation: int, query_id: str) -> list[Entry]:
        """All entries of a query that a search can see by now."""
        ...


class QueryIds(Protocol):
    """Signed names of queries."""

    def issue(self, index_generation: int) -> str:
        """A new query_id that names the journal index of its entries."""
        ...

    def verify(self, query_id: str) -> int:
        """The generation of the journal index that ``query_id`` names.

        Raises:
            InvalidRequest: it does not look like a query id.
            NotFound: we never gave it out.
        """
        ...


class Evidence(Protocol):
    """What each session chose and refused, at once and in this process only."""

    def recall(self, session: str, key: str) -> Mapping[str, float]:
        """Entity → grade for a session and a memory key; negative for a refusal."""
        ...

    def record(self, session: str, key: str, event: Mapping[str, Any]) -> None:
        """Take in one event, the body of a feedback entry."""
        ...


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the sidecar needs, explicitly.

    ``encoder`` is None where there is none: strategies that need a vector are not eligible then.
    ``generation`` tells which journal index new queries belong to. ``checks`` are what
    ``/_ltrr/ready`` asks: name → a function that raises when that dependency is not there.
    """

    cluster: Cluster
    schema: Schema
    strategies: tuple[Strategy, ...]
    filters: Filters
    encoder: Encoder | None
    featurise: Callable[[Query], Mapping[str, float]]
    snapshots: Snapshots
    blender: Blender
    ranker: Ranker
    journal: Journal
    generation: Callable[[], int]
    archive: Archive
    query_ids: QueryIds
    evidence: Evidence
    secret: str
    admin_token: str = ""
    candidates: int = 200
    budget_s: float = 2.0
    checks: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    clock: Callable[[], datetime] = utc_now
