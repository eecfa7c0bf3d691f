"""The OpenAPI document is complete enough to generate a client from."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from test_history import FakeJournal

from bandit_service.app import create_app
from bandit_service.collaborators import Services
from plugin.assets.schema import Schema
from plugin.blending.rrf import ReciprocalRank
from plugin.cluster import Cluster
from plugin.filters import Filters


class Nothing:
    """No snapshots, no evidence."""

    def current(self) -> None:
        return None

    def history(self) -> Sequence[Mapping[str, Any]]:
        return ()

    def recall(self, session: str, key: str) -> Mapping[str, float]:
        return {}

    def record(self, session: str, key: str, event: Mapping[str, Any]) -> None:
        raise AssertionError


@pytest.fixture(scope="module")
def document() -> Any:
    services = Services(
        cluster=Cluster("http://127.0.0.1:9", "t"),
        schema=Schema("type", "name", ("name",), "vector", "q2e", "predicted_queries"),
        strategies=(),
        filters=Filters({}, "type"),
        encoder=None,
        featurise=lambda query: {},
        snapshots=Nothing(),
        blender=ReciprocalRank(),
        journal=FakeJournal(),
        evidence=Nothing(),
        secret=str(random.random()),
    )
    answer = create_app(services).test_client().get("/_ltrr/openapi.json")
    assert answer.status_code == 200
    return answer.json


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_of_ours_is_in_it_with_a_name(document: Any) -> None:
    named = {
        (method, path): operation["operationId"] for path, method, operation in operations(document)
    }
    assert named == {
        ("post", "/_ltrr/search"): "search",
        ("post", "/_ltrr/feedback"): "feedback",
        ("post", "/_ltrr/rank"): "rank",
        ("post", "/_ltrr/reward"): "reward",
        ("get", "/_ltrr/explain/{query_id}"): "explain",
        ("get", "/_ltrr/strategies"): "strategies",
        ("get", "/_ltrr/policy"): "policy",
        ("get", "/_ltrr/suggest"): "suggest",
        ("post", "/_ltrr/suggest"): "suggest_within",
        ("get", "/_ltrr/rules"): "rules",
        ("get", "/_ltrr/rules/{rule_id}"): "rule",
        ("put", "/_ltrr/rules/{rule_id}"): "put_rule",
        ("delete", "/_ltrr/rules/{rule_id}"): "delete_rule",
        ("get", "/_ltrr/health"): "health",
        ("get", "/_ltrr/ready"): "ready",
    }


def test_every_answer_has_a_model_and_every_error_the_one_error_model(document: Any) -> None:
    for path, _, operation in operations(document):
        assert operation["responses"]
        for status, response in operation["responses"].items():
            reference = response["content"]["application/json"]["schema"]["$ref"]
            is_error = int(status) >= 400 and (path, status) != ("/_ltrr/ready", "503")
            assert reference.endswith("/ErrorAnswer") is is_error, (path, status)


def test_every_reference_leads_somewhere(document: Any) -> None:
    text = orjson.dumps(document).decode()
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= set(document["components"]["schemas"])
    assert "#/$defs/" not in text


def test_requests_have_their_models_and_forbid_other_fields(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["SearchRequest"]["additionalProperties"] is False
    assert set(schemas["SearchRequest"]["properties"]) == {
        "query",
        "user",
        "session",
        "client",
        "locale",
        "device",
        "filters",
        "types",
        "from",
        "size",
        "query_id",
        "learn",
        "layout",
        "collapse",
        "diversity",
        "facets",
        "highlight",
        "explain",
    }
    assert schemas["Event"]["additionalProperties"] is False
    assert set(schemas["Event"]["required"]) == {"query_id", "object_id", "action"}
    feedback = document["paths"]["/_ltrr/feedback"]["post"]["requestBody"]["content"]
    assert "application/json" in feedback


def test_one_event_or_a_list_can_be_sent(document: Any) -> None:
    kinds = document["components"]["schemas"]["FeedbackRequest"]["anyOf"]
    assert {kind.get("type", "object") for kind in kinds} == {"object", "array"}


def test_no_path_of_this_machine_is_in_it(document: Any) -> None:
    assert str(Path(__file__).parents[3]) not in orjson.dumps(document).decode()
