"""Whether a cluster lets as many templates be compiled, and kept, as there are strategies.

A node compiles a stored template when it is first used, and again when it has fallen out of the
node's cache. OpenSearch keeps 100 and compiles 75 in five minutes unless told otherwise; beyond
that it refuses searches. Clusters that are not ours keep their settings: they are only told of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugin.cluster import Cluster

_GENERAL_RATE = "script.max_compilations_rate"
_GENERAL_CACHE = "script.cache.max_size"
_RATE = "script.context.template.max_compilations_rate"
_CACHE = "script.context.template.cache_max_size"
_UNLIMITED = "script.disable_max_compilations_rate"


@dataclass(frozen=True, slots=True)
class Limits:
    """``rate`` compilations in each ``minutes`` (None: any number), ``kept`` compiled templates."""

    rate: int | None
    minutes: float
    kept: int
    rate_setting: str = _RATE
    kept_setting: str = _CACHE


def limits(cluster: Cluster) -> Limits | None:
    """What the cluster allows for search templates; None where it does not tell."""
    answer = cluster.get("/_cluster/settings", include_defaults="true", flat_settings="true")
    return limits_of(answer)


def limits_of(answer: Mapping[str, Any]) -> Limits | None:
    """The limits in an answer of ``/_cluster/settings`` with flat settings and defaults."""
    said: dict[str, Any] = {}
    for layer in ("defaults", "persistent", "transient"):  # the later ones win
        said |= answer.get(layer) or {}
    by_context = said.get(_GENERAL_RATE, "use-context") == "use-context"
    rate_setting = _RATE if by_context else _GENERAL_RATE
    kept_setting = _CACHE if by_context else _GENERAL_CACHE
    if rate_setting not in said or kept_setting not in said:
        return None
    rate = str(said[rate_setting])
    if rate == "unlimited" or str(said.get(_UNLIMITED)) == "true":
        return Limits(None, 1, int(said[kept_setting]), rate_setting, kept_setting)
    number, _, period = rate.partition("/")
    minutes = _minutes(period)
    if not number.isdecimal() or minutes is None:
        return None
    return Limits(int(number), minutes, int(said[kept_setting]), rate_setting, kept_setting)


def shortage(found: Limits, templates: int) -> str | None:
    """Why so many templates do not fit, and what to set; None when they do."""
    settings = {}
    if found.rate is not None and found.rate < templates:
        settings[found.rate_setting] = f"{2 * templates}/{found.minutes:g}m"
    if found.kept < templates:
        settings[found.kept_setting] = str(2 * templates)
    if not settings:
        return None
    wanted = ", ".join(f"{name}: {value}" for name, value in settings.items())
    return (
        f"the cluster keeps {found.kept} compiled templates and {_told(found)}, but there are "
        f"{templates}: searches fail while it refuses to compile one. Its administrator can set "
        f"{wanted}"
    )


def _told(found: Limits) -> str:
    if found.rate is None:
        return "compiles any number"
    return f"compiles {found.rate} in {found.minutes:g} minutes"


def _minutes(period: str) -> float | None:
    """OpenSearch's time values, as far as a rate uses them: ``5m``, ``90s``, ``1h``."""
    units = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 1440.0}
    number, unit = period[:-1], period[-1:]
    return int(number) * units[unit] if number.isdecimal() and unit in units else None
