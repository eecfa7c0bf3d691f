"""Whom the sidecar works with, as protocols and one record: ``ltrr/wiring.py`` fills it in.

Nothing in this room looks for its collaborators; it is given them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bandit_service.breakers import Breakers
from bandit_service.costs import Costs
from bandit_service.gate import Gate
from bandit_service.journal.entries import Entry
from bandit_service.knowing import LookUp
from bandit_service.learner.credit import Grades
from bandit_service.metrics import Metrics
from bandit_service.policies.base import Policy
from bandit_service.ranking.observed import Before
from bandit_service.ranking.promoted import Lineup
from bandit_service.ranking.reading import Reading
from bandit_service.rules.book import RuleBook
from plugin.assets.page import PageSettings
from plugin.assets.schema import Schema
from plugin.blending.base import Blender
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.filters import Filters
from plugin.model import Query
from plugin.strategies import Strategy
from plugin.understanding import Understanding, understand


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
    """The journal as a sidecar sees it: :class:`bandit_service.journal.journal.Journal`."""

    @property
    def index(self) -> str:
        """The journal index that new queries write to."""
        ...

    def issue(self) -> str:
        """A new signed query id for an entry of :attr:`index`."""
        ...

    def index_of(self, query_id: str) -> str:
        """The journal index of that query's entries.

        Raises:
            InvalidRequest: it does not look like a query id.
            NotFound: we never gave it out.
        """
        ...

    def append(self, entry: Entry) -> None:
        """Put ``entry`` on the local disk; it reaches OpenSearch by itself.

        Raises:
            SpoolFull: there is no room.
        """
        ...

    def decision(self, query_id: str) -> Entry:
        """The decision of a query. Raises InvalidRequest, NotFound, Unavailable."""
        ...

    def first_page(self, query_id: str) -> Entry:
        """The first page of a query, with its whole ranked list. Raises as :meth:`decision`."""
        ...

    def feedback(self, query_id: str) -> list[Entry]:
        """What people did with a query's pages, as far as it can be searched by now."""
        ...


class Evidence(Protocol):
    """What each session chose and refused, at once and in this process only."""

    def recall(self, session: str, key: str) -> Mapping[str, float]:
        """Entity → grade for a session and a memory key; negative for a refusal."""
        ...

    def record(self, session: str, key: str, event: Mapping[str, Any]) -> None:
        """Take in one event, the body of a feedback entry."""
        ...


def never_asked(_query: Query) -> Before:
    """Nobody asked it before."""
    return Before()


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the sidecar needs, explicitly.

    ``read`` reads the words of a query; by itself it knows nothing of what they may mean.
    ``encoder`` is None where there is none: strategies that need a vector are not eligible then.
    ``lookups`` add to a query what is known of it from elsewhere (its user's and session's vectors,
    its sparse weights, what is trending …): name → query to fuller query, in this order, after the
    text was read and encoded. One that raises costs only what it would have brought.
    ``before`` tells what people made of entities when they asked the very same; it asks nobody.
    ``checks`` are what ``/_ltrr/ready`` asks: name → a function that raises when that dependency is
    not there. ``can_bring`` tells of a need (``sparse``, ``slots`` …) whether there is now what
    meets it for any query, a model that is loaded for example; a need that it lacks is always met
    by some query. ``rankers`` gives what orders a page now; ``page`` says how it is arranged;
    ``rules``, None for none, what people decided about them by hand. ``gate`` bounds how many
    requests are in flight.
    ``policy_patience_s`` is how long the policy may take, None for as long as it likes.
    ``metrics`` counts for those who watch, and ``figures`` tells how things are now that only the
    wiring knows, by the names of :data:`bandit_service.metrics.GAUGES`. ``troubles`` are what
    ``/_ltrr/health`` calls degraded, in words.
    ``costs`` and ``breakers`` are what is learnt of the strategies' times and failures. ``grades``
    is what actions are worth, the same scale as the learner's. ``reading``, None for none, looks at
    the best of a page once more.
    """

    cluster: Cluster
    schema: Schema
    strategies: tuple[Strategy, ...]
    filters: Filters
    encoder: Encoder | None
    featurise: Callable[[Query], Mapping[str, float]]
    snapshots: Snapshots
    blender: Blender
    journal: Journal
    evidence: Evidence
    secret: str
    admin_token: str = ""
    candidates: int = 600
    budget_s: float = 2.0
    policy_patience_s: float | None = None
    lookups: Mapping[str, LookUp] = field(default_factory=dict)
    before: Callable[[Query], Before] = never_asked
    checks: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    can_bring: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    clock: Callable[[], datetime] = utc_now
    read: Callable[[str], Understanding] = understand
    page: PageSettings = field(default_factory=PageSettings)
    rankers: Callable[[], Lineup] = Lineup
    rules: RuleBook | None = None
    metrics: Metrics = field(default_factory=Metrics)
    figures: Callable[[], Mapping[str, float]] = dict
    troubles: Callable[[], Sequence[str]] = tuple
    costs: Costs = field(default_factory=Costs)
    breakers: Breakers = field(default_factory=Breakers)
    grades: Grades = field(default_factory=Grades)
    reading: Reading | None = None
    gate: Gate = field(default_factory=lambda: Gate(running=8, in_flight=64, patience_s=2.0))
