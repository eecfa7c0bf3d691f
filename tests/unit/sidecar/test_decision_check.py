"""A decision that cannot be carried out is not: the fallback answers instead."""

from __future__ import annotations

import math

import pytest

from bandit_service.choosing import check
from bandit_service.showing import slack
from plugin.errors import InvalidRequest
from plugin.model import Choice, Decision


def decided(*choices: Choice) -> Decision:
    return Decision(choices, "learned", 1.0, "v")


def choice(strategy: str = "lexical", included: bool = True, candidates: int = 10) -> Choice:
    return Choice(strategy, 0.5, 1.0, included, candidates, 1.0)


def test_a_decision_over_what_is_eligible_passes() -> None:
    check(decided(choice(), choice("dense", included=False)), {"lexical": {}, "dense": {}})


@pytest.mark.parametrize(
    "decision",
    [
        decided(),
        decided(choice(included=False)),
        decided(choice("gone")),
        decided(choice(candidates=0)),
        decided(Choice("lexical", 0.5, 1.0, True, 10, math.nan)),
        decided(Choice("lexical", 0.5, 1.0, True, 10, -1.0)),
    ],
)
def test_a_decision_that_cannot_be_carried_out_is_refused(decision: Decision) -> None:
    with pytest.raises(InvalidRequest):
        check(decision, {"lexical": {}})


def test_more_than_a_page_is_read_so_that_what_is_rearranged_or_gone_leaves_no_hole() -> None:
    assert slack(1) == slack(10) == 20
    assert slack(10, far=True) == 40
    assert slack(100) == slack(100, far=True) == 50
