"""A dataset in an index of its own, loaded once; what it depends on names the namespace."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import orjson

from ingest.bulk import Failure, Loader, Target
from ingest.sources.opening import open_source
from ltrr.settings import Settings
from ltrr.wiring import asset_values, make_encoder, open_cluster
from plugin.assets.planning import apply
from plugin.assets.schema import load_schema
from plugin.encoding import Encoder
from plugin.errors import LtrrError

USUAL_NAMES = {
    "by": ("artist", "artists", "author", "authors", "creator", "brand", "maker"),
    "part_of": ("album", "series", "journal", "collection"),
}
"""Metadata that fills a field of entities of another name, unless `--field` says otherwise."""


def loaded(settings: Settings, data: Path, fields: Mapping[str, str]) -> Settings:
    """Settings whose namespace holds the corpus of ``data``, loading it unless it is there."""
    fields = fields or dict(_guessed(data))
    encoder = make_encoder(settings)
    namespace = f"bench_{_fingerprint(settings, data, fields, encoder)}"
    settings = replace(settings, namespace=namespace, enrichment="client")
    cluster = open_cluster(settings)
    schema = load_schema(settings.assets)
    target = Target(cluster.name("entities"), "_none")
    marker = f"/{cluster.name('state')}/_doc/benchmark"
    # Templates follow the files at every run; the indexes are part of the namespace's name.
    apply(settings.assets, cluster, asset_values(settings))
    if cluster.find(marker):
        return settings
    print(f"Loading {data} into {namespace}, once.", file=sys.stderr)
    source = open_source(data, "beir", schema, fields, "document")
    failures: list[Failure] = []
    outcome = Loader(cluster, target, schema, encoder).load(source, failures.append)
    for failure in failures[:5]:
        print(f"{failure.line}: {failure.reason}", file=sys.stderr)
    if not outcome.stored:
        raise LtrrError(f"nothing of {data} could be loaded")
    cluster.request("POST", f"/{target.alias}/_forcemerge", params={"max_num_segments": 1})
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


def _fingerprint(
    settings: Settings, data: Path, fields: Mapping[str, str], encoder: Encoder
) -> str:
    """What the content of the index depends on; templates may change without loading anew."""
    digest = hashlib.blake2b(encoder.version.encode(), digest_size=5)
    digest.update(orjson.dumps(dict(fields), option=orjson.OPT_SORT_KEYS))
    indexes = settings.assets / "indexes"
    for path in (
        data / "corpus.jsonl",
        settings.assets / "schema.toml",
        *sorted(indexes.iterdir()),
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()
