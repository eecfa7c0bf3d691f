"""What worlds of simulated sessions are made of, as the settings say: production's own parts."""

from __future__ import annotations

from bandit_service.evaluation.loop.world import Parts
from ltrr.settings import Settings
from ltrr.training import ranking_schedule
from ltrr.wiring import BLENDERS, learner_rules, page_settings, policy_maker
from plugin.assets.schema import load_schema
from plugin.strategies import load_strategies


def parts_of(settings: Settings) -> Parts:
    """The parts that a sidecar with these settings would have."""
    strategies = load_strategies(settings.assets)
    return Parts(
        strategies=strategies,
        schema=load_schema(settings.assets),
        page=page_settings(settings),
        blender=BLENDERS[settings.blender](),
        new_policy=policy_maker(settings, strategies),
        rules=learner_rules(settings, strategies),
        sessions=settings.memory_sessions,
        candidates=settings.candidates,
        ranking=ranking_schedule(settings),
    )
