"""What ``/_ltrr/health`` and ``/_ltrr/ready`` tell."""

from __future__ import annotations

from bandit_service.api.schemas import Out


class Alive(Out):
    """The process answers. ``degraded``: what is not as it should be meanwhile, for people."""

    alive: bool
    degraded: list[str]


class Check(Out):
    """One dependency."""

    ok: bool
    took_ms: float
    message: str | None


class Readiness(Out):
    """Whether queries can be answered now."""

    ready: bool
    checks: dict[str, Check]
