"""The one place that chooses collaborators: settings in, working parts out."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import orjson

from bandit_service.collaborators import utc_now
from bandit_service.journal.controls import order
from bandit_service.journal.reader import Reader
from bandit_service.journal.rollover import Bounds, Rollover
from bandit_service.knowing import Knowing, LookUp
from bandit_service.lanes import SLOW_THREADS
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.fold import Rules
from bandit_service.learner.gating import PolicyGate
from bandit_service.learner.guard import Limits
from bandit_service.learner.keeping import Keeping
from bandit_service.learner.lease import Lease
from bandit_service.learner.meanings import Meanings
from bandit_service.learner.people import People
from bandit_service.learner.projection import Projection
from bandit_service.learner.run import Learner
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.tending import Tending
from bandit_service.memory import lookers
from bandit_service.personal.entities import VectorReader
from bandit_service.personal.graph import GraphLookUp
from bandit_service.personal.sessions import SessionLookUp
from bandit_service.personal.trending import TrendingLookUp
from bandit_service.personal.users import UserLookUp
from bandit_service.policies.base import Policy, ValueModel
from bandit_service.policies.contest import Contest, Entrant
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.rls import RlsValueModel
from bandit_service.policies.rules import Rule, Thompson
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from bandit_service.policies.vw_explore import EXPLORERS, VwExplore
from bandit_service.session_evidence import SessionEvidence
from ltrr.basis import basis_training
from ltrr.enriching import make_queries_encoder
from ltrr.grades import grades_of
from ltrr.settings import PolicyName, Settings
from plugin.assets.baseline import TUNED, load_baseline
from plugin.assets.page import PageSettings, load_page
from plugin.assets.schema import Schema, load_schema
from plugin.assets.values import AssetValues
from plugin.blending.base import Blender
from plugin.blending.minmax import MinMax
from plugin.blending.rrf import ReciprocalRank
from plugin.cluster import Cluster
from plugin.encoding import CachedEncoder, Encoder, OnnxEncoder, dimensions, prepare
from plugin.engine import find_places, locate
from plugin.errors import LtrrError, NodeUnavailable, NotFound
from plugin.filters import fields_of
from plugin.sparse import SparseLookUp
from plugin.strategies import Strategy, load_strategies
from plugin.understanding.following import VocabularyFollower
from plugin.understanding.wording import load_wording

_CACHED_QUERIES = 10_000
_DAY_MS = 24 * 3_600_000


def open_cluster(settings: Settings) -> Cluster:
    """The cluster that the settings name, or the embedded node that `ltrr up` started.

    Raises:
        NodeUnavailable: there is no embedded node yet.
    """
    running = locate(settings)
    if running is None:
        raise NodeUnavailable("no OpenSearch node is running. `ltrr up` starts one.")
    return Cluster(
        running.url,
        settings.namespace,
        user=settings.opensearch_user or None,
        password=settings.opensearch_password or None,
        # Those that run, those in the slow lane, and our own threads.
        connections=settings.threads + SLOW_THREADS + 8,
    )


def make_follower(
    settings: Settings, cluster: Cluster, build: Callable[[], None] | None = None
) -> VocabularyFollower:
    """The vocabulary of the entities; one file for all processes of this checkout."""
    schema = load_schema(settings.assets)
    wording = load_wording(settings.assets, schema)
    state = find_places(settings).state
    return VocabularyFollower(cluster, schema, wording, state, build=build)


def make_encoder(settings: Settings) -> Encoder:
    """The sentence encoder, exported on first use into the shared cache, behind an LRU cache."""
    return CachedEncoder(OnnxEncoder(settings.encoder, _encoders(settings)), _CACHED_QUERIES)


def find_encoder(settings: Settings) -> Encoder | None:
    """As :func:`make_encoder`, or None where there is none: who learns does so without, and says so
    when it matters."""
    try:
        return make_encoder(settings)
    except LtrrError:
        return None


def prepare_encoder(settings: Settings) -> None:
    """Export the encoder if that is still to be done, without loading it into this process."""
    prepare(settings.encoder, _encoders(settings))


def _encoders(settings: Settings) -> Path:
    return find_places(settings).cache / "encoders"


def packaged_assets(settings: Settings) -> Path:
    """The project's own assets, which `ltrr init` starts from; else those of the settings.

    Raises:
        NotFound: neither is there.
    """
    ours = Path(__file__).resolve().parents[1] / "opensearch"
    for folder in (ours, settings.assets):
        if (folder / "schema.toml").is_file():
            return folder
    raise NotFound(
        f"there are no assets to start from, neither at {ours} nor at {settings.assets}: set "
        "LTRR_ASSETS to a copy of the project's folder opensearch"
    )


def asset_values(settings: Settings) -> AssetValues:
    """What the placeholders of the assets stand for."""
    running = locate(settings)
    return AssetValues(
        namespace=settings.namespace,
        model_server=settings.model_server or (running.model_server if running else "") or "",
        dimensions=dimensions(settings.encoder, _encoders(settings)),
        enrichment=settings.enrichment,
    )


def dead_letters(settings: Settings) -> Path:
    """Where this machine keeps the journal entries that OpenSearch refused for good."""
    return find_places(settings).state / "dead-letters.jsonl"


def make_lookups(
    settings: Settings, cluster: Cluster, schema: Schema, evidence: SessionEvidence
) -> dict[str, LookUp]:
    """What adds to a query what is known of it, by name, in the order of asking."""
    reader = VectorReader(cluster, schema)
    users = UserLookUp(cluster)
    sessions = SessionLookUp(evidence, reader)
    return {
        "sparse": SparseLookUp(make_queries_encoder(settings, cluster)),
        "user": users,
        "session": sessions,
        "graph": GraphLookUp(reader, sessions, users),
        "trending": TrendingLookUp(cluster),
    }


def make_knowing(settings: Settings, cluster: Cluster, encoder: Encoder | None) -> Knowing:
    """Reads questions as a sidecar does that has seen nobody yet: for benchmarks and commands."""
    schema = load_schema(settings.assets)
    evidence = SessionEvidence(grades_of(settings), cluster=cluster)
    lookups = make_lookups(settings, cluster, schema, evidence)
    vocabulary = make_follower(settings, cluster)
    # Without the entities, words are only words; whoever retrieves will say what is missing.
    with contextlib.suppress(LtrrError):
        vocabulary.look()
    return Knowing(encoder, lookups, utc_now, vocabulary.reader.read)


def entity_fields(settings: Settings) -> Mapping[str, str]:
    """The fields of entities and their types."""
    return fields_of(orjson.loads((settings.assets / "indexes" / "entities.json").read_bytes()))


def page_settings(settings: Settings) -> PageSettings:
    """How pages are arranged."""
    return load_page(settings.assets, load_schema(settings.assets), entity_fields(settings))


BLENDERS: Mapping[str, Callable[[], Blender]] = {"rrf": ReciprocalRank, "minmax": MinMax}


def policy_maker(settings: Settings, strategies: tuple[Strategy, ...]) -> Callable[[], Policy]:
    """Makes policies that know nothing yet: for the learner to teach, for snapshots to fill."""
    names = [strategy.name for strategy in strategies]
    chosen, budget = settings.policy, settings.candidates
    if chosen == "uniform":
        return lambda: StaticPolicy({}, budget=budget)
    if chosen in TUNED:
        tuned = load_baseline(settings.assets, names, chosen)
        return lambda: StaticPolicy(tuned, budget=budget, default=0.0)
    weights = load_baseline(settings.assets, names)
    if chosen == "static":
        return lambda: StaticPolicy(weights, budget=budget)
    exploration = Exploration(
        floor=settings.floor,
        everything=settings.everything,
        holdout=settings.holdout,
        budget=budget,
        apprentice=settings.mode == "apprentice",
        quality=settings.quality,
    )

    def entrant(name: PolicyName) -> Entrant:
        def make() -> Explorer:
            baseline = StaticPolicy(weights, budget=budget)
            model, rule = _learning(name)
            return Explorer(model, baseline, exploration, priors=weights, rule=rule)

        return Entrant(name, make)

    incumbent = entrant(chosen)
    if not settings.challenger:
        return incumbent.make
    challenger = entrant(settings.challenger)
    return lambda: Contest(incumbent, challenger)


def _learning(policy: PolicyName) -> tuple[ValueModel, Rule | None]:
    """A new value model, and the rule of exploration where it is not the usual one."""
    if policy in ("rls", "thompson"):
        model = RlsValueModel()
        return model, Thompson(model) if policy == "thompson" else None
    return VwValueModel(), VwExplore(policy) if policy in EXPLORERS else None


def learner_rules(settings: Settings, strategies: tuple[Strategy, ...]) -> Rules:
    """What the fold is told, without the artefacts that a cluster holds."""
    # Of the same query only: what its words or its meaning are near to is scored on other scales.
    remembering = frozenset(
        one.name for one in strategies if one.family == "memory" and "memory_key" in one.needs
    )
    window_ms = settings.window_s * 1000
    return Rules(
        window_ms=window_ms,
        grades=grades_of(settings),
        limits=Limits(
            window_ms=window_ms,
            session_acts=settings.session_acts,
            client_acts=settings.client_acts,
            # One voice less than it takes for others to see anything of it.
            voices=max(1, lookers(settings.memory_sessions) - 1),
        ),
        memory_strategies=remembering,
        memory_half_life_ms=settings.memory_half_life_days * _DAY_MS,
    )


def make_snapshots(settings: Settings, cluster: Cluster) -> SnapshotStore:
    """Where snapshots are, and how many are kept."""
    return SnapshotStore(cluster, Keeping(settings.snapshots, settings.snapshot_minutes * 60_000))


def journal_bounds(settings: Settings) -> Bounds:
    """When the journal goes on in another index, and when one may go."""
    return Bounds(
        most_bytes=settings.journal_mb * 2**20,
        oldest_ms=settings.journal_days * _DAY_MS,
        keep_ms=settings.journal_keep_days * _DAY_MS or None,
    )


def make_learner(
    settings: Settings,
    cluster: Cluster,
    strategies: tuple[Strategy, ...] | None = None,
    encoder: Encoder | None = None,
) -> Learner:
    """The learner, for a thread of the sidecar or for `ltrr learn`.

    ``encoder`` gives past queries their vectors; None: one is made.
    """
    if strategies is None:
        strategies = load_strategies(settings.assets)
    encoder = encoder or find_encoder(settings)
    sessions = settings.memory_sessions
    # A learner has time: nobody waits for these vectors.
    reader = VectorReader(cluster, load_schema(settings.assets), timeout_s=30)
    snapshots = make_snapshots(settings, cluster)
    rollover = Rollover(cluster, journal_bounds(settings))
    return Learner(
        Reader(cluster),
        Lease(cluster, f"{os.getpid()}-{secrets.token_hex(8)}"),
        snapshots,
        Projection(cluster, sessions=sessions, meanings=Meanings(cluster, encoder)),
        policy_maker(settings, strategies),
        replace(learner_rules(settings, strategies), artefact=Artefacts(cluster).find),
        beside=basis_training(cluster, encoder),
        people=People(cluster, reader, sessions=sessions),
        tending=Tending(cluster, rollover, Artefacts(cluster), snapshots),
        gate=PolicyGate(lambda one: order(cluster, one, utc_now()), settings.ranker_margin),
    )
