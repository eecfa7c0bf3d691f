"""A dataset in an index of its own, loaded once; what it depends on names the namespace."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import orjson

from ltrr.loading import Request, load
from ltrr.settings import Settings
from ltrr.wiring import asset_values, open_cluster
from plugin.assets.planning import apply

USUAL_NAMES = {
    "by": ("artist", "artists", "author", "authors", "creator", "brand", "maker"),
    "part_of": ("album", "series", "journal", "collection"),
}
"""Metadata that fills a field of entities of another name, unless `--field` says otherwise."""


def loaded(settings: Settings, data: Path, fields: Mapping[str, str]) -> Settings:
    """Settings whose namespace holds the corpus of ``data``, loading it unless it is there."""
    fields = fields or dict(_guessed(data))
    namespace = f"bench_{_fingerprint(settings, data, fields)}"
    settings = replace(settings, namespace=namespace, enrichment="client")
    cluster = open_cluster(settings)
    marker = f"/{cluster.name('state')}/_doc/benchmark"
    # Templates follow the files at every run; the indexes are part of the namespace's name.
    apply(settings.assets, cluster, asset_values(settings))
    if not cluster.find(marker):
        print(f"Loading {data} into {namespace}, once.", file=sys.stderr)
        request = Request(path=data, form="beir", fields=fields)
        summary = load(settings, request)
        print(summary, file=sys.stderr)
        merged = f"/{summary.index}/_forcemerge"
        cluster.request("POST", merged, params={"max_num_segments": 1}, timeout_s=900)
        cluster.request("PUT", marker, {"kind": "benchmark"}, params={"refresh": "true"})
    cluster.close()
    return settings


def _guessed(data: Path) -> Iterator[tuple[str, str]]:
    with (data / "corpus.jsonl").open("rb") as lines:
        metadata = orjson.loads(next(lines)).get("metadata") or {}
    for field, names in USUAL_NAMES.items():
        for name in names:
            if field not in metadata and name in metadata:
                yield field, f"metadata.{name}"
                break


def _fingerprint(settings: Settings, data: Path, fields: Mapping[str, str]) -> str:
    """What the content of the index depends on; templates may change without loading anew."""
    digest = hashlib.blake2b(digest_size=5)
    chosen = (settings.encoder, settings.sparse, settings.predictor, dict(fields))
    digest.update(orjson.dumps(chosen, option=orjson.OPT_SORT_KEYS))
    indexes = sorted((settings.assets / "indexes").iterdir())
    for path in (data / "corpus.jsonl", settings.assets / "schema.toml", *indexes):
        digest.update(path.read_bytes())
    return digest.hexdigest()
