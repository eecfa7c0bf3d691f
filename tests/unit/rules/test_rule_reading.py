"""A rule that cannot work is refused with a reason, from the file as from a request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from plugin.assets.problems import Problem
from plugin.assets.rules import load_rules, read_rules, rule_of
from plugin.errors import InvalidRequest
from plugin.filters import Filters

FILTERS = Filters({"type": "keyword", "language": "keyword"}, "type").clauses


@pytest.mark.parametrize(
    ("id", "given", "said"),
    [
        ("a b", {"action": "pin", "ids": ["x"]}, "no id of a rule"),
        ("", {"action": "pin", "ids": ["x"]}, "no id of a rule"),
        ("a", {}, "action must be"),
        ("a", {"action": "hide", "ids": ["x"]}, "action must be"),
        ("a", {"action": ["pin"], "ids": ["x"]}, "action must be"),
        ("a", {"action": "pin", "id": ["x"]}, "did you mean 'ids'"),
        ("a", {"action": "pin"}, "needs ids"),
        ("a", {"action": "pin", "ids": ["x"], "filters": {"type": "song"}}, "takes no filters"),
        ("a", {"action": "block"}, "either ids or filters"),
        ("a", {"action": "block", "ids": ["x"], "filters": {"type": "s"}}, "either ids or filters"),
        ("a", {"action": "block", "ids": "x"}, "ids must be a list"),
        ("a", {"action": "block", "ids": [""]}, "ids must be a list"),
        ("a", {"action": "block", "ids": ["x"] * 101}, "at most 100"),
        ("a", {"action": "block", "filters": {"langage": "en"}}, "Did you mean: language"),
        ("a", {"action": "boost", "ids": ["x"]}, "needs a factor"),
        ("a", {"action": "boost", "ids": ["x"], "factor": 0}, "from 0.01 to 100"),
        ("a", {"action": "boost", "ids": ["x"], "factor": True}, "from 0.01 to 100"),
        ("a", {"action": "boost", "ids": ["x"], "factor": float("nan")}, "from 0.01 to 100"),
        ("a", {"action": "pin", "ids": ["x"], "position": 0}, "from 1 to 100"),
        ("a", {"action": "pin", "ids": ["x"], "position": 1.5}, "whole number"),
        ("a", {"action": "pin", "ids": ["x"], "factor": 2}, "factor is for a boost"),
        ("a", {"action": "block", "ids": ["x"], "query": "!!"}, "no word in it"),
        ("a", {"action": "block", "ids": ["x"], "note": 5}, "note must be a text"),
    ],
)
def test_what_is_wrong_is_said(id: str, given: Mapping[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        rule_of(id, given, FILTERS)


def test_a_rule_told_and_read_again_is_the_same() -> None:
    for given in (
        {"action": "pin", "query": "Summer!", "ids": ["a", "b"], "position": 2, "note": "why"},
        {"action": "boost", "filters": {"language": ["en", "es"]}, "factor": 1.5},
        {"action": "block", "ids": ["a"]},
    ):
        rule = rule_of("r", given, FILTERS)
        assert rule.told() == given
        assert rule_of("r", rule.told(), FILTERS) == rule


def test_a_file_with_several_mistakes_names_all(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(
        '[rules.one]\naction = "hide"\n[rules.two]\naction = "pin"\n'
        '[rules.good]\naction = "block"\nids = ["x"]\n'
    )
    problems: list[Problem] = []
    assert [rule.id for rule in read_rules(tmp_path, FILTERS, problems)] == ["good"]
    assert [problem.place for problem in problems] == ["rules.one", "rules.two"]


def test_without_a_file_there_are_no_rules(tmp_path: Path) -> None:
    assert load_rules(tmp_path, FILTERS) == ()
