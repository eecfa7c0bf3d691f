"""``GET /_ltrr/strategies`` and ``/_ltrr/policy``: what there is and how it does."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from flask_openapi3.openapi import OpenAPI

from bandit_service.api.about_schemas import PolicyAnswer, StrategiesAnswer
from bandit_service.api.errors import json_response
from bandit_service.collaborators import Services
from bandit_service.policies.base import Policy
from bandit_service.policies.contest import Contest
from bandit_service.recent import Recent
from plugin.errors import LtrrError


def register(app: OpenAPI, services: Services, recent: Recent) -> None:
    """Add the routes to ``app``."""

    @app.get(
        "/_ltrr/strategies",
        operation_id="strategies",
        summary="The strategies and how they did lately",
        responses={200: StrategiesAnswer},
    )
    def _strategies() -> Response:
        there = stored_templates(services)
        absent = {need for need, ready in services.can_bring.items() if not ready()}
        return json_response(
            {
                "strategies": [
                    {
                        "name": strategy.name,
                        "family": strategy.family,
                        "description": strategy.description,
                        "ready": services.cluster.name(strategy.name) in there
                        and not strategy.needs & absent,
                        "needs": sorted(strategy.needs),
                        "stage": strategy.stage,
                        "entity_types": list(strategy.entity_types),
                        "returns": strategy.returns,
                        "cost": strategy.cost,
                        **asdict(recent.figures(strategy.name)),
                    }
                    for strategy in services.strategies
                ]
            }
        )

    @app.get(
        "/_ltrr/policy",
        operation_id="policy",
        summary="The served snapshot and how the shares have moved",
        responses={200: PolicyAnswer},
    )
    def _policy() -> Response:
        snapshot = services.snapshots.current()
        return json_response(
            {
                "version": snapshot.version if snapshot else "uniform",
                "contest": _contest(snapshot.policy) if snapshot else None,
                "history": [dict(step) for step in services.snapshots.history()],
            }
        )


def _contest(policy: Policy) -> dict[str, Any] | None:
    if not isinstance(policy, Contest):
        return None
    incumbent, challenger = policy.names
    return {
        "incumbent": incumbent,
        "challenger": challenger,
        "stage": policy.stage,
        **policy.standing,
    }


def stored_templates(services: Services) -> frozenset[str]:
    """The names of the strategies' templates that are in the cluster; none while it is away."""
    names = (services.cluster.name(strategy.name) for strategy in services.strategies)
    try:
        state = services.cluster.request(
            "GET",
            "/_cluster/state/metadata",
            params={
                "filter_path": ",".join(f"metadata.stored_scripts.{name}.lang" for name in names)
            },
            timeout_s=services.budget_s,
        )
    except LtrrError:
        return frozenset()
    return frozenset(state.get("metadata", {}).get("stored_scripts", {}))
