"""What is trained beside the learner, as the settings say."""

from __future__ import annotations

from bandit_service.adapter.predicted import PredictedPairs
from bandit_service.adapter.training import AdapterTraining
from bandit_service.adapter.vectors import TrainingVectors
from bandit_service.collaborators import utc_now
from bandit_service.journal.reader import Reader
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.run import Learner
from bandit_service.personal.entities import VectorReader
from bandit_service.ranking.trainer import Trainer, Trainings
from bandit_service.ranking.training import Schedule, Training
from ltrr.settings import Settings
from ltrr.wiring import learner_rules
from plugin.assets.schema import load_schema
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.strategies import load_strategies


def ranking_schedule(settings: Settings) -> Schedule:
    """When rankers are fitted and promoted."""
    return Schedule(mode=settings.ranker, margin=settings.ranker_margin)


def make_trainer(
    settings: Settings, cluster: Cluster, learner: Learner, encoder: Encoder | None = None
) -> Trainer:
    """What trains rankers and adapters beside ``learner``."""
    strategies = load_strategies(settings.assets)
    rules, schedule = learner_rules(settings, strategies), ranking_schedule(settings)
    schema = load_schema(settings.assets)
    reader = VectorReader(cluster, schema, timeout_s=30)

    def trainings() -> Trainings:
        first = Training(rules, schedule)
        if encoder is None:
            return Trainings(first)
        vectors = TrainingVectors(encoder, reader)
        adapts = AdapterTraining(
            first.pages,
            vectors.queries,
            vectors.entities,
            encoder.version,
            schedule,
            PredictedPairs(cluster, schema, vectors.queries, vectors.entities),
        )
        return Trainings(first, (adapts,))

    return Trainer(
        cluster,
        Reader(cluster),
        Artefacts(cluster),
        trainings,
        lambda: learner.leading,
        utc_now,
    )
