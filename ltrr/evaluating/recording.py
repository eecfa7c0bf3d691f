"""Recordings of datasets, made on a node of their own and kept in the cache."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import orjson

from bandit_service.adapter.pairs import Pairs
from bandit_service.adapter.predicted import PredictedPairs
from bandit_service.adapter.vectors import TrainingVectors
from bandit_service.evaluation.arrays import save_arrays
from bandit_service.evaluation.catalogue import Catalogue, read_catalogue
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.recorder import Recorder
from bandit_service.evaluation.recordings import DEPTH, Recording
from bandit_service.personal.entities import VectorReader
from ltrr.evaluating.dataset import loaded
from ltrr.evaluating.node import own_node
from ltrr.settings import Settings
from ltrr.wiring import make_encoder, make_knowing, open_cluster, page_settings
from plugin.assets.schema import load_schema
from plugin.blending.minmax import MinMax
from plugin.cluster import Cluster
from plugin.engine import find_places
from plugin.hydration import hydrate
from plugin.scanning import scan
from plugin.strategies import load_strategies

FORMAT = 3
_PREDICTED = "predicted.npz"
_SAVED_EVERY = 500


def recorded(
    settings: Settings, data: Path, judged: Sequence[Judged], fields: Mapping[str, str]
) -> tuple[Recording, Catalogue]:
    """What the strategies bring for ``judged``, and the entities; from the cache as far as they are
    there, the rest from a node that is started for it. ``fields``: see :func:`.dataset.loaded`.

    Raises:
        Unavailable: something has to be recorded, and the node or a strategy does not answer.
    """
    folder = recording_folder(settings, data)
    queries, entities = folder / "queries.npz", folder / "entities.npz"
    recording = Recording.load(queries)
    if _missing(recording, judged) or not entities.exists():
        with own_node(settings) as own:
            record(loaded(own, data, fields), folder, judged)
        recording = Recording.load(queries)
    return recording, Catalogue.load(entities)


def record(settings: Settings, folder: Path, judged: Sequence[Judged]) -> None:
    """Record into ``folder`` what it lacks, from the node of the settings, whose namespace holds
    the entities. Raises as :func:`recorded`."""
    queries, entities = folder / "queries.npz", folder / "entities.npz"
    recording = Recording.load(queries)
    cluster = open_cluster(settings)
    try:
        _record(settings, cluster, recording, _missing(recording, judged), queries)
        if not entities.exists():
            _predicted(settings, cluster, folder / _PREDICTED)
            _catalogue(settings, cluster).save(entities)
    finally:
        cluster.close()


def predicted(settings: Settings, data: Path) -> Pairs | None:
    """What was predicted, when it was recorded, that people would ask; None for nothing."""
    path = recording_folder(settings, data) / _PREDICTED
    if not path.exists():
        return None
    with path.open("rb") as opened, np.load(opened) as file:
        names = orjson.loads(file["names"].tobytes())
        return Pairs(
            tuple(names["keys"]),
            tuple(names["ids"]),
            file["queries"].astype(np.float64),
            file["entities"].astype(np.float64),
            file["weights"],
        )


def _predicted(settings: Settings, cluster: Cluster, path: Path) -> None:
    print("Recording what was predicted", file=sys.stderr)
    schema = load_schema(settings.assets)
    reader = VectorReader(cluster, schema, timeout_s=30)
    vectors = TrainingVectors(make_encoder(settings), reader)
    found = PredictedPairs(cluster, schema, vectors.queries, vectors.entities)()
    if found is None:
        return
    names = orjson.dumps({"keys": found.keys, "ids": found.ids})
    save_arrays(
        path,
        names=np.frombuffer(names, np.uint8),
        queries=found.queries.astype(np.float32),
        entities=found.entities.astype(np.float32),
        weights=found.weights,
    )


def _missing(recording: Recording, judged: Sequence[Judged]) -> list[Judged]:
    return [one for one in judged if one.id not in recording]


def recording_folder(settings: Settings, data: Path) -> Path:
    """Where the recording of ``data`` is kept: named by all that what is found depends on."""
    digest = hashlib.blake2b(digest_size=8)
    chosen = (FORMAT, DEPTH, settings.encoder, settings.sparse, settings.predictor)
    digest.update(orjson.dumps(chosen))
    assets = [settings.assets / "schema.toml", settings.assets / "understanding.toml"]
    for room in ("analysis", "indexes", "strategies"):
        assets += sorted(one for one in (settings.assets / room).rglob("*") if one.is_file())
    adapted = {
        one.name for one in load_strategies(settings.assets) if "adapted_vector" in one.needs
    }
    for path in (data / "corpus.jsonl", *(one for one in assets if one.exists())):
        # What renders to what is for tests; what an adapter brings is computed, not recorded; and
        # only entities are there when it is recorded, nothing learnt.
        learnt = path.parent.name == "indexes" and not path.name.startswith("entities")
        if path.name == "cases.json" or path.parent.name in adapted or learnt:
            continue
        digest.update(str(path.relative_to(path.parents[1])).encode())
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    return find_places(settings).cache / "recordings" / f"{data.name}-{digest.hexdigest()}"


def _record(
    settings: Settings,
    cluster: Cluster,
    recording: Recording,
    missing: Sequence[Judged],
    path: Path,
) -> None:
    recorder = Recorder(
        cluster,
        load_strategies(settings.assets),
        make_knowing(settings, cluster, make_encoder(settings)),
        MinMax(),
        load_schema(settings.assets),
    )
    for start in range(0, len(missing), _SAVED_EVERY):
        print(f"Recording: {start} of {len(missing)} queries", file=sys.stderr)
        recorder.record(recording, missing[start : start + _SAVED_EVERY])
        recording.save(path)


def _catalogue(settings: Settings, cluster: Cluster) -> Catalogue:
    print("Recording the entities", file=sys.stderr)
    schema = load_schema(settings.assets)
    return read_catalogue(
        (hit["_id"] for hit in scan(cluster, cluster.name("entities"), source=False)),
        partial(hydrate, cluster, schema),
        VectorReader(cluster, schema, timeout_s=30),
        page_settings(settings).values,
    )
