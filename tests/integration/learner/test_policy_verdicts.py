"""The gate between two policies, with its verdicts in the journal of a real node."""

from __future__ import annotations

from typing import Any

import pytest
from corner import Corner, new_policy

from bandit_service.collaborators import utc_now
from bandit_service.journal.controls import order
from bandit_service.journal.reader import Reader
from bandit_service.learner.fold import Rules
from bandit_service.learner.gating import PolicyGate
from bandit_service.learner.replaying import replay
from bandit_service.learner.run import Learner
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.policies.contest import Contest, Entrant
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.rls import RlsValueModel
from bandit_service.policies.static import StaticPolicy

pytestmark = pytest.mark.integration


def rls() -> Explorer:
    return Explorer(RlsValueModel(), StaticPolicy({}, budget=200))


def new_contest() -> Contest:
    return Contest(Entrant("explorer", new_policy), Entrant("rls", rls))


def learner(corner: Corner, holder: str) -> Learner:
    gate = PolicyGate(lambda one: order(corner.cluster, one, utc_now()), 0.1)
    return corner.learner(holder, policy=new_contest, gate=gate)


def visits(corner: Corner, name: str, count: int, whose: tuple[str, str]) -> None:
    for number in range(count):
        who = f"{name}{number}"
        corner.visit(who, f"session {who}", choose="b", shared=whose)
    corner.shipper.ship()


def served(corner: Corner) -> Contest:
    snapshot = SnapshotStore(corner.cluster).serve(new_contest)
    assert snapshot is not None
    assert isinstance(snapshot.policy, Contest)
    return snapshot.policy


def verdicts(corner: Corner) -> list[dict[str, Any]]:
    entries = [placed.entry for placed in Reader(corner.cluster).controls()]
    return [dict(one.body) for one in entries if one and one.body["name"] == "policy_verdict"]


def test_who_wins_serves_who_then_loses_goes_and_a_replay_is_the_same(corner: Corner) -> None:
    first = learner(corner, "one")
    visits(corner, "win", 60, ("explorer", "rls"))
    first.step()
    assert served(corner).stage == "trial"  # the verdict is an entry, to be learnt like any other
    first.step()
    assert served(corner).stage == "promoted"
    visits(corner, "lose", 40, ("rls", "explorer"))
    first.step()
    first.close()
    # Another learner goes on from the snapshot, and obeys what the first had ordered.
    second = learner(corner, "two")
    second.step()
    assert served(corner).stage == "dropped"
    assert [one["verdict"] for one in verdicts(corner)] == ["promoted", "rolled_back"]
    assert verdicts(corner)[0]["evidence"]["pages"] == 60
    second.step()
    assert len(verdicts(corner)) == 2
    second.close()
    replayed = replay(
        Reader(corner.cluster),
        SnapshotStore(corner.cluster),
        new_contest,
        Rules(),
        from_start=True,
        advance=lambda _: None,
    )
    assert replayed.identical
    assert replayed.entries == 302
