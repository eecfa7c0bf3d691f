"""``ltrr rollback`` and ``ltrr replay`` on a real node."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result
from corner import Corner

from bandit_service.journal.controls import fitted_model, order, promote
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.run import Learner
from bandit_service.learner.snapshot import SnapshotStore
from ltrr.cli import cli
from ltrr.settings import Settings
from ltrr.wiring import learner_rules, make_snapshots, policy_maker
from plugin.errors import LtrrError
from plugin.strategies import load_strategies

pytestmark = pytest.mark.integration
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
Ltrr = Callable[..., Result]


@pytest.fixture
def ltrr(corner: Corner, monkeypatch: pytest.MonkeyPatch) -> Ltrr:
    """The command line, over the corner."""
    monkeypatch.setenv("LTRR_ENGINE", "url")
    monkeypatch.setenv("OPENSEARCH_URL", corner.cluster.url)
    monkeypatch.setenv("LTRR_NAMESPACE", corner.cluster.namespace)
    return lambda *words: CliRunner().invoke(cli, words)


@pytest.fixture
def learner(corner: Corner, ltrr: Ltrr) -> Learner:
    """One with the settings of the command line, that publishes whatever it learns."""
    settings = Settings.from_env()
    strategies = load_strategies(settings.assets)
    return corner.learner(
        "one", policy=policy_maker(settings, strategies), rules=learner_rules(settings, strategies)
    )


def visits(corner: Corner, learner: Learner, name: str, count: int, choose: str) -> str:
    for number in range(count):
        corner.visit(f"{name}{number}", f"session {name}{number}", choose=choose)
    corner.shipper.ship()
    learner.step()
    assert learner.version is not None
    return learner.version


def answered(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    parsed: dict[str, Any] = json.loads(result.stdout)
    return parsed


def test_it_goes_back_to_a_kept_snapshot_and_a_replay_does_so_too(
    corner: Corner, learner: Learner, ltrr: Ltrr
) -> None:
    good = visits(corner, learner, "good", 3, "b")
    settings = Settings.from_env()
    snapshots = make_snapshots(settings, corner.cluster)
    new_policy = policy_maker(settings, load_strategies(settings.assets))
    before = snapshots.serve(new_policy)
    model = Artefacts(corner.cluster).put(b"a ranker")
    order(corner.cluster, fitted_model("ranker", model, trained_to=(1, 8)), NOON)
    order(corner.cluster, promote("ranker", model), NOON)
    bad = visits(corner, learner, "bad", 5, "a")
    listed = answered(ltrr("rollback", "--list", "--json"))["snapshots"]
    assert [one["version"] for one in listed][:2] == [bad, good]
    assert good in ltrr("rollback", "--list").stdout

    assert answered(ltrr("rollback", "--json"))["to"] == good
    learner.step()
    after = snapshots.serve(new_policy)
    assert before is not None
    assert after is not None
    assert after.policy.dump() == before.policy.dump()
    assert after.models == {}
    assert after.counts["choice"] == 8  # what is known stays
    assert after.counts["rolled_back"] == 1

    visits(corner, learner, "more", 2, "b")
    for words in (("replay", "--json"), ("replay", "--from-start", "--json")):
        replayed = answered(ltrr(*words))
        assert replayed["identical"]
        assert replayed["live"] == replayed["replayed"]
    assert replayed["entries"] == 33
    assert "They are the same." in ltrr("replay").stdout
    learner.close()


def test_what_there_is_not_is_refused_by_name(
    corner: Corner, learner: Learner, ltrr: Ltrr, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no snapshot yet" in ltrr("rollback", "--list").stdout
    refused(ltrr("replay"), "no snapshot to compare with")
    refused(ltrr("rollback"), "no earlier snapshot")
    version = visits(corner, learner, "q", 1, "b")
    refused(ltrr("rollback", "--to", "g9-9"), f"there are: {version}")
    refused(ltrr("rollback"), "no earlier snapshot")
    monkeypatch.setenv("LTRR_POLICY", "static")
    refused(ltrr("rollback", "--to", version), "another policy")
    learner.close()


def test_a_replay_that_differs_says_so_and_fails(
    corner: Corner, learner: Learner, ltrr: Ltrr
) -> None:
    visits(corner, learner, "q", 2, "b")
    store = SnapshotStore(corner.cluster)
    settings = Settings.from_env()
    state, head = store.load(policy_maker(settings, load_strategies(settings.assets)))
    state.counts["choice"] += 1  # as if something had counted twice
    store.publish(state, head, 1)
    result = ltrr("replay", "--from-start", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["identical"] is False
    corner.cluster.request("DELETE", f"/{corner.cluster.name('journal')}-000001")
    refused(ltrr("replay", "--from-start"), "entries that were learnt are gone")
    learner.close()


def refused(result: Result, why: str) -> None:
    assert isinstance(result.exception, LtrrError), result.output
    assert why in result.exception.message
