"""Every policy can be chosen by one setting, and a change of policy begins to learn anew."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from bandit_service.learner.state import State, dump_state, load_state
from bandit_service.policies.contest import Contest
from bandit_service.policies.explorer import Explorer
from ltrr.settings import PolicyName, Settings
from ltrr.wiring import policy_maker
from plugin.assets.problems import InvalidAssets
from plugin.errors import InvalidRequest
from plugin.strategies import load_strategies

ASSETS = Path(__file__).parents[3] / "opensearch"
STRATEGIES = load_strategies(ASSETS)[:5]
ELIGIBLE = {one.name: {f"family={one.family}": 1.0} for one in STRATEGIES}


def chosen(tmp_path: Path, **settings: object) -> Settings:
    names = [one.name for one in STRATEGIES]
    tables = {"tuned": names[:4], "pair": names[:2], "triple": names[:3]}
    (tmp_path / "baseline.toml").write_text(
        "".join(
            f"[{table}]\n" + "".join(f"{name} = 1\n" for name in some)
            for table, some in tables.items()
        )
    )
    return replace(Settings.from_env({}), assets=tmp_path, **settings)


@pytest.mark.parametrize("name", get_args(PolicyName))
def test_every_policy_that_can_be_named_decides_and_learns(name: str, tmp_path: Path) -> None:
    policy = policy_maker(chosen(tmp_path, policy=name), STRATEGIES)()
    policy.learn({}, ELIGIBLE, {STRATEGIES[0].name: 0.5})
    decision = policy.decide({}, ELIGIBLE, random.Random(1))
    included = len(decision.included)
    assert included == {"pair": 2, "triple": 3, "tuned": 4, "uniform": 5}.get(name, included)
    assert included >= 1


def test_another_policy_begins_anew_and_the_rest_of_the_state_stays(tmp_path: Path) -> None:
    before = State(policy_maker(chosen(tmp_path), STRATEGIES)(), now=7)
    before.policy.learn({}, ELIGIBLE, {STRATEGIES[0].name: 0.5})
    data = dump_state(before)
    for name in ("rls", "softmax", "static"):
        make = policy_maker(chosen(tmp_path, policy=name), STRATEGIES)
        after = load_state(data, make)
        assert after.now == 7
        assert after.policy.dump() == make().dump()
    assert dump_state(load_state(data, policy_maker(chosen(tmp_path), STRATEGIES))) == data


def test_the_dial_and_the_mode_reach_the_policy(tmp_path: Path) -> None:
    cheap = policy_maker(chosen(tmp_path, quality=0.0), STRATEGIES)()
    assert sum(c.candidates for c in cheap.decide({}, ELIGIBLE, random.Random(1)).choices) == 60
    apprentice = policy_maker(chosen(tmp_path, mode="apprentice"), STRATEGIES)()
    assert {arm.arm for arm in apprentice.arms({}, ELIGIBLE)} == {"holdout", "apprentice"}


def test_a_challenger_shares_pages_and_without_one_nothing_is_wrapped(tmp_path: Path) -> None:
    alone = policy_maker(chosen(tmp_path), STRATEGIES)()
    assert isinstance(alone, Explorer)
    contest = policy_maker(chosen(tmp_path, challenger="rls"), STRATEGIES)()
    assert isinstance(contest, Contest)
    assert contest.names == ("explorer", "rls")
    assert contest.members[0].dump() == alone.dump()
    assert {arm.arm for arm in contest.arms({}, ELIGIBLE)} == {
        *(arm.arm for arm in alone.arms({}, ELIGIBLE)),
        "challenge",
    }


def test_what_a_policy_has_learnt_outlives_its_challengers(tmp_path: Path) -> None:
    before = State(policy_maker(chosen(tmp_path), STRATEGIES)(), now=7)
    before.policy.learn({}, ELIGIBLE, {STRATEGIES[0].name: 0.5})
    data = dump_state(before)
    for challenger in ("rls", "thompson"):
        state = load_state(data, policy_maker(chosen(tmp_path, challenger=challenger), STRATEGIES))
        assert isinstance(state.policy, Contest)
        assert state.policy.members[0].dump() == before.policy.dump()
        data = dump_state(state)
    assert dump_state(load_state(data, policy_maker(chosen(tmp_path), STRATEGIES))) == (
        dump_state(before)
    )


def test_what_cannot_be_chosen_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="LTRR_POLICY"):
        Settings.from_env({"LTRR_POLICY": "best"})
    with pytest.raises(InvalidRequest, match="an LTRR_POLICY that learns"):
        Settings.from_env({"LTRR_POLICY": "static", "LTRR_CHALLENGER": "rls"})
    with pytest.raises(InvalidRequest, match="LTRR_QUALITY"):
        Settings.from_env({"LTRR_QUALITY": "2"})
    with pytest.raises(InvalidAssets, match="pair"):
        policy_maker(replace(Settings.from_env({}), policy="pair"), STRATEGIES)
