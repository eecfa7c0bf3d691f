"""Indexes with their aliases: made, added to, and replaced or deleted only when that is allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from plugin.assets.changes import Change, Step, diff_json
from plugin.assets.generations import Generations, base_of, read_generations
from plugin.assets.index_difference import Difference, compare, mapping_diff, with_memory
from plugin.assets.reopening import change_while_closed
from plugin.assets.replacing import clean_up, is_blocked, replace_index, unblock
from plugin.assets.wanted import Wanted
from plugin.cluster import Cluster

_NEVER = {
    "journal": "its entries are read in the order in which they were written, and a copy has "
    "another order: the journal is never replaced",
    "state": "learnt state is bound to its place in the journal and has no alias to move: this "
    "index is never replaced",
}
_NO_ALIAS = "it has no alias that could be moved to a copy, so it cannot be replaced"

Progress = Callable[[str, int, int], None]
"""Is told of long work: what is done, how much of it, and of how much."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody wants to see."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be done: ``replace`` indexes by copies, ``prune`` those that are not wanted."""

    replace: bool = False
    prune: bool = False
    progress: Progress = silent


@dataclass(slots=True)
class IndexSteps:
    """What to do about the indexes, why some of it cannot be done, and what is worth knowing.

    ``ours`` counts the indexes in the cluster that are ours.
    """

    steps: list[Step] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ours: int = 0


def steps(cluster: Cluster, wanted: Wanted, allowed: Allowed) -> IndexSteps:
    """What it takes to have the indexes of the files."""
    found = IndexSteps()
    bases = set()
    for logical, index in wanted.indexes.items():
        bases.add(base_of(str(index["index"])))
        _Index(cluster, wanted, logical, index, allowed, found).work_out()
    ours = dict(_ours(cluster, wanted.namespace))
    found.ours = len(ours)
    unwanted = sorted(name for name in ours if base_of(name) not in bases)
    _take_away(cluster, unwanted, "no file wants it", allowed, found)
    return found


def _take_away(
    cluster: Cluster, names: list[str], why: str, allowed: Allowed, found: IndexSteps
) -> None:
    if allowed.prune:
        for name in names:
            delete = partial(cluster.request, "DELETE", f"/{name}")
            found.steps.append(Step(Change("index", "delete", name, why), delete))
    elif names:
        found.notes.append(f"{', '.join(names)}: {why}; --prune deletes it with its documents")


def _ours(cluster: Cluster, namespace: str) -> Iterator[tuple[str, Any]]:
    answer = cluster.find(
        f"/{namespace}-*/_mapping", filter_path="*.mappings._meta", allow_no_indices="true"
    )
    for name, body in (answer or {}).items():
        if body["mappings"]["_meta"].get("ltrr", {}).get("namespace") == namespace:
            yield name, body


@dataclass(frozen=True, slots=True)
class _Index:
    """One index of the files, and what it takes."""

    cluster: Cluster
    wanted: Wanted
    logical: str
    index: Mapping[str, Any]
    allowed: Allowed
    found: IndexSteps

    def work_out(self) -> None:
        aliases = self.index.get("aliases", {})
        taken = [alias for alias in aliases if self._is_index(alias)]
        for alias in taken:
            self.found.refusals.append(
                f"{alias} is an index, but must be an alias: something wrote to it before "
                f"`ltrr apply` and OpenSearch made it. Delete it (DELETE /{alias}) and apply again."
            )
        if taken:
            return
        generations = read_generations(self.cluster, self.index)
        mappings = with_memory(self.index["mappings"], self.wanted.namespace)
        if generations.stored is None:
            self._create(generations, mappings)
            return
        stored = generations.stored
        settings = self.index["settings"]
        difference = compare(mappings, settings, stored["mappings"], stored["settings"])
        self.found.notes.extend(f"{generations.current}: {note}" for note in difference.notes)
        if difference.refused:
            self._replace(generations, difference, mappings)
            return
        self._finish_interrupted(generations)
        self._update(generations, difference, mappings)
        old = list(generations.old)
        _take_away(self.cluster, old, "an old generation", self.allowed, self.found)

    def _is_index(self, alias: str) -> bool:
        return alias in (self.cluster.find(f"/{alias}", flat_settings="true") or {})

    def _step(self, change: Change, run: Callable[[], Any]) -> None:
        self.found.steps.append(Step(change, run))

    def _create(self, generations: Generations, mappings: Mapping[str, Any]) -> None:
        name = generations.current
        body = {
            "aliases": self.index.get("aliases", {}),
            "settings": self.index["settings"],
            "mappings": mappings,
        }
        diff = diff_json({}, {**body, "mappings": self.index["mappings"]})
        make = partial(self.cluster.request, "PUT", f"/{name}", body)
        self._step(Change("index", "create", name, "not there yet", diff), make)

    def _replace(
        self, generations: Generations, difference: Difference, mappings: Mapping[str, Any]
    ) -> None:
        name, reasons = generations.current, "; ".join(difference.refused)
        start = f"{name}: {reasons}. That is fixed when an index is made"
        if self.logical in _NEVER or not self.index.get("aliases"):
            never = _NEVER.get(self.logical, _NO_ALIAS)
            self.found.refusals.append(f"{start}; {never}. Undo the change in the file.")
            return
        if not self.allowed.replace:
            self.found.refusals.append(
                f"{start}: say --allow-replace to copy the documents into {generations.following} "
                "and move the alias there, or undo the change in the file."
            )
        why = f"becomes {generations.following}, because {reasons}"
        change = Change("index", "replace", name, why, self._diff(generations, mappings))
        script = self._script(difference)
        if script:
            self.found.notes.append(
                f"{name}: its vectors do not fit any more, so its documents are enriched anew: by "
                "the pipeline where there is one, else by `ltrr ingest --repair` afterwards"
            )

        def tell(done: int, total: int) -> None:
            self.allowed.progress(f"copying {name} to {generations.following}", done, total)

        run = partial(replace_index, self.cluster, generations, self.index, mappings, script, tell)
        self._step(change, run)
        if self.allowed.prune:
            gone = [*generations.old, name]
            _take_away(self.cluster, gone, "an old generation", self.allowed, self.found)

    def _script(self, difference: Difference) -> str | None:
        """Vectors of another length cannot be stored: such documents wait to be enriched again."""
        vectors = difference.resized
        if not vectors:
            return None
        taken = "".join(f"ctx._source.remove('{name}');" for name in vectors)
        return taken + "ctx._source.enrichment = 'pending';"

    def _diff(self, generations: Generations, mappings: Mapping[str, Any]) -> tuple[str, ...]:
        stored = generations.stored or {}
        after = {
            key: value
            for key, value in self.index["settings"].items()
            if stored["settings"].get(key) != value
        }
        before = {key: stored["settings"][key] for key in after if key in stored["settings"]}
        return (*mapping_diff(mappings, stored["mappings"]), *diff_json(before, after))

    def _finish_interrupted(self, generations: Generations) -> None:
        if not generations.building:
            return
        name = generations.current
        if is_blocked(generations.stored or {}):
            why = "takes no writes, because its replacement was interrupted"
            self._step(Change("index", "update", name, why), partial(unblock, self.cluster, name))
        clean = partial(clean_up, self.cluster, generations)
        for left in generations.building:
            why = "left by a replacement that was interrupted"
            self._step(Change("index", "delete", left, why), clean)

    def _update(
        self, generations: Generations, difference: Difference, mappings: Mapping[str, Any]
    ) -> None:
        name, stored = generations.current, generations.stored or {}
        if difference.new_fields:
            self.found.notes.append(
                f"{name}: documents that are there already have no "
                f"{', '.join(difference.new_fields)} until they are ingested again"
            )
        request = self.cluster.request
        # First: a new field may be read by an analyzer that comes with them.
        if closed := difference.reopened:
            before = {key: stored["settings"].get(key) for key in closed}
            why = f"settings {', '.join(sorted(closed))}, for which it is closed for a moment"
            change = partial(change_while_closed, self.cluster, name, closed)
            self._step(Change("index", "update", name, why, diff_json(before, closed)), change)
        if difference.mapping:
            new = ", ".join(difference.new_fields)
            why = f"new fields {new}" if new else "its mapping differs"
            diff = mapping_diff(mappings, stored["mappings"])
            put = partial(request, "PUT", f"/{name}/_mapping", mappings)
            self._step(Change("index", "update", name, why, diff), put)
        if changed := difference.settings:
            before = {key: stored["settings"].get(key) for key in changed}
            why = f"settings {', '.join(sorted(changed))}"
            put = partial(request, "PUT", f"/{name}/_settings", changed)
            self._step(Change("index", "update", name, why, diff_json(before, changed)), put)
        aliases = self.index.get("aliases", {})
        if missing := aliases.keys() - stored.get("aliases", {}).keys():
            actions = [{"add": {"index": name, "alias": a, **aliases[a]}} for a in sorted(missing)]
            add = partial(request, "POST", "/_aliases", {"actions": actions})
            why = f"has no alias {', '.join(sorted(missing))}"
            self._step(Change("index", "update", name, why), add)
