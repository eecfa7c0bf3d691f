"""Recordings of datasets, made on the node that the settings name and kept in the cache."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.recorder import Recorder
from bandit_service.evaluation.recordings import DEPTH, Recording
from ltrr.settings import Settings
from ltrr.wiring import make_encoder, make_knowing, open_cluster
from plugin.assets.schema import load_schema
from plugin.blending.minmax import MinMax
from plugin.engine import find_places
from plugin.strategies import load_strategies

FORMAT = 1
_SAVED_EVERY = 500


def recording_path(settings: Settings, data: Path) -> Path:
    """Where the recording of ``data`` is kept: named by all that it depends on."""
    digest = hashlib.blake2b(digest_size=8)
    chosen = (FORMAT, DEPTH, settings.encoder, settings.sparse, settings.predictor)
    digest.update(orjson.dumps(chosen))
    assets = sorted(path for path in settings.assets.rglob("*") if path.is_file())
    for path in (data / "corpus.jsonl", *assets):
        digest.update(path.name.encode())
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    return find_places(settings).cache / "recordings" / f"{data.name}-{digest.hexdigest()}.npz"


def record(settings: Settings, data: Path, judged: Sequence[Judged]) -> Recording:
    """What the strategies bring for ``judged``, from the cache as far as it is there.

    ``settings`` name a namespace that holds ``data`` and in which nothing was learnt.

    Raises:
        Unavailable: something has to be recorded, and the node or a strategy does not answer.
    """
    path = recording_path(settings, data)
    recording = Recording.load(path)
    missing = [one for one in judged if one.id not in recording]
    if not missing:
        return recording
    cluster = open_cluster(settings)
    try:
        recorder = Recorder(
            cluster,
            load_strategies(settings.assets),
            make_knowing(settings, cluster, make_encoder(settings)),
            MinMax(),
            load_schema(settings.assets).type,
        )
        for start in range(0, len(missing), _SAVED_EVERY):
            print(f"Recording: {start} of {len(missing)} queries", file=sys.stderr)
            recorder.record(recording, missing[start : start + _SAVED_EVERY])
            recording.save(path)
    finally:
        cluster.close()
    return recording
