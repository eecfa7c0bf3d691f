"""``plan`` compares the files with a cluster and only reads; ``apply`` carries a plan out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from plugin.assets import compilations, connectors, indexes, pipelines, templates
from plugin.assets.changes import Change, Plan, Step
from plugin.assets.indexes import Allowed
from plugin.assets.validate import validate
from plugin.assets.values import AssetValues
from plugin.assets.wanted import want
from plugin.cluster import Cluster
from plugin.errors import AssetError

_AT_ONCE = 8
SANE_SHARE = 0.3
SANE_NUMBER = 2
"""At most this many deletions, or this share of what is ours, go without being asked for."""


@dataclass(frozen=True, slots=True)
class _Worked:
    plan: Plan
    steps: tuple[Step, ...]


class Refused(AssetError):
    """Nothing was applied, for the reasons given."""


_NOTHING_MORE = Allowed()


def plan(
    folder: Path,
    cluster: Cluster,
    values: AssetValues,
    *,
    deletions: int | None = None,
    allowed: Allowed = _NOTHING_MORE,
) -> Plan:
    """What ``apply`` would do. Reads only.

    ``deletions`` is the number of deletions that somebody has agreed to, where it is more than a
    sane share; ``allowed`` says whether indexes may be replaced and pruned.

    Raises:
        InvalidAssets: the files themselves are wrong.
    """
    return _work_out(folder, cluster, values, deletions, allowed).plan


def apply(
    folder: Path,
    cluster: Cluster,
    values: AssetValues,
    *,
    deletions: int | None = None,
    allowed: Allowed = _NOTHING_MORE,
    report: Callable[[Change], None] | None = None,
) -> Plan:
    """Make the cluster as the files say, and return what was done.

    ``report`` is told each change when it has been carried out. Applying again changes nothing.

    Raises:
        InvalidAssets: the files themselves are wrong.
        Refused: some of it cannot be done in place, so none of it was.
    """
    worked = _work_out(folder, cluster, values, deletions, allowed)
    if worked.plan.refusals:
        raise Refused("nothing was applied:\n  " + "\n  ".join(worked.plan.refusals))
    for change in _carried_out(worked.steps):
        if report:
            report(change)
    return worked.plan


def _carried_out(steps: Sequence[Step]) -> Iterator[Change]:
    """Carry out ``steps`` in order, and tell of each. Templates, which do not name each other, go
    together: the cluster then publishes them in a few new states rather than in one for each."""
    for together, group in groupby(steps, lambda step: step.change.kind == "template"):
        if not together:
            for step in group:
                step.run()
                yield step.change
            continue
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for step, begun in [(step, pool.submit(step.run)) for step in group]:
                begun.result()
                yield step.change


def _work_out(
    folder: Path,
    cluster: Cluster,
    values: AssetValues,
    deletions: int | None,
    allowed: Allowed,
) -> _Worked:
    assets = validate(folder, values)
    refusals: list[str] = []
    notes: list[str] = []
    obstacle = _no_models(cluster, values)
    wanted = want(assets, values, models=obstacle is None)
    if obstacle and values.enrichment == "pipeline":
        refusals.append(f"LTRR_ENRICHMENT=pipeline cannot be had: {obstacle}. Or set it to client")
    elif obstacle and assets.connectors:
        left_out = ", ".join(
            [f"{values.namespace}-{name}" for name in sorted(assets.connectors)]
            + sorted(wanted.kept)
        )
        notes.append(f"enrichment is the client's, because {obstacle}; left out: {left_out}")
    known = compilations.limits(cluster)
    short = compilations.shortage(known, len(wanted.templates)) if known else None
    notes.extend([short] if short else [])
    pairs = connectors.read(cluster, wanted)
    found = indexes.steps(cluster, wanted, allowed)
    steps = [
        *connectors.steps(cluster, wanted, pairs),
        *pipelines.steps(cluster, wanted, pairs),
        *templates.steps(cluster, wanted),
        *found.steps,
    ]
    refusals.extend(found.refusals)
    notes.extend(found.notes)
    deleted = [step.change for step in steps if step.change.action == "delete"]
    replaced = {step.change.name for step in steps if step.change.action == "replace"}
    taken = [change for change in deleted if change.name not in replaced]
    ours = templates.owned(cluster, wanted) + pipelines.owned(cluster, wanted) + len(pairs.pairs)
    ours += found.ours if allowed.prune else 0
    if len(taken) > max(SANE_NUMBER, SANE_SHARE * ours) and len(taken) != deletions:
        refusals.append(
            f"{len(taken)} of the {ours} things that are ours in this cluster would be deleted "
            f"({', '.join(change.name for change in taken)}). Is LTRR_ASSETS the right folder? "
            f"If so, say --deletions {len(taken)}"
        )
    ordered = tuple(sorted(steps, key=lambda step: step.change.order))
    changes = tuple(step.change for step in ordered)
    return _Worked(Plan(changes, tuple(refusals), tuple(notes)), ordered)


def _no_models(cluster: Cluster, values: AssetValues) -> str | None:
    """Why the cluster is not to call our models, or None when it is."""
    if values.enrichment == "client":
        return "LTRR_ENRICHMENT=client says so"
    if not has_ml_commons(cluster):
        return "this cluster does not have ML Commons (the plugin opensearch-ml)"
    if not values.model_server:
        return "no model server is known; `ltrr up` starts one, LTRR_MODEL_SERVER names another"
    return None


def has_ml_commons(cluster: Cluster) -> bool:
    """Whether any node of the cluster has the ML Commons plugin."""
    plugins = cluster.get("/_cat/plugins", format="json")
    return any(plugin.get("component") == "opensearch-ml" for plugin in plugins)
