"""The book of rules follows, keeps the last good ones, and stays small."""

from __future__ import annotations

from typing import Any

import pytest

from bandit_service.rules.book import RuleBook
from plugin.assets.rules import MOST_RULES, rule_of
from plugin.cluster import Cluster, ResponseError
from plugin.errors import InvalidRequest, NotFound, Unavailable
from plugin.filters import Filters
from plugin.understanding import memory_key

FILTERS = Filters({"type": "keyword"}, "type").clauses
BLOCK = {"action": "block", "ids": ["x"]}


class OneDocument(Cluster):
    """A cluster that holds one document, with OpenSearch's optimistic concurrency."""

    def __init__(self, meddle: int = 0) -> None:
        super().__init__("http://127.0.0.1:9", "t")
        self.version = -1
        self.source: dict[str, Any] = {}
        self.meddle = meddle  # how many times somebody else is faster

    def find(self, path: str, **params: Any) -> Any:
        assert path == "/t-state/_doc/rules"
        if self.version < 0:
            return None
        return {
            "found": True,
            "_seq_no": self.version,
            "_primary_term": 1,
            "_source": {"body": {"rules": dict(self.source["body"]["rules"])}},
        }

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        params = options["params"]
        if self.meddle:
            self.meddle -= 1
            self.put(f"other-{self.meddle}", BLOCK)
        expected = -1 if params.get("op_type") == "create" else params["if_seq_no"]
        if expected != self.version:
            raise ResponseError("conflict", 409, "version_conflict_engine_exception")
        self.version += 1
        self.source = body
        return {"_seq_no": self.version, "_primary_term": 1}

    def put(self, id: str, rule: Any) -> None:
        """Somebody else's change."""
        known = dict(self.source["body"]["rules"]) if self.version >= 0 else {}
        self.version += 1
        self.source = {"body": {"rules": {**known, id: rule}}}


def ids(book: RuleBook) -> list[str]:
    return [rule.id for rule, _ in book.listed()]


def test_a_change_is_made_on_top_of_what_others_changed_meanwhile() -> None:
    cluster = OneDocument(meddle=2)
    book = RuleBook(cluster, FILTERS)
    book.put("mine", BLOCK)
    assert ids(book) == ["mine", "other-0", "other-1"]
    assert not book.look()


def test_when_others_never_stop_it_says_so() -> None:
    book = RuleBook(OneDocument(meddle=100), FILTERS)
    with pytest.raises(Unavailable, match="Try again"):
        book.put("mine", BLOCK)


def test_a_stored_rule_that_fits_no_more_is_left_out_and_the_others_hold() -> None:
    cluster = OneDocument()
    for id, rule in (("gone", {"action": "block", "filters": {"colour": "red"}}), ("odd", 5)):
        cluster.put(id, rule)
    cluster.put("good", BLOCK)
    book = RuleBook(cluster, FILTERS)
    assert book.look()
    assert ids(book) == ["good"]
    assert book.effects(memory_key("anything")).blocked == {"x"}


def test_what_stands_in_the_file_comes_before_what_is_stored() -> None:
    cluster = OneDocument()
    cluster.put("both", BLOCK)
    filed = rule_of("both", {"action": "block", "ids": ["y"]}, FILTERS)
    book = RuleBook(cluster, FILTERS, [filed])
    book.look()
    assert book.effects("").blocked == {"y"}
    with pytest.raises(InvalidRequest, match=r"rules\.toml"):
        book.put("both", BLOCK)
    with pytest.raises(InvalidRequest, match=r"rules\.toml"):
        book.delete("both")


def test_rules_are_bounded_in_number_and_in_length() -> None:
    cluster = OneDocument()
    cluster.version = 0
    cluster.source = {"body": {"rules": {f"r{at}": BLOCK for at in range(MOST_RULES)}}}
    book = RuleBook(cluster, FILTERS)
    with pytest.raises(InvalidRequest, match="already"):
        book.put("one-more", BLOCK)
    book.put("r1", {"action": "block", "ids": ["z"]})  # replacing is no more
    long = {"action": "block", "ids": [f"{at:0500}" for at in range(100)]}
    cluster.source = {"body": {"rules": {f"r{at}": long for at in range(9)}}}
    with pytest.raises(InvalidRequest, match="bytes"):
        book.put("tenth", long)


def test_what_is_not_there_cannot_be_deleted() -> None:
    with pytest.raises(NotFound):
        RuleBook(OneDocument(), FILTERS).delete("nothing")
