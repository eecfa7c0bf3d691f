"""Chooses what enriches entities and queries, by the settings: a part of the wiring."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cachetools import LRUCache

from ingest.enrichment.enrich import Enricher
from ingest.enrichment.generated import GeneratingPredictor
from ingest.enrichment.prediction import Predictor
from ingest.enrichment.preparing import prepare
from ingest.enrichment.queries import OfflinePredictor
from ingest.sources.base import Source
from ltrr.settings import Settings
from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.loading import Loading
from plugin.sparse import ArtefactStore, CatalogueEncoder, Following, SparseEncoder
from plugin.sparse.splade import Splade
from plugin.understanding import normalise
from plugin.understanding.wording import Wording, load_wording

_NAMESPACES = 64
"""Artefacts that a model server keeps at a time."""

CURRENT = Callable[[], SparseEncoder | None]


def make_predictor(settings: Settings, schema: Schema) -> Predictor:
    """The predictor that ``LTRR_PREDICTOR`` names.

    Raises:
        UnknownModel: its model cannot be loaded.
        InvalidRequest: its address cannot be used.
    """
    offline = OfflinePredictor(schema, load_wording(settings.assets, schema).types)
    kind, _, place = settings.predictor.partition(":")
    if kind == "t5":
        from ingest.enrichment.t5 import T5

        return GeneratingPredictor(offline, T5(place), schema)
    if kind == "llm":
        from ingest.enrichment.llm import Llm

        return GeneratingPredictor(offline, Llm(place, settings.llm_key), schema)
    return offline


def make_queries_encoder(settings: Settings, cluster: Cluster) -> CURRENT:
    """The sparse encoder of queries, as it is now; follows the cluster without a restart."""
    if settings.sparse:
        return _splade(settings).current
    following = Following(ArtefactStore(cluster))
    following.look()
    return following.current


def _splade(settings: Settings) -> Loading[SparseEncoder]:
    return Loading(lambda: Splade(settings.sparse), "sparse retrieval")


def make_enricher(
    settings: Settings,
    cluster: Cluster,
    schema: Schema,
    encoder: Encoder,
    alias: str,
    source: Source,
    *,
    rebuild: bool = False,
) -> Enricher:
    """For a bulk load of ``source``: builds the sparse artefact where that is to be done."""
    wording = load_wording(settings.assets, schema)
    catalogue = prepare(
        cluster, alias, source, schema, encoder, stops=says_little(wording), rebuild=rebuild
    )
    learned = _splade(settings).wait() if settings.sparse else catalogue
    return Enricher(schema, make_predictor(settings, schema), catalogue, learned)


def known_enricher(settings: Settings, cluster: Cluster, schema: Schema) -> Enricher:
    """For repairs: with the sparse artefact that is there, if there is one."""
    return Enrichers(settings, cluster, schema).of("")


def says_little(wording: Wording) -> Callable[[str], bool]:
    """Whether a word is a stop word or a question word, or only says what type is wanted."""
    types = {normalise(kind) for kind in wording.types}
    types |= {phrase for phrases in wording.types.values() for phrase in phrases}
    little = frozenset().union(wording.questions, types, *wording.stop_words.values())
    return little.__contains__


class Enrichers:
    """The enricher of each namespace, following its artefact. Safe to share between threads."""

    def __init__(self, settings: Settings, cluster: Cluster | None, schema: Schema) -> None:
        self._cluster = cluster
        self._schema = schema
        self._predictor = make_predictor(settings, schema)
        self._learned = _splade(settings).wait() if settings.sparse else None
        self._uses_learned = bool(settings.sparse)
        self._lock = threading.Lock()
        self._following: LRUCache[str, Following] = LRUCache(_NAMESPACES)
        self._made: LRUCache[str, Enricher] = LRUCache(_NAMESPACES)

    def of(self, namespace: str) -> Enricher:
        """The enricher for entities of ``namespace``, "" being that of the settings."""
        catalogue = self._catalogue(namespace)
        with self._lock:
            known = self._made.get(namespace)
            if known is None or known.catalogue is not catalogue:
                sparse = self._learned if self._uses_learned else catalogue
                known = Enricher(self._schema, self._predictor, catalogue, sparse)
                self._made[namespace] = known
            return known

    def _catalogue(self, namespace: str) -> CatalogueEncoder | None:
        if self._cluster is None:
            return None
        with self._lock:
            following = self._following.get(namespace)
            if following is None:
                store = ArtefactStore(self._cluster, namespace or None)
                # One write waits for the look, or what follows a build would miss it.
                following = Following(store, interval_s=1.0, in_background=False)
                self._following[namespace] = following
        return following.current()
