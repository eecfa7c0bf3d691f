"""``ltrr ope`` on a real journal, and the credits that ``explain`` tells."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from commands import run_ltrr
from small_world import ADMIN, SECRET, FixedSnapshots, Served, World, searching

from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel

pytestmark = pytest.mark.integration
QUERIES = 60


def ope(world: World, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run_ltrr(world.cluster, folder, SECRET, "ope", *options)


def test_the_loggers_value_is_its_mean_reward_and_what_cannot_be_told_is_refused(
    world: World, tmp_path: Path
) -> None:
    nothing = ope(world, tmp_path)
    assert nothing.returncode == 1
    assert "search and choose first" in nothing.stderr

    policy = Explorer(VwValueModel(), StaticPolicy({}, budget=200))
    client = world.client(snapshots=FixedSnapshots(Served(policy)))
    search = searching(client)
    for number in range(QUERIES):
        page = search("love", session=f"s{number}")
        if number % 3 == 0:
            event = {"query_id": page["query_id"], "object_id": page["hits"][0]["id"]}
            client.post("/_ltrr/feedback", json={**event, "action": "click"})
    search("love", learn=False)
    assert world.journal.shipper.flush(20)

    done = ope(
        world, tmp_path, "--policy", "logger", "--policy", "static", "--reward", "choice", "--json"
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["queries"] == told["sessions"] == QUERIES
    assert told["left_out"] == {"not to be learnt from": 1}
    assert told["logged"] == pytest.approx(1 / 3)
    # Sixty queries are too few for any interval, even of what was served.
    own = told["policies"]["logger"]["ips"]
    assert own["effective"] == pytest.approx(QUERIES)
    assert "of 60 queries speak for it" in own["refused"]
    assert "refused" in ope(world, tmp_path, "--policy", "uniform").stdout


def test_explain_tells_what_each_strategy_earned(world: World) -> None:
    client = world.client()
    page = searching(client)("love", session="me")
    asked = {"session": "me"}
    before = client.get(f"/_ltrr/explain/{page['query_id']}", query_string=asked).json
    assert set(before["credit"].values()) == {0.0}
    (first, *_) = page["hits"]
    event = {"query_id": page["query_id"], "object_id": first["id"], "action": "like"}
    assert client.post("/_ltrr/feedback", json=event).status_code == 202
    after = client.get(
        f"/_ltrr/explain/{page['query_id']}", headers={"Authorization": f"Bearer {ADMIN}"}
    ).json
    brought = {one["strategy"] for one in first["provenance"]}
    assert {name for name, credit in after["credit"].items() if credit > 0} == brought
    assert sum(after["credit"].values()) == pytest.approx(0.9)
    assert set(after["credit"]) <= {one["strategy"] for one in after["decision"]["body"]["choices"]}
