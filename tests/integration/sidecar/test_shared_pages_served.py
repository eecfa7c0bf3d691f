"""Pages that two policies share, as a real node answers them and the journal tells of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from small_world import ASSETS, FixedSnapshots, Served, World, searching

from bandit_service.evaluation.off_policy.logged import collect
from bandit_service.journal.entries import Entry
from bandit_service.journal.reader import Reader
from bandit_service.learner.credit import Grades
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.state import State
from bandit_service.policies.contest import Contest
from ltrr.cli import cli
from ltrr.settings import Settings
from ltrr.wiring import policy_maker
from plugin.errors import InvalidRequest
from plugin.strategies import load_strategies

pytestmark = pytest.mark.integration
QUERIES = 60
# Whose page it is must not depend on chance: all but the arms that learn are shared in halves.
SETTINGS = replace(Settings(), assets=ASSETS, challenger="rls", holdout=0.0, everything=0.0)


def asked(world: World, **body: Any) -> list[dict[str, Entry]]:
    """What the journal tells of as many searches: decision and page."""
    contest = policy_maker(SETTINGS, load_strategies(ASSETS))()
    assert isinstance(contest, Contest)
    search = searching(world.client(snapshots=FixedSnapshots(Served(contest))))
    ids = [search("love", session=f"s{at}", **body)["query_id"] for at in range(QUERIES)]
    assert world.journal.shipper.flush(20)
    told: dict[str, dict[str, Entry]] = {id: {} for id in ids}
    for entry in Reader(world.cluster).entries():
        told[str(entry.query_id)][entry.kind] = entry
    return list(told.values())


def test_a_shared_page_says_what_both_ran_and_whose_each_hit_is(world: World) -> None:
    told = asked(world)
    shared = [one for one in told if one["decision"].body["arm"] == "challenge"]
    assert QUERIES / 4 < len(shared) < 3 * QUERIES / 4
    for one in shared:
        decision, page = one["decision"].body, one["page"].body
        assert list(decision["rivals"]) == ["explorer", "rls"]
        ran = {name for rival in decision["rivals"].values() for name in rival["ran"]}
        assert ran == {choice["strategy"] for choice in decision["choices"] if choice["included"]}
        assert len(page["ranking"]["policies"]) == len(page["shown"])
        assert set(page["ranking"]["policies"]) <= {"explorer", "rls", "both"}
        assert "teams" not in page["ranking"]
    for one in told:
        if one not in shared:
            assert "rivals" not in one["decision"].body
            assert "policies" not in one["page"].body["ranking"]


def test_what_is_not_to_be_learnt_from_compares_nothing(world: World) -> None:
    told = asked(world, learn=False)
    assert {one["decision"].body["arm"] for one in told} == {"learned"}
    assert {len(one["decision"].body["arms"]) for one in told} == {1}


def test_off_policy_the_logged_arms_are_the_mixture_that_ran(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(world)
    (first, *_) = log = collect(Reader(world.cluster).entries(), Grades()).examples
    assert len(log) == QUERIES
    assert [arm.arm for arm in first.arms] == ["learned", "challenge"]
    assert sum(arm.probability for arm in first.arms) == pytest.approx(1)
    contest = policy_maker(SETTINGS, load_strategies(ASSETS))()
    for one in log:
        assert one.arms == contest.arms(one.context, one.strategies)

    SnapshotStore(world.cluster).publish(State(contest), None, 1)
    for name, value in (
        ("LTRR_ENGINE", "url"),
        ("OPENSEARCH_URL", world.cluster.url),
        ("LTRR_NAMESPACE", world.cluster.namespace),
        ("LTRR_CHALLENGER", "rls"),
    ):
        monkeypatch.setenv(name, value)
    told = json.loads(CliRunner().invoke(cli, ["ope", "--json"]).stdout)["policies"]
    assert list(told) == ["logger", "learnt", "static", "uniform", "challenger"]
    assert told["logger"]["ips"]["mean_weight"] == pytest.approx(1)
    monkeypatch.delenv("LTRR_CHALLENGER")
    refused = CliRunner().invoke(cli, ["ope", "--policy", "challenger"]).exception
    assert isinstance(refused, InvalidRequest)
    assert "LTRR_CHALLENGER" in refused.message
