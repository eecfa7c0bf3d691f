"""The routes for those who run a sidecar: health, readiness, strategies, policy, front."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import FixedSnapshots, Search, Served, World

from bandit_service.api.about_schemas import PolicyAnswer, StrategiesAnswer
from bandit_service.api.health_schemas import Readiness
from bandit_service.metrics import Metrics
from bandit_service.policies.contest import Contest, Entrant
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.rls import RlsValueModel
from bandit_service.policies.static import StaticPolicy
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration


def _fail() -> None:
    raise RuntimeError("secret host 10.0.0.1 refused")


def test_health_is_about_the_process_only(shared_world: World) -> None:
    away = Cluster("http://127.0.0.1:9", shared_world.cluster.namespace)
    answer = shared_world.client(cluster=away, checks={"node": _fail}).get("/_ltrr/health")
    assert answer.status_code == 200
    assert answer.json == {"alive": True, "degraded": []}


def test_ready_names_what_is_missing_without_saying_why_outside(
    shared_world: World, look: FlaskClient
) -> None:
    ready = look.get("/_ltrr/ready")
    assert ready.status_code == 200
    Readiness.model_validate(ready.json)
    checks = {**shared_world.services.checks, "encoder": _fail}
    answer = shared_world.client(checks=checks).get("/_ltrr/ready")
    assert answer.status_code == 503
    assert not answer.json["ready"]
    assert {name: check["ok"] for name, check in answer.json["checks"].items()} == {
        "node": True,
        "encoder": False,
    }
    assert "10.0.0.1" not in answer.text


def test_a_strategy_whose_model_is_missing_is_not_ready(shared_world: World) -> None:
    look = shared_world.client(can_bring={"sparse": lambda: False, "vector": lambda: True})
    rows = look.get("/_ltrr/strategies").json["strategies"]
    ready = {row["name"]: row["ready"] for row in rows}
    assert not ready["sparse"]
    assert ready["dense"]


def test_strategies_show_how_they_did_lately(
    world: World, client: FlaskClient, search: Search
) -> None:
    search("love")
    search("")
    world.cluster.request("DELETE", f"/_scripts/{world.cluster.name('fuzzy')}")
    answer = client.get("/_ltrr/strategies").json
    StrategiesAnswer.model_validate(answer)
    by_name = {row["name"]: row for row in answer["strategies"]}
    assert not by_name["fuzzy"]["ready"]
    assert by_name["lexical"]["ready"]
    assert by_name["lexical"]["queries"] == 1
    assert by_name["lexical"]["ran"] == 1.0
    assert by_name["lexical"]["cost_ms"] >= 0
    assert by_name["browse"]["queries"] == 1
    assert 0 < by_name["browse"]["share"] <= 1
    assert by_name["browse"]["needs"] == []


def test_policy_shows_its_version_and_history(shared_world: World, look: FlaskClient) -> None:
    answer = look.get("/_ltrr/policy").json
    PolicyAnswer.model_validate(answer)
    assert answer["version"] == "test"
    assert answer["history"][-1]["weights"] == {"lexical": 1.0}
    assert answer["contest"] is None
    none = shared_world.client(snapshots=FixedSnapshots(None)).get("/_ltrr/policy").json
    assert none["version"] == "uniform"
    assert none["contest"] is None


def test_policy_shows_where_a_challenger_stands(shared_world: World) -> None:
    def explorer() -> Explorer:
        return Explorer(RlsValueModel(), StaticPolicy({}, budget=200))

    policy = Contest(Entrant("rls", explorer), Entrant("explorer", explorer))
    for _ in range(3):
        policy.choose("explorer")
    client = shared_world.client(snapshots=FixedSnapshots(Served(policy)))
    answer = client.get("/_ltrr/policy").json
    PolicyAnswer.model_validate(answer)
    told = answer["contest"]
    assert (told["incumbent"], told["challenger"], told["stage"]) == ("rls", "explorer", "trial")
    assert told["pages"] == 3
    low, high = told["challenger_minus_incumbent"]
    assert -1 <= low < high <= 1


def test_the_front_is_a_page_for_browsers_and_opensearchs_banner_for_its_clients(
    look: FlaskClient,
) -> None:
    browser = look.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert browser.mimetype == "text/html"
    assert "Content-Security-Policy" in browser.headers
    browser.close()
    for accept in ("application/json", "*/*", ""):
        banner = look.get("/", headers={"Accept": accept})
        assert banner.json["version"]["distribution"] == "opensearch"


def test_an_unexpected_error_says_nothing_outside_and_everything_in_the_log(
    shared_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(FixedSnapshots):
        def history(self) -> Any:
            raise RuntimeError("the inside of things")

    answer = shared_world.client(snapshots=Broken(None)).get("/_ltrr/policy")
    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal"
    assert "inside" not in answer.text
    error_id = answer.json["error"]["message"].split()[-1].rstrip(".")
    assert error_id in caplog.text
    assert "the inside of things" in caplog.text


def test_the_access_log_holds_no_ids_of_people(
    look: FlaskClient, find: Search, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        query_id = find("love", session="session-of-ann", user="ann-the-user")["query_id"]
        look.get(f"/_ltrr/explain/{query_id}?session=session-of-ann")
    assert '"path":"/_ltrr/search","status":200' in caplog.text
    assert "session-of-ann" not in caplog.text
    assert "ann-the-user" not in caplog.text


def test_metrics_count_requests_by_their_route_and_hold_nothing_of_people(
    shared_world: World,
) -> None:
    look = shared_world.client(metrics=Metrics())
    asked = {"query": "love", "session": "some-session", "user": "some-user"}
    assert look.post("/_ltrr/search", json=asked).status_code == 200
    assert look.get("/_ltrr/no-such/some-path").status_code == 404
    answer = look.get("/_ltrr/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    lines = answer.text.splitlines()
    assert 'ltrr_requests_total{method="POST",route="/_ltrr/search",status="200"} 1.0' in lines
    assert 'ltrr_requests_total{method="GET",route="else",status="404"} 1.0' in lines
    assert 'ltrr_strategy_circuit{strategy="lexical"} 0.0' in lines
    assert any(line.startswith('ltrr_strategy_seconds_count{strategy="lexical"}') for line in lines)
    assert "some-" not in answer.text
