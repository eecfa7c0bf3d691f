"""`apply --allow-replace`: a new index takes the place of the old one, and nothing is lost."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from changed_assets import AS_TEXT, LANGUAGE, REPLACE, aliased, changed, count, indexes
from test_plan_and_apply import edit

from plugin.assets import AssetValues
from plugin.assets.indexes import Allowed
from plugin.assets.planning import Refused, apply, plan
from plugin.cluster import Cluster, ResponseError
from plugin.errors import AssetError

__all__ = ["changed"]

pytestmark = pytest.mark.integration


def test_a_replacement_is_shown_and_needs_its_flag(
    changed: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    found = plan(changed, cluster, client_values)
    assert found.exit_code == 1
    (change,) = found.changes
    assert (change.action, change.name) == ("replace", cluster.name("entities-000001"))
    assert f"becomes {cluster.name('entities-000002')}" in change.why
    assert '+    "normalizer": "folded",' in change.diff
    assert "--allow-replace" in found.refusals[0]
    with pytest.raises(Refused, match="--allow-replace"):
        apply(changed, cluster, client_values)
    allowed = plan(changed, cluster, client_values, allowed=REPLACE)
    assert (allowed.exit_code, allowed.refusals) == (2, ())


def test_documents_aliases_and_vectors_move_to_the_new_index(
    changed: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    old, new = cluster.name("entities-000001"), cluster.name("entities-000002")
    own = {"add": {"index": old, "alias": cluster.name("mine"), "filter": {"term": {"type": "x"}}}}
    cluster.request("POST", "/_aliases", {"actions": [own]})
    told: list[tuple[int, int]] = []
    allowed = replace(REPLACE, progress=lambda _, done, total: told.append((done, total)))
    apply(changed, cluster, client_values, allowed=allowed)
    assert told[-1] == (1_500, 1_500)
    assert aliased(cluster) == [new]
    assert cluster.get(f"/_alias/{cluster.name('mine')}")[new]["aliases"] == {
        cluster.name("mine"): {"filter": {"term": {"type": "x"}}}
    }
    assert count(cluster, {"term": {"language": "en"}}) == 1_500
    knn = {"query": {"knn": {"vector": {"vector": [0, 0, 0, 0, 1], "k": 2}}}}
    assert cluster.request("POST", f"/{new}/_search", knn)["hits"]["total"]["value"] == 2
    after = plan(changed, cluster, client_values)
    assert (after.exit_code, after.changes) == (0, ())
    assert any(f"{old}: an old generation; --prune" in note for note in after.notes)
    # It is written to as before.
    cluster.request("PUT", f"/{cluster.name('entities')}/_doc/more", {"name": "more"})
    assert count(cluster) == 1_501
    # The old one is what it was, for whoever wants to go back, and cannot be written by mistake.
    assert cluster.get(f"/{old}/_count")["count"] == 1_500
    with pytest.raises(ResponseError, match="cluster_block_exception"):
        cluster.request("PUT", f"/{old}/_doc/more", {"name": "more"})


def test_old_generations_and_unwanted_indexes_go_only_with_prune(
    changed: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    extra = changed / "indexes/extra.json"
    extra.write_text((changed / "indexes/state.json").read_text().replace("-state", "-extra"))
    apply(changed, cluster, client_values, allowed=REPLACE)
    extra.unlink()
    kept = plan(changed, cluster, client_values)
    assert (kept.exit_code, len(kept.notes)) == (0, 3)
    prune = Allowed(prune=True)
    gone = plan(changed, cluster, client_values, allowed=prune)
    assert [change.line() for change in gone.changes] == [
        f"- index {cluster.name('entities-000001')}: an old generation",
        f"- index {cluster.name('extra')}: no file wants it",
    ]
    apply(changed, cluster, client_values, allowed=prune)
    assert indexes(cluster) == {"entities-000002"}
    assert count(cluster) == 1_500
    edit(changed, "indexes/entities.json", AS_TEXT, '"language": {"type": "keyword"}')
    apply(changed, cluster, client_values, allowed=Allowed(replace=True, prune=True))
    assert indexes(cluster) == {"entities-000003"}
    assert plan(changed, cluster, client_values, allowed=prune).exit_code == 0


class Writer(threading.Thread):
    """Writes and deletes without a pause, and knows what was acknowledged last of each entity.

    As any careful client, it asks again when an index takes no writes for the moment.
    """

    def __init__(self, cluster: Cluster, seed: int) -> None:
        super().__init__(daemon=True)
        self._cluster = Cluster(cluster.url, cluster.namespace, timeout_s=60)
        self._random = random.Random(seed)
        self._prefix = f"w{seed}-"
        self.known: dict[str, int | None] = {}
        self.ending = threading.Event()
        self.failure: Exception | None = None

    def run(self) -> None:
        number = 0
        try:
            while not self.ending.is_set():
                number += 1
                # Some are of the 1,500, some are new, some are written again and again.
                chosen = self._random.randrange(60)
                identifier = f"{self._prefix}{chosen}"
                self._write(identifier, None if self._random.random() < 0.3 else number)
        except Exception as error:  # noqa: BLE001 - the test shows it
            self.failure = error
        self._cluster.close()

    def _write(self, identifier: str, number: int | None) -> None:
        path = f"/{self._cluster.name('entities')}/_doc/{identifier}"
        body = {"name": identifier, "popularity": number, "enrichment": "done"}
        while True:
            try:
                if number is None:
                    self._cluster.request("DELETE", path)
                else:
                    self._cluster.request("PUT", path, body)
            except ResponseError as error:
                if error.kind == "cluster_block_exception":
                    continue
                if error.response_status != 404:
                    raise
            self.known[identifier] = number
            return


def test_nothing_that_is_written_or_deleted_meanwhile_is_lost(
    changed: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    writers = [Writer(cluster, seed) for seed in (1, 2)]
    for writer in writers:
        writer.start()
    for before, after in ((AS_TEXT, LANGUAGE[1]), (LANGUAGE[1], AS_TEXT)):
        apply(changed, cluster, client_values, allowed=REPLACE)
        edit(changed, "indexes/entities.json", before, after)
    for writer in writers:
        writer.ending.set()
        writer.join(60)
        assert writer.failure is None
    known = {name: number for writer in writers for name, number in writer.known.items()}
    assert len(known) > 60
    alias = cluster.name("entities")
    found = cluster.request("POST", f"/{alias}/_mget", {"ids": sorted(known)})["docs"]
    stored = {doc["_id"]: doc["_source"]["popularity"] if doc["found"] else None for doc in found}
    assert stored == known
    assert count(cluster) == 1_500 + sum(number is not None for number in known.values())


def test_a_document_that_does_not_fit_is_named_and_everything_is_as_it_was(
    changed: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    odd = {"name": "odd", "tempo": "fast"}
    cluster.request("PUT", f"/{cluster.name('entities')}/_doc/odd", odd)
    edit(changed, "indexes/entities.json", AS_TEXT, AS_TEXT + ', "tempo": {"type": "integer"}')
    with pytest.raises(AssetError, match=r"cannot be copied.*The first: odd: .*tempo"):
        apply(changed, cluster, client_values, allowed=REPLACE)
    assert indexes(cluster) == {"entities-000001"}
    cluster.request("PUT", f"/{cluster.name('entities')}/_doc/more", {"name": "more"})
    assert count(cluster) == 1_502


def test_another_length_of_vectors_makes_the_documents_wait_to_be_enriched_again(
    changed: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    longer = replace(client_values, dimensions=7)
    assert any("enriched anew" in note for note in plan(changed, cluster, longer).notes)
    apply(changed, cluster, longer, allowed=REPLACE)
    assert count(cluster, {"term": {"enrichment": "pending"}}) == 1_500
    assert "vector" not in cluster.get(f"/{cluster.name('entities')}/_doc/3")["_source"]


def test_the_pipeline_enriches_what_waits_and_passes_what_is_done(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    apply(folder, cluster, values)
    path = f"/{cluster.name('entities')}/_doc"
    done = {"name": "love", "vector": [0, 0, 0, 0, 1], "enrichment": "done"}
    cluster.request("PUT", f"{path}/done", done)
    waiting = {"name": "love", "enrichment": "pending"}
    cluster.request("PUT", f"{path}/waiting", waiting, params={"pipeline": "_none"})
    edit(folder, *LANGUAGE, AS_TEXT)
    apply(folder, cluster, values, allowed=REPLACE)
    assert cluster.get(f"{path}/done")["_source"] == done
    assert cluster.get(f"{path}/waiting")["_source"]["vector"] == [1, 0, 0, 0, 0]


def test_the_memory_is_replaced_too_and_keeps_the_versions_of_its_documents(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    apply(folder, cluster, client_values)
    path = f"/{cluster.name('memory')}/_doc/k"
    version = {"version": 7_000, "version_type": "external"}
    cluster.request("PUT", path, {"memory_key": "k", "observed": 1}, params=version)
    edit(
        folder,
        "indexes/memory.json",
        '"observed": {"type": "float"}',
        '"observed": {"type": "double"}',
    )
    apply(folder, cluster, client_values, allowed=REPLACE)
    assert aliased(cluster, "memory") == [cluster.name("memory-000002")]
    assert cluster.get(path)["_version"] == 7_000


@pytest.mark.parametrize(
    ("file", "before", "says"),
    [("journal", '"session": {"type"', "order"), ("state", '"version": {"type"', "no alias")],
)
def test_journal_and_state_are_never_replaced(
    folder: Path, cluster: Cluster, client_values: AssetValues, file: str, before: str, says: str
) -> None:
    apply(folder, cluster, client_values)
    edit(folder, f"indexes/{file}.json", f'{before}: "keyword"', f'{before}: "text"')
    found = plan(folder, cluster, client_values, allowed=REPLACE)
    assert (found.exit_code, found.changes) == (1, ())
    assert "never replaced" in found.refusals[0]
    assert says in found.refusals[0]
