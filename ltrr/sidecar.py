"""The sidecar's collaborators, started and stopped as one: what a worker of ``ltrr serve`` runs."""

from __future__ import annotations

import atexit
import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bandit_service import console
from bandit_service.adapter.promoted import PromotedAdapter
from bandit_service.app import Sidecar, create_app
from bandit_service.collaborators import Services
from bandit_service.gate import Gate
from bandit_service.journal.journal import Journal
from bandit_service.journal.query_ids import QueryIds
from bandit_service.journal.shipper import Shipper
from bandit_service.journal.spool import Spool
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.models import Fitted
from bandit_service.learner.run import Learner
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.watcher import SnapshotWatcher
from bandit_service.policies.static import uniform_decision
from bandit_service.ranking.promoted import PromotedRankers
from bandit_service.rules.book import RuleBook
from bandit_service.session_evidence import SessionEvidence
from ltrr.basis import make_past
from ltrr.figures import keep_telling, make_figures, tell_lag
from ltrr.grades import grades_of
from ltrr.reading import make_reading
from ltrr.secret import signing_secret
from ltrr.settings import Settings
from ltrr.training import make_trainer
from ltrr.vocabulary import build_elsewhere
from ltrr.wiring import (
    BLENDERS,
    dead_letters,
    entity_fields,
    make_encoder,
    make_follower,
    make_learner,
    make_lookups,
    open_cluster,
    page_settings,
    policy_maker,
)
from plugin.assets.rules import load_rules
from plugin.assets.schema import load_schema
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.engine import find_places
from plugin.errors import LtrrError, MissingIndex, NodeUnavailable, SpoolFull
from plugin.filters import Filters
from plugin.model import Query
from plugin.retrieval import retrieve
from plugin.rewriting import eligible, rewrite
from plugin.sparse.lookup import SparseLookUp
from plugin.strategies import Strategy, load_strategies
from plugin.understanding import memory_key

_WARM_UPS = 3
_CHECK_S = 2.0
"""How long a check of readiness waits for a node that hangs: who asks wants to know soon."""


def create() -> Sidecar:
    """The application of one worker process, with its threads running; they end with it.

    The one place where the environment of a worker is read: a WSGI server passes no arguments.
    """
    settings = Settings.from_env()
    _log_to_stderr()
    cluster = open_cluster(settings)
    strategies = load_strategies(settings.assets)
    secret = signing_secret(settings)
    journal = _make_journal(settings, cluster, secret)
    new_policy = policy_maker(settings, strategies)
    snapshots = SnapshotWatcher(SnapshotStore(cluster), new_policy)
    vocabulary = make_follower(settings, cluster, build_elsewhere)
    services = _make_services(settings, cluster, strategies, journal, snapshots, secret)
    ranks = settings.ranker != "off"
    artefacts = Artefacts(cluster)
    rankers = PromotedRankers(artefacts.find)
    adapter = PromotedAdapter(artefacts.find, services.encoder.version if services.encoder else "")
    follows = [adapter.follow, *([rankers.follow] if ranks else [])]
    services = replace(
        services,
        rankers=rankers,
        lookups={"adapted": adapter, **services.lookups},
        read=vocabulary.reader.read,
        can_bring={
            "vector": lambda: services.encoder is not None,
            "adapted_vector": lambda: adapter.ready,
            "slots": lambda: vocabulary.current() is not None,
            **{
                name: look_up.ready
                for name, look_up in services.lookups.items()
                if isinstance(look_up, SparseLookUp)
            },
        },
    )

    stop = threading.Event()
    learner: Learner | None = None
    if settings.learner == "thread":
        learner = make_learner(settings, cluster, strategies, services.encoder)
    services = replace(
        services,
        figures=make_figures(journal, snapshots, learner),
        troubles=snapshots.troubles,
    )
    trainer = make_trainer(settings, cluster, learner, services.encoder) if learner else None

    def behind() -> None:
        journal.refresh()  # new queries go to the newest index
        tell_lag(services, cluster, snapshots)

    threads = [
        threading.Thread(target=work, args=(stop,), name=name)
        for name, work in (
            ("ltrr-figures", partial(keep_telling, services, behind)),
            ("ltrr-learner", learner.run if learner else None),
            ("ltrr-trainer", trainer.run if trainer else None),
            ("ltrr-models", partial(_follow, follows, snapshots)),
        )
        if work is not None
    ]
    journal.start()
    snapshots.start()
    vocabulary.start()
    if services.rules is not None:
        services.rules.start()
    for thread in threads:
        thread.daemon = True
        thread.start()

    def close() -> None:
        """First what takes in, then what learns from it."""
        journal.close()
        stop.set()
        for thread in threads:
            thread.join(10)
        snapshots.stop()
        vocabulary.stop()
        if services.rules is not None:
            services.rules.stop()
        cluster.close()

    atexit.register(close)
    _warm_up(services)
    app = create_app(services)
    app.config[console.EXAMPLES] = [one for one in settings.examples.split(";") if one.strip()]
    return app


def _follow(
    follows: Sequence[Callable[[Mapping[str, Fitted]], None]],
    snapshots: SnapshotWatcher,
    stop: threading.Event,
) -> None:
    """Load what newer snapshots promote, beside serving: nobody waits for it."""
    while not stop.is_set():
        try:
            for follow in follows:
                follow(snapshots.current().models)
        except LtrrError as error:
            logging.getLogger(__name__).debug("no look at the models: %s", error.message)
        stop.wait(1.0)


def _warm_up(services: Services) -> None:
    """Carry out a few queries that nobody waits for: the first ones of a cold node take seconds."""
    vector = services.encoder.encode(["a b"])[0].tolist() if services.encoder else None
    query = Query("a b", memory_key("a b"), services.clock(), vector=vector)
    strategies = eligible(services.strategies, query).strategies
    decision = uniform_decision({one.name: {} for one in strategies}, budget=services.candidates)
    lines = rewrite(
        query, decision.included, strategies, services.cluster.name, services.schema.type
    )
    # Whatever is missing is told by /_ltrr/ready, and by the first query itself.
    with contextlib.suppress(LtrrError):
        for _ in range(_WARM_UPS):
            retrieve(services.cluster, lines, decision.included)


def _log_to_stderr() -> None:
    """Warnings of everything, and a line of JSON for each request."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    access = logging.getLogger("bandit_service.access")
    access.setLevel(logging.INFO)
    access.propagate = False
    lines = logging.StreamHandler()
    lines.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(lines)


def _make_journal(settings: Settings, cluster: Cluster, secret: str) -> Journal:
    state = find_places(settings).state
    spool = Spool(state / "spool", max_bytes=settings.spool_mb * 2**20)
    shipper = Shipper(cluster, spool, dead_letters=dead_letters(settings))
    journal = Journal(cluster, spool, shipper, QueryIds(secret))
    # Not there yet? It is asked again whenever somebody asks whether we are ready.
    with contextlib.suppress(NodeUnavailable):
        journal.refresh()
    return journal


def _make_services(
    settings: Settings,
    cluster: Cluster,
    strategies: tuple[Strategy, ...],
    journal: Journal,
    snapshots: SnapshotWatcher,
    secret: str,
) -> Services:
    schema = load_schema(settings.assets)
    encoder = make_encoder(settings)
    grades = grades_of(settings)
    evidence = SessionEvidence(grades, cluster=cluster)
    past = make_past(cluster, snapshots)
    types = entity_fields(settings)
    filters = Filters(types, schema.type)
    return Services(
        cluster=cluster,
        schema=schema,
        strategies=strategies,
        filters=filters,
        encoder=encoder,
        featurise=past.context,
        before=past.before,
        snapshots=snapshots,
        blender=BLENDERS[settings.blender](),
        journal=journal,
        evidence=evidence,
        lookups=make_lookups(settings, cluster, schema, evidence),
        secret=secret,
        admin_token=settings.admin_token,
        candidates=settings.candidates,
        budget_s=settings.budget_ms / 1000,
        policy_patience_s=settings.budget_ms / 4000,
        checks=_checks(cluster, encoder, journal),
        page=page_settings(settings),
        grades=grades,
        reading=make_reading(settings),
        rules=RuleBook(cluster, filters.clauses, load_rules(settings.assets, filters.clauses)),
        gate=Gate(
            running=settings.threads,
            in_flight=settings.in_flight,
            patience_s=settings.budget_ms / 1000,
        ),
    )


def _checks(
    cluster: Cluster, encoder: Encoder, journal: Journal
) -> Mapping[str, Callable[[], None]]:
    """What must be there before queries can be answered: name → raises when it is not."""

    def entities() -> None:
        path = f"/_alias/{cluster.name('entities')}"
        if cluster.find(path, request_timeout=_CHECK_S) is None:
            raise MissingIndex("there are no entities. `ltrr apply` makes their index.")

    def spool() -> None:
        if journal.spool.waiting_bytes and journal.shipper.last_error:
            raise SpoolFull(f"the spool does not drain: {journal.shipper.last_error}")

    def encodes() -> None:
        encoder.encode(["ready"])

    return {
        "opensearch": lambda: cluster.get("/", request_timeout=_CHECK_S),
        "entities": entities,
        "journal": journal.refresh,
        "encoder": encodes,
        "spool": spool,
    }
