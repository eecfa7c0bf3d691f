"""The values that travel along the way of a query.

Everything here is immutable and free of effects. A query becomes a :class:`Query`, a policy answers
it with a :class:`Decision`, OpenSearch with one :class:`Retrieved` per strategy, and blending turns
those into :class:`Candidate` values that remember where they came from. A page makes thousands of
hits and candidates, so these are named tuples: they are made in half of the time. Nothing writes
them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

Clause = Mapping[str, Any]
"""One OpenSearch query clause, for example ``{"term": {"type": "song"}}``."""

Device = Literal["phone", "tablet", "desktop", "tv", "car", "speaker", "other"]
"""What somebody searches on."""

Arm = Literal["learned", "holdout", "everything", "apprentice", "challenge", "interleaved"]
"""Which rule made a decision; its probability is logged with the decision."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One reading of some words of a query: they may mean this, with this likelihood (0..1).

    ``start`` and ``end`` are positions among the query's normalised words, ``end`` not included;
    ``words`` are those words. ``role`` is the part of the schema that the reading plays: ``name``
    (an entity: ``entity`` is its id), ``by``, ``type``, ``facets``, ``language``, ``recent`` (newer
    is better) or ``popular``; ``field`` is the field of entities to compare with ``value`` exactly
    (``recent`` and ``popular`` have no value). Readings overlap: one word can mean several things.
    """

    start: int
    end: int
    words: str
    role: str
    field: str
    value: str
    likelihood: float
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What one person asked, and what is known of it before anything is retrieved.

    ``user`` and ``session`` are keyed hashes: raw identifiers never come this far. ``filters`` are
    OpenSearch filter clauses, the wanted entity types among them, and hold in every strategy.
    ``device`` is what was typed on. ``vector`` is the unit-length embedding of what was
    meant, or None while there is no encoder; ``adapted_vector`` the same after the learnt query
    adapter, or None while there is none.

    ``says_nothing``: there is no word that narrows anything down (empty, or stop words only).
    ``slots`` are the readings of its words, the likeliest first; ``corrected`` its words without
    the typing errors, "" where none was seen; ``rewritten`` its words for those who search for
    what was meant: corrected, and without those that only wish for what is new or popular ("" where
    nothing else is said, None where that changes nothing); ``rest`` the corrected words that are
    not likely to be anything but words. ``intents`` are likelihoods by
    name. ``sparse`` are weights by token. ``user_vector`` and ``session_vector`` are decayed means
    of the vectors of what was chosen, ``graph_vector`` the same in the graph's space;
    ``session_types`` the shares of the types among what the session chose lately; ``trending``
    are ids that many choose now, with scores. All of these are empty where nothing is known.
    """

    text: str
    memory_key: str
    now: datetime
    filters: tuple[Clause, ...] = ()
    types: tuple[str, ...] = ()
    user: str | None = None
    session: str | None = None
    locale: str | None = None
    device: Device | None = None
    vector: tuple[float, ...] | None = None
    adapted_vector: tuple[float, ...] | None = None
    says_nothing: bool = False
    language: str | None = None
    slots: tuple[Slot, ...] = ()
    corrected: str = ""
    rewritten: str | None = None
    rest: str = ""
    intents: Mapping[str, float] = field(default_factory=dict)
    sparse: Mapping[str, float] = field(default_factory=dict)
    user_vector: tuple[float, ...] | None = None
    session_vector: tuple[float, ...] | None = None
    session_types: Mapping[str, float] = field(default_factory=dict)
    graph_vector: tuple[float, ...] | None = None
    trending: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided about one eligible strategy, written down before it is carried out.

    ``value`` is the policy's estimate of the strategy's credit (0..1), ``propensity`` the
    probability of being included given the decision's arm, ``candidates`` how many it may draw
    (0 when not included), ``weight`` its say in the blend (the included weights sum to 1).
    """

    strategy: str
    value: float
    propensity: float
    included: bool
    candidates: int
    weight: float


@dataclass(frozen=True, slots=True)
class ArmChances:
    """What an arm would have done: its ``probability``, the ``propensities`` of every eligible
    strategy given the arm, drawn independently, and the ``fallback`` that runs when none is drawn
    (None where that cannot be)."""

    arm: Arm
    probability: float
    propensities: Mapping[str, float]
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice per eligible strategy, and which arm made them with what probability.

    ``arms`` are all arms that might have decided, this one among them; their probabilities sum to
    1. Evaluation needs them: the same strategies may run by several arms.
    ``rivals``: where two policies share the page, what each decided, by its name; the choices are
    then all that either of them runs.
    """

    choices: tuple[Choice, ...]
    arm: Arm
    arm_probability: float
    policy_version: str
    arms: tuple[ArmChances, ...] = ()
    rivals: Mapping[str, Decision] = field(default_factory=dict)

    @property
    def included(self) -> tuple[Choice, ...]:
        """The choices that are carried out."""
        return tuple(choice for choice in self.choices if choice.included)


class Hit(NamedTuple):
    """An entity with the score that one strategy gave it; higher is better."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What one strategy brought, best first. ``error`` says why it dropped out, if it did."""

    strategy: str
    hits: tuple[Hit, ...] = ()
    took_ms: float = 0.0
    error: str | None = None


class Provenance(NamedTuple):
    """That ``strategy`` brought an entity at ``rank`` (1 is best) with ``score``."""

    strategy: str
    rank: int
    score: float


class Candidate(NamedTuple):
    """An entity of the union with its blended score and everything that brought it."""

    id: str
    score: float
    provenance: tuple[Provenance, ...]
