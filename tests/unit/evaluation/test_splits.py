"""Splits: what belongs together is never divided."""

from __future__ import annotations

import random
from pathlib import Path

import orjson
import pytest

from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.splits import Split, divide, groups, load_split
from plugin.errors import InvalidRequest
from plugin.understanding import normalise


def judged(id: str, text: str, *liked: str) -> Judged:
    return Judged(id, text, "all", dict.fromkeys(liked, 1))


def many(n: int, seed: int = 3) -> list[Judged]:
    dice = random.Random(seed)
    turns = [
        judged(f"said-c{at}_{turn}", f"words {at} {turn}", f"e{at}", f"e{dice.randrange(n)}")
        for at in range(n)
        for turn in range(3)
    ]
    typed = [judged(f"typed-{at}", f"typed {at % (n // 2)}", f"e{at}") for at in range(n)]
    return turns + typed


def test_turns_of_one_conversation_are_one_group() -> None:
    name = groups([judged("said-a_0", "one", "x"), judged("said-a_1", "two", "y")])
    assert name["said-a_0"] == name["said-a_1"]


def test_a_query_follows_the_conversation_that_liked_most_of_what_it_liked() -> None:
    name = groups(
        [
            judged("said-a_0", "one", "x"),
            judged("said-b_0", "two", "x", "y"),
            judged("typed", "three", "x", "y"),
        ]
    )
    assert name["typed"] == name["said-b_0"] != name["said-a_0"]


def test_equal_texts_tie_whatever_their_case() -> None:
    name = groups([judged("1", "Rammstein", "x"), judged("2", "rammstein ", "y")])
    assert name["1"] == name["2"]


def test_no_side_shares_a_conversation_or_a_text_with_another() -> None:
    split = divide(many(60))
    name = groups(many(60))
    sides = (split.train, split.development, split.test)
    assert all(sides)
    assert sum(map(len, sides)) == 240
    for one in sides:
        for other in sides:
            if one is not other:
                assert not {name[each.id] for each in one} & {name[each.id] for each in other}
                assert not {normalise(each.text) for each in one} & {
                    normalise(each.text) for each in other
                }


def test_the_order_of_a_file_does_not_change_the_split() -> None:
    queries = many(60)

    def sides(split: Split) -> list[set[str]]:
        return [{one.id for one in side} for side in (split.train, split.development, split.test)]

    assert sides(divide(queries)) == sides(divide(queries[::-1]))


def test_too_few_groups_are_refused_and_the_way_out_is_named() -> None:
    with pytest.raises(InvalidRequest, match=r"qrels/test\.tsv"):
        divide([judged("said-a_0", "one", "x"), judged("said-a_1", "two", "y")])


def test_a_test_file_of_its_own_is_the_test_and_its_texts_are_no_traffic(tmp_path: Path) -> None:
    queries = [{"_id": f"q{at}", "text": f"text {at}"} for at in range(40)]
    queries.append({"_id": "again", "text": "TEXT 39"})
    (tmp_path / "queries.jsonl").write_bytes(b"\n".join(map(orjson.dumps, queries)))
    (tmp_path / "qrels").mkdir()
    lines = [f"q{at}\te{at}\t1" for at in range(39)] + ["again\te1\t1"]
    (tmp_path / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(lines))
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq39\te39\t1\n")
    split = load_split(tmp_path)
    assert [one.id for one in split.test] == ["q39"]
    ids = {one.id for one in (*split.train, *split.development)}
    assert ids == {f"q{at}" for at in range(39)}
