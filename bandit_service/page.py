"""What goes into the way of a query and what comes out: a question, and a page of hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bandit_service.arranging.arrange import Layout
from plugin.faceting import Facets
from plugin.model import Candidate, Clause, Decision, Device, Query


@dataclass(frozen=True, slots=True)
class Question:
    """A checked request. ``user``, ``session`` and ``client`` are keyed hashes; ``start`` counts
    from 0.

    ``diversity`` None means what page.toml says. ``facets`` and ``highlight`` are checked fields.
    ``candidates`` are the caller's own: nothing else is on the page, and ``filters`` say so too.
    ``explain``: say of each hit what ranked it. ``layout``, ``collapse``, ``diversity`` and
    ``explain`` count on the first page: later ones continue it.
    """

    text: str
    filters: tuple[Clause, ...] = ()
    types: tuple[str, ...] = ()
    user: str | None = None
    session: str | None = None
    client: str | None = None
    locale: str | None = None
    device: Device | None = None
    start: int = 0
    size: int = 10
    query_id: str | None = None
    learn: bool = True
    layout: Layout = "mixed"
    collapse: bool = True
    diversity: float | None = None
    facets: tuple[str, ...] = ()
    highlight: tuple[str, ...] = ()
    explain: bool = False
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One hit of a page: the candidate, its type and its display fields.

    ``position`` counts from 1 over the whole list; ``collapsed`` are the ids of near-duplicates
    that it stands for; ``highlight`` maps fields to marked fragments; ``reasons``
    are what added to its rank, by name, where that was asked for.
    """

    candidate: Candidate
    type: str
    source: Mapping[str, Any]
    position: int
    collapsed: tuple[str, ...] = ()
    highlight: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reasons: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page. ``total`` counts the ranked list, ``missing`` are the caller's candidates that it
    lacks; ``left_out`` says what was not eligible and why, ``degraded`` names what failed on the
    way (details are in the log and in explain). ``query`` is how the text was read; None on later
    pages."""

    query_id: str
    took_ms: float
    total: int
    shown: tuple[Shown, ...]
    decision: Decision | None
    policy_version: str
    text: str
    query: Query | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
    layout: Layout = "mixed"
    facets: Facets = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def names_of(trouble: Sequence[str]) -> tuple[str, ...]:
    """What failed, from lines ``<name>: <reason>``: each name once, in order."""
    return tuple(dict.fromkeys(text.partition(":")[0] for text in trouble))
