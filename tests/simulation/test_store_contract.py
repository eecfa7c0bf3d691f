"""The simulated store answers as OpenSearch does: the same operations, put to either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simulated_net import SimulatedCluster, Straight
from simulated_store import SimulatedStore

from bandit_service.journal.names import generations, index_name
from bandit_service.journal.reader import Position, Reader
from bandit_service.learner.artefacts import Artefacts
from plugin.cluster import Cluster, ResponseError
from plugin.errors import LtrrError

pytestmark = pytest.mark.integration


@pytest.fixture(params=["simulated", "OpenSearch"])
def either(request: pytest.FixtureRequest) -> Cluster:
    """A cluster with a journal, a state index and an alias, of one or the other kind."""
    if request.param == "simulated":
        cluster: Cluster = SimulatedCluster(Straight(SimulatedStore(lambda: 1_767_000_000_000)))
    else:
        cluster = request.getfixturevalue("cluster")
    keyword = {"type": "keyword"}
    mappings = {"dynamic": False, "properties": {"kind": keyword, "query_id": keyword}}
    one_shard = {"index": {"number_of_shards": 1, "number_of_replicas": 0}}
    for name, more in (
        (index_name(cluster, 1), {}),
        (cluster.name("state"), {}),
        (cluster.name("memory-000001"), {"aliases": {cluster.name("memory"): {}}}),
    ):
        about = {"settings": one_shard, "mappings": mappings, **more}
        cluster.request("PUT", f"/{name}", about, params={"wait_for_active_shards": "1"})
    return cluster


def answered(ask: Callable[[], Any]) -> tuple[str, int, str]:
    """The class, status and type of an error; raises where there was none."""
    with pytest.raises(LtrrError) as caught:
        ask()
    error = caught.value
    if isinstance(error, ResponseError):
        return type(error).__name__, error.response_status, error.kind
    return type(error).__name__, 0, ""


CONFLICT = ("ResponseError", 409, "version_conflict_engine_exception")


def bulk(cluster: Cluster, path: str, *lines: Any, **params: str) -> list[tuple[int, str]]:
    """Status and type of error of every item."""
    found = []
    for item in cluster.lines("POST", path, lines, params=params)["items"]:
        (result,) = item.values()
        found.append((result["status"], result.get("error", {}).get("type", "")))
    return found


class TestDocuments:
    def test_what_is_there_is_not_created_again(self, either: Cluster) -> None:
        path = f"/{either.name('state')}/_doc/one"
        assert either.find(path) is None
        made = either.request("PUT", path, {"kind": "a"}, params={"op_type": "create"})
        assert (made["_seq_no"], made["_primary_term"]) == (0, 1)
        again = answered(lambda: either.request("PUT", path, {}, params={"op_type": "create"}))
        assert again == CONFLICT
        created = f"/{either.name('state')}/_create/one"
        assert answered(lambda: either.request("PUT", created, {"kind": "b"})) == CONFLICT
        found = either.get(path)
        assert (found["_source"], found["_seq_no"]) == ({"kind": "a"}, 0)

    def test_a_write_under_a_condition_goes_through_once(self, either: Cluster) -> None:
        path = f"/{either.name('state')}/_doc/one"
        condition = {"if_seq_no": 0, "if_primary_term": 1}
        assert answered(lambda: either.request("PUT", path, {}, params=condition)) == CONFLICT
        either.request("PUT", path, {"kind": "a"})
        second = either.request("PUT", path, {"kind": "b"}, params=condition)
        assert second["_seq_no"] == 1
        assert answered(lambda: either.request("PUT", path, {}, params=condition)) == CONFLICT

    def test_external_versions_never_go_back(self, either: Cluster) -> None:
        path = f"/{either.name('memory')}/_bulk"

        def about(action: str, version: int) -> dict[str, Any]:
            return {action: {"_id": "k", "version": version, "version_type": "external_gte"}}

        assert bulk(either, path, about("index", 5), {"kind": "a"}, require_alias="true") == [
            (201, "")
        ]
        assert bulk(either, path, about("index", 5), {"kind": "a"}, require_alias="true") == [
            (200, "")
        ]
        assert bulk(either, path, about("index", 4), {"kind": "b"}, require_alias="true") == [
            CONFLICT[1:]
        ]
        assert bulk(either, path, about("delete", 6), require_alias="true") == [(200, "")]
        assert bulk(either, path, about("delete", 6), require_alias="true") == [(404, "")]
        assert bulk(either, path, about("index", 5), {"kind": "b"}, require_alias="true") == [
            CONFLICT[1:]
        ]

    def test_artefacts(self, either: Cluster) -> None:
        parts = Artefacts(either, "part", piece_bytes=50)
        data = bytes(range(256))
        sha256 = parts.put(data)
        assert parts.get(sha256) == data
        either.request("POST", f"/{either.name('state')}/_refresh")
        assert [one.sha256 for one in parts.stored()] == [sha256]
        parts.delete([sha256])
        assert parts.find(sha256) is None


class TestJournal:
    def create(self, cluster: Cluster, generation: int, *ids: str) -> list[tuple[int, str]]:
        index = index_name(cluster, generation)
        lines: list[Any] = []
        for one in ids:
            lines += [{"create": {"_index": index, "_id": one}}, {"kind": "feedback"}]
        return bulk(cluster, "/_bulk", *lines)

    def test_entries_are_created_once_and_have_numbers(self, either: Cluster) -> None:
        assert self.create(either, 1, "a", "b") == [(201, ""), (201, "")]
        assert self.create(either, 1, "b", "c") == [CONFLICT[1:], (201, "")]
        reader = Reader(either, page=2)
        first = reader.after(Position())
        assert [one.position for one in first] == [Position(1, 0), Position(1, 1)]
        assert [one.position for one in reader.after(Position(1, 1))] == [Position(1, 2)]
        assert reader.after(Position(1, 2)) == []

    def test_a_search_sees_what_was_there_at_the_last_refresh(self, either: Cluster) -> None:
        index = index_name(either, 1)
        self.create(either, 1, "a")
        either.request("POST", f"/{index}/_refresh")
        self.create(either, 1, "b")
        query = {"size": 5, "query": {"bool": {"filter": [{"term": {"kind": "feedback"}}]}}}
        hits = either.request("POST", f"/{index}/_search", query)["hits"]["hits"]
        # The real one may refresh by itself.
        assert {one["_id"] for one in hits} >= {"a"}
        assert either.get(f"/{index}/_doc/b")["found"]

    def test_a_closed_index_takes_nothing_and_the_next_goes_on(self, either: Cluster) -> None:
        first, second = index_name(either, 1), index_name(either, 2)
        self.create(either, 1, "a")
        either.request("PUT", f"/{second}", {"settings": {"index": {"number_of_shards": 1}}})
        assert generations(either) == [1, 2]
        existing = answered(lambda: either.request("PUT", f"/{second}", {}))
        assert existing == ("ResponseError", 400, "resource_already_exists_exception")
        reader = Reader(either)
        assert reader.after(Position(1, 0)) == []
        either.request("PUT", f"/{first}/_block/write")
        assert self.create(either, 1, "b") == [(403, "cluster_block_exception")]
        refused = answered(lambda: either.request("PUT", f"/{first}/_create/b", {}))
        assert refused == ("ResponseError", 403, "cluster_block_exception")
        assert self.create(either, 2, "b") == [(201, "")]
        assert [one.position for one in reader.after(Position(1, 0))] == [Position(2, 0)]

    def test_many_are_asked_for_in_real_time(self, either: Cluster) -> None:
        self.create(either, 1, "a")
        docs = [
            {"_index": index_name(either, generation), "_id": one, "_source": False}
            for generation, one in ((1, "a"), (1, "b"), (7, "a"))
        ]
        answer = either.request("POST", "/_mget", {"docs": docs})["docs"]
        assert [one.get("found", one.get("error", {}).get("type")) for one in answer] == [
            True,
            False,
            "index_not_found_exception",
        ]

    def test_what_is_not_there(self, either: Cluster) -> None:
        gone = index_name(either, 9)
        assert answered(lambda: either.get(f"/{gone}")) == ("MissingIndex", 0, "")
        assert answered(lambda: either.get(f"/{gone}/_stats"))[0] == "MissingIndex"
        assert either.find(f"/{gone}/_doc/a") is None
