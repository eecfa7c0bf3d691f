"""What `ltrr ingest` does: a source, a loader, a mark and an error file put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ingest.bulk import Loader, Outcome, Target
from ingest.error_file import ErrorFile
from ingest.graph.embed import embed_graph
from ingest.pruning import check_sane, delete, surplus
from ingest.repair import Repaired, repair
from ingest.resume import Mark, Marker, assets_version, fingerprint
from ingest.sources.base import Source
from ingest.sources.columns import FILE
from ingest.sources.index import open_index
from ingest.sources.opening import Format, open_source
from ltrr.enriching import known_enricher, make_enricher
from ltrr.settings import Settings
from ltrr.wiring import make_encoder, open_cluster
from plugin.assets.mapping import load_field_types
from plugin.assets.schema import Schema, load_schema
from plugin.cluster import Cluster
from plugin.engine import find_places
from plugin.errors import InvalidRequest, MissingIndex

ENTITIES = "entities"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be loaded, and how; see the options of `ltrr ingest`."""

    path: Path | None = None
    from_index: str | None = None
    form: Format = "auto"
    index: str = ENTITIES
    by_client: bool = True
    fields: Mapping[str, str] = field(default_factory=dict)
    columns: Path | None = None
    kind: str = "document"
    errors: Path | None = None
    resume: bool = True
    prune: bool = False
    deletions: int | None = None
    rebuild_sparse: bool = False
    graph: bool = True


@dataclass(frozen=True, slots=True)
class Summary:
    """What a load did. ``resumed`` items of ``read`` were done by an earlier, interrupted one.

    ``deleted`` is None where nobody asked to prune. ``fallbacks`` are entities that got only what
    the offline predictor knows, because the one that was set failed.
    """

    index: str
    read: int
    stored: int
    failed: int
    enrichment: str
    pending: int = 0
    resumed: int = 0
    deleted: int | None = None
    fallbacks: int = 0
    errors: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RepairSummary:
    """What a repair did; see :class:`ingest.repair.Repaired`."""

    index: str
    found: int
    repaired: int
    changed: int
    failed: int
    errors: str | None = None
    seconds: float = 0.0


def load(settings: Settings, request: Request) -> Summary:
    """Load what the request names.

    Raises:
        IngestError: the source cannot be read, or pruning it would delete too much.
        MissingIndex: `ltrr apply` has not been there.
        NodeUnavailable: OpenSearch does not answer.
    """
    schema = load_schema(settings.assets)
    cluster = open_cluster(settings)
    with ExitStack() as stack:
        stack.callback(cluster.close)
        # First of all: what is written to an index that is not there makes one, of any mapping.
        _require(cluster, cluster.name(request.index))
        source = _source(settings, request, schema, cluster)
        target = Target(
            cluster.name(request.index), "_none" if request.by_client else _pipeline(cluster)
        )
        marker = _marker(settings, request, cluster, target)
        mark = marker.load() if marker and request.resume else None
        report = stack.enter_context(ErrorFile(request.errors, mark.errors if mark else 0))
        encoder = make_encoder(settings) if request.by_client else None
        enricher = None
        if encoder is not None:
            again = request.rebuild_sparse
            enricher = make_enricher(
                settings, cluster, schema, encoder, target.alias, source, rebuild=again
            )
        bar = stack.enter_context(_progress())
        name = request.path.name if request.path else str(request.from_index)
        verb = "going on with" if mark else "loading"
        task = bar.add_task(f"{verb} {name}", stored=0, failed=0)

        def advance(done: Outcome) -> None:
            bar.update(task, completed=done.read, stored=done.stored, failed=done.failed)
            if marker and not done.away:
                marker.save(Mark(done.read, done.stored, done.failed, report.length))

        held: set[str] = set()
        outcome = Loader(cluster, target, schema, encoder, enricher).load(
            source,
            report.write,
            advance,
            done=mark.outcome if mark else None,
            held=held,
        )
        if marker and not outcome.away:
            marker.clear()
        deleted = _prune(cluster, target.alias, request, outcome, held)
        pending = 0 if request.by_client else _pending(cluster, target.alias)
        if request.graph and schema.graph and request.index == ENTITIES and outcome.stored:
            # Loading an entity again takes its vector of the graph away.
            bar.update(task, description="embedding what occurs together")
            embed_graph(cluster, schema, sessions=settings.memory_sessions)
    return Summary(
        index=target.alias,
        read=outcome.read,
        stored=outcome.stored,
        failed=outcome.failed,
        enrichment="client" if request.by_client else "pipeline",
        pending=pending,
        resumed=mark.read if mark else 0,
        deleted=deleted,
        fallbacks=enricher.predictor.fallbacks if enricher else 0,
        errors=str(report.path) if outcome.failed else None,
    )


def repair_all(settings: Settings, index: str, errors: Path | None) -> RepairSummary:
    """Enrich the entities of an index that wait for it.

    Raises:
        MissingIndex: `ltrr apply` has not been there.
        NodeUnavailable: OpenSearch does not answer.
    """
    schema = load_schema(settings.assets)
    cluster = open_cluster(settings)
    alias = cluster.name(index)
    with ExitStack() as stack:
        stack.callback(cluster.close)
        _require(cluster, alias)
        report = stack.enter_context(ErrorFile(errors))
        bar = stack.enter_context(_progress())
        task = bar.add_task(f"repairing {alias}", stored=0, failed=0)

        def advance(done: Repaired) -> None:
            bar.update(task, completed=done.found, stored=done.repaired, failed=done.failed)

        encoder = make_encoder(settings)
        enricher = known_enricher(settings, cluster, schema)
        done = repair(cluster, alias, schema, encoder, report.write, advance, enricher=enricher)
    return RepairSummary(
        index=alias,
        found=done.found,
        repaired=done.repaired,
        changed=done.changed,
        failed=done.failed,
        errors=str(report.path) if done.failed else None,
    )


def _require(cluster: Cluster, alias: str) -> None:
    if cluster.find(f"/_alias/{alias}") is None:
        raise MissingIndex(f"OpenSearch has no {alias}: `ltrr apply` makes it first.")


def _source(settings: Settings, request: Request, schema: Schema, cluster: Cluster) -> Source:
    types = load_field_types(settings.assets, request.index)
    usual = settings.assets / FILE
    if request.from_index is not None:
        columns = request.columns or (usual if usual.is_file() else None)
        return open_index(
            cluster,
            request.from_index,
            schema,
            request.fields,
            request.kind,
            types,
            columns,
            cluster.name(request.index),
        )
    if request.path is None:
        raise InvalidRequest("name what to load: `ltrr ingest PATH`, or set LTRR_DATA")
    return open_source(
        request.path,
        request.form,
        schema,
        request.fields,
        request.kind,
        types=types,
        columns=request.columns,
        usual_columns=usual,
    )


def _marker(
    settings: Settings, request: Request, cluster: Cluster, target: Target
) -> Marker | None:
    """None where the order of the source is not the same twice: an index."""
    if request.path is None:
        return None
    found = cluster.find(f"/{target.alias}/_settings", filter_path="*.settings.index.uuid") or {}
    columns = [request.columns, request.path.parent / FILE, settings.assets / FILE]
    facts = {
        "source": fingerprint(request.path),
        "columns": [fingerprint(one) for one in columns if one is not None and one.is_file()],
        "options": [request.form, sorted(request.fields.items()), request.kind],
        "index": [
            cluster.url,
            target.alias,
            target.pipeline,
            # An index that was deleted and made anew has another uuid.
            sorted(one["settings"]["index"]["uuid"] for one in found.values()),
        ],
        "assets": assets_version(settings.assets),
        "encoder": settings.encoder if request.by_client else None,
    }
    return Marker(find_places(settings).state / "ingest", facts)


def _prune(
    cluster: Cluster, alias: str, request: Request, outcome: Outcome, held: set[str]
) -> int | None:
    if not request.prune:
        return None
    if outcome.failed:
        return 0
    found, total = surplus(cluster, alias, held)
    check_sane(len(found), total, request.deletions)
    return delete(cluster, alias, found)


def _pipeline(cluster: Cluster) -> str:
    name = cluster.name("enrich")
    if cluster.find(f"/_ingest/pipeline/{name}") is None:
        raise InvalidRequest(
            f"OpenSearch has no ingest pipeline {name}, so it cannot enrich. "
            "`ltrr apply` makes it where ML Commons is there; or use --enrich client."
        )
    return name


def _pending(cluster: Cluster, alias: str) -> int:
    """How many entities of the index still wait for their vector."""
    query = {"query": {"term": {"enrichment": "pending"}}}
    return int(cluster.request("POST", f"/{alias}/_count", query)["count"])


@contextmanager
def _progress() -> Iterator[Progress]:
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}: {task.completed} read, {task.fields[stored]} stored,"),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        yield bar
