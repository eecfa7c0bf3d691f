"""The bulk loader against a fake cluster: what is read is stored or named, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from ingest.bulk import BATCH, Failure, Loader, Outcome, Target
from ingest.sources.base import BadLine, Document
from plugin.assets.schema import Schema
from plugin.cluster import Cluster, ResponseError
from plugin.encoding.base import Vectors, clean
from plugin.errors import MissingIndex, NodeUnavailable

SCHEMA = Schema(
    type="type",
    name="name",
    text=("name", "by"),
    vector="vector",
    memory="q2e",
    predicted_queries="predicted_queries",
)
Pair = tuple[str, dict[str, Any]]
Answer = Callable[[list[Pair]], list[dict[str, Any]]]


class FakeCluster(Cluster):
    """Keeps what is stored in a dict; ``behave`` may refuse first, by raising or by statuses."""

    def __init__(self, *, alias: bool = True) -> None:
        super().__init__("http://127.0.0.1:1", "t")
        self.stored: dict[str, dict[str, Any]] = {}
        self.sizes: list[int] = []
        self.params: Mapping[str, Any] = {}
        self.behave: Callable[[list[Pair]], dict[str, int]] = lambda _: {}
        self._alias = alias

    def find(self, path: str, **params: Any) -> Any | None:
        return {} if self._alias else None

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        assert path.endswith("/_refresh")

    def lines(self, method: str, path: str, lines: Iterable[Any], **options: Any) -> dict[str, Any]:
        given = list(lines)
        pairs = [
            (head["index"]["_id"], body) for head, body in zip(given[::2], given[1::2], strict=True)
        ]
        self.sizes.append(len(pairs))
        self.params = options["params"]
        refused = self.behave(pairs)
        items = []
        for identifier, body in pairs:
            status = refused.get(identifier, 201)
            if status < 300:
                self.stored[identifier] = body
            error = {"type": "t", "reason": "no", "caused_by": {"reason": "because"}}
            items.append({"index": {"status": status} | ({"error": error} if status > 300 else {})})
        return {"items": items}


class Unit:
    dimensions = 2
    version = "unit@1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([[1.0, 0.0]] * len(clean(texts)), dtype=np.float32).reshape(-1, 2)


class Listed:
    def __init__(self, *items: Document | BadLine) -> None:
        self._items = items

    def read(self) -> Iterator[Document | BadLine]:
        yield from self._items


class Time:
    """A clock that only sleeping moves."""

    now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def read(self) -> float:
        return self.now


def song(number: int, **fields: Any) -> Document:
    body = {"type": "song", "name": f"Song {number}", **fields}
    return Document(f"s{number}", body, f"x:{number}")


def load(
    cluster: FakeCluster, *items: Document | BadLine, encoder: Any = None
) -> tuple[Outcome, list[Failure], float]:
    time = Time()
    failures: list[Failure] = []
    loader = Loader(
        cluster,
        Target("t-entities", "_none"),
        SCHEMA,
        encoder,
        patience_s=60,
        clock=time.read,
        sleep=time.sleep,
    )
    outcome = loader.load(Listed(*items), failures.append)
    assert outcome.read == outcome.stored + outcome.failed == len(items)
    assert outcome.failed == len(failures)
    return outcome, failures, time.now


def test_entities_are_stored_in_batches_under_their_ids() -> None:
    cluster = FakeCluster()
    outcome, _, _ = load(cluster, *map(song, range(BATCH + 3)))
    assert outcome.stored == BATCH + 3
    assert cluster.sizes == [BATCH, 3]
    assert cluster.stored["s1"] == {"type": "song", "name": "Song 1"}
    assert cluster.params["pipeline"] == "_none"
    assert cluster.params["require_alias"] == "true"


def test_client_enrichment_replaces_older_computed_fields() -> None:
    cluster = FakeCluster()
    load(cluster, song(1, vector=[9], q2e={"x": 1}, enrichment="pending"), encoder=Unit())
    stored = cluster.stored["s1"]
    assert stored["vector"].tolist() == [1, 0]
    assert stored["enrichment"] == "done"
    assert "x" not in stored["q2e"]
    assert stored["predicted_queries"][0] == "song 1"


def test_a_refused_document_is_named_with_the_cause_and_costs_no_other() -> None:
    cluster = FakeCluster()
    cluster.behave = lambda _: {"s2": 400}
    _, failures, _ = load(cluster, song(1), song(2), song(3))
    assert failures == [Failure("x:2", "s2", "no: because")]
    assert set(cluster.stored) == {"s1", "s3"}


def test_only_what_was_refused_as_busy_is_sent_again() -> None:
    cluster = FakeCluster()
    cluster.behave = lambda pairs: {"s2": 429} if len(pairs) > 1 else {}
    outcome, _, waited = load(cluster, song(1), song(2), song(3))
    assert outcome.stored == 3
    assert cluster.sizes == [3, 1]
    assert waited == 0.5


def test_a_node_that_comes_back_gets_everything() -> None:
    cluster = FakeCluster()
    left = [1, 1, 1]

    def away(_: list[Pair]) -> dict[str, int]:
        if left:
            left.pop()
            raise NodeUnavailable("away")
        return {}

    cluster.behave = away
    outcome, _, waited = load(cluster, song(1), song(2))
    assert outcome.stored == 2
    assert waited == 0.5 + 1 + 2


def test_a_node_that_stays_away_ends_the_waiting_and_everything_is_named() -> None:
    cluster = FakeCluster()

    def away(_: list[Pair]) -> dict[str, int]:
        raise NodeUnavailable("the node is away")

    cluster.behave = away
    outcome, failures, waited = load(cluster, *map(song, range(BATCH * 3)))
    assert outcome.failed == BATCH * 3
    assert failures[0].reason == "the node is away"
    assert failures[-1].reason.startswith("not sent")
    assert 60 < waited < 80
    assert len(cluster.sizes) < 15


def test_a_node_that_is_always_busy_with_one_document_does_not_hold_up_for_ever() -> None:
    cluster = FakeCluster()
    cluster.behave = lambda _: {"s2": 429}
    _, failures, waited = load(cluster, song(1), song(2))
    assert [failure.id for failure in failures] == ["s2"]
    assert set(cluster.stored) == {"s1"}
    assert waited < 80


@pytest.mark.parametrize("status", [400, 413])
def test_a_request_refused_whole_is_halved_down_to_the_culprit(status: int) -> None:
    cluster = FakeCluster()

    def refuse(pairs: list[Pair]) -> dict[str, int]:
        if any(identifier == "s5" for identifier, _ in pairs):
            raise ResponseError("too large", status, "x")
        return {}

    cluster.behave = refuse
    _, failures, _ = load(cluster, *map(song, range(8)))
    assert failures == [Failure("x:5", "s5", "too large")]
    assert len(cluster.stored) == 7


def test_another_refusal_of_the_whole_request_names_all_of_it() -> None:
    cluster = FakeCluster()

    def refuse(_: list[Pair]) -> dict[str, int]:
        raise ResponseError("broken", 500, "x")

    cluster.behave = refuse
    outcome, failures, _ = load(cluster, song(1), song(2))
    assert outcome.stored == 0
    assert {failure.reason for failure in failures} == {"broken"}
    assert cluster.sizes == [2]


def test_bad_lines_and_unusable_documents_are_counted_as_failed() -> None:
    cluster = FakeCluster()
    _, failures, _ = load(
        cluster,
        BadLine("x:1", "not JSON"),
        song(2, name=" "),
        song(3, type=None),
        song(4, by={"a": 1}),
        song(5, text="x" * 6_000_000),
        song(6, big=2**70),
        song(7),
    )
    assert [failure.line for failure in failures] == [f"x:{number}" for number in range(1, 7)]
    assert set(cluster.stored) == {"s7"}


def test_an_id_that_comes_twice_keeps_the_first_and_names_both() -> None:
    cluster = FakeCluster()
    second = Document("s1", {"type": "song", "name": "Another"}, "x:9")
    _, failures, _ = load(cluster, song(1), second)
    assert cluster.stored["s1"]["name"] == "Song 1"
    assert failures == [
        Failure("x:9", "s1", "the id is already that of x:1: only that one is stored")
    ]


def test_equal_documents_without_ids_are_one_entity_and_no_failure() -> None:
    cluster = FakeCluster()
    body = {"type": "song", "name": "A"}
    outcome, _, _ = load(
        cluster, Document("h", body, "x:1", given=False), Document("h", body, "x:2", given=False)
    )
    assert outcome.stored == 2
    assert list(cluster.stored) == ["h"]


def test_a_target_that_is_not_there_is_said_before_anything_is_read() -> None:
    with pytest.raises(MissingIndex, match="ltrr apply"):
        load(FakeCluster(alias=False), song(1))


def test_nothing_to_load_is_no_error() -> None:
    assert load(FakeCluster())[0] == Outcome(0, 0, 0)
