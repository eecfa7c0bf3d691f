"""Figures for Prometheus: counted where things happen, added up over the worker processes.

Where ``PROMETHEUS_MULTIPROC_DIR`` is set, as ``ltrr serve`` does, the library keeps every process's
values in files of that folder, and whichever worker is asked answers for all of them. Labels are
routes, statuses, strategies, parts and outcomes: never anything that a person sent.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from bandit_service.breakers import State
from plugin.model import Retrieved

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

# How the values of several processes become one: the sum or the worst of those that live, what was
# said last, or the sum of all there ever were.
_Mode = Literal["livesum", "livemax", "livemostrecent", "sum"]

GAUGES: Mapping[str, tuple[str, _Mode]] = {
    "requests_in_flight": ("Requests that are in now, running or waiting their turn.", "livesum"),
    "spool_bytes": ("Bytes of journal entries that wait on the local disk.", "livesum"),
    "spool_entries": ("Journal entries that wait on the local disk.", "livesum"),
    "journal_shipped_entries": ("Journal entries that OpenSearch has taken.", "sum"),
    "journal_dead_letters": ("Journal entries that OpenSearch refused for good.", "sum"),
    "journal_lag_entries": ("Entries in OpenSearch that the snapshot lacks.", "livemostrecent"),
    "snapshot_generation": ("Journal index up to which was learnt.", "livemostrecent"),
    "snapshot_seq_no": ("Entry of that index up to which was learnt.", "livemostrecent"),
    "snapshot_age_seconds": ("Seconds since a newer snapshot was loaded.", "livemax"),
    "snapshot_damaged": ("1 while the newest snapshot cannot be loaded, else 0.", "livemax"),
    "snapshots_refused": ("Damaged snapshots that were not loaded.", "sum"),
    "learner_leading": ("How many of the processes learn: one, or none of this host.", "livesum"),
}
"""What is so now, by name, with what it means."""

_CIRCUITS: Mapping[State, int] = {"closed": 0, "half_open": 1, "open": 2}


class Metrics:
    """The figures of this process. Safe to share between threads."""

    def __init__(self) -> None:
        self._own = own = CollectorRegistry()
        self._requests = Counter(
            "ltrr_requests", "Requests.", ("route", "method", "status"), registry=own
        )
        self._request_seconds = Histogram(
            "ltrr_request_seconds", "Time to answer.", ("route",), buckets=_SECONDS, registry=own
        )
        self._strategy_seconds = Histogram(
            "ltrr_strategy_seconds",
            "Time that a strategy took in OpenSearch.",
            ("strategy",),
            buckets=_SECONDS,
            registry=own,
        )
        self._errors = Counter(
            "ltrr_strategy_errors", "Runs that failed or were late.", ("strategy",), registry=own
        )
        self._empty = Counter(
            "ltrr_strategy_empty", "Runs that brought nothing.", ("strategy",), registry=own
        )
        self._circuit = Gauge(
            "ltrr_strategy_circuit",
            "Its circuit: 0 closed, 1 half open, 2 open.",
            ("strategy",),
            registry=own,
            multiprocess_mode="livemax",
        )
        self._degraded = Counter(
            "ltrr_degraded", "Pages that had to do without a part.", ("part",), registry=own
        )
        self._learnt = Gauge(
            "ltrr_learnt_entries",
            "What became of journal entries, up to the snapshot that is served.",
            ("outcome",),
            registry=own,
            multiprocess_mode="livemostrecent",
        )
        self._gauges = {
            name: Gauge(f"ltrr_{name}", meaning, registry=own, multiprocess_mode=mode)
            for name, (meaning, mode) in GAUGES.items()
        }

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered. ``route`` is its pattern, not its path."""
        self._requests.labels(route, method, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def page(self, retrieved: Iterable[Retrieved], degraded: Iterable[str]) -> None:
        """A page was made: what its strategies brought, and which parts failed on the way."""
        for result in retrieved:
            if result.error:
                self._errors.labels(result.strategy).inc()
            if result.error is None or result.hits:
                self._strategy_seconds.labels(result.strategy).observe(result.took_ms / 1000)
                if not result.hits:
                    self._empty.labels(result.strategy).inc()
        for part in degraded:
            self._degraded.labels(part).inc()

    def now(self, figures: Mapping[str, float], circuits: Mapping[str, State]) -> None:
        """Say how things are: values of :data:`GAUGES`, and circuits by strategy."""
        for name, value in figures.items():
            self._gauges[name].set(value)
        for strategy, state in circuits.items():
            self._circuit.labels(strategy).set(_CIRCUITS[state])

    def learnt(self, counts: Mapping[str, int]) -> None:
        """Say what became of entries, by outcome: see docs/journal.md."""
        for outcome, count in counts.items():
            self._learnt.labels(outcome).set(count)

    def text(self) -> bytes:
        """All of it in Prometheus' text format, over all processes that share a folder."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._own)
        all_processes = CollectorRegistry()
        MultiProcessCollector(all_processes)
        return generate_latest(all_processes)
