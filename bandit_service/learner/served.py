"""What sidecars read of a snapshot, as bytes that can tell whether they still mean the same.

Beside what is served stands a **canary**: the last query that was learnt from, as numbers, with the
value that the policy gave each strategy. Whoever loads it asks again, and refuses other answers.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import orjson

from bandit_service.journal.reader import Position
from bandit_service.learner.models import Fitted
from bandit_service.learner.state import State, filled
from bandit_service.policies.base import Eligible, Features, Policy
from bandit_service.policies.sealed import seal, unseal
from plugin.errors import BrokenState, InvalidRequest

KIND = "served"
_TOLERANCE = 1e-3
"""Values are 0..1; libraries of numbers differ a little from machine to machine."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a sidecar serves. ``history``: see :class:`bandit_service.learner.shares.Shares`.

    ``models``: the promoted ones by name; their bytes are artefacts. ``replaced``: another policy
    was chosen since, so this one begins anew.
    """

    version: str
    policy: Policy
    position: Position
    counts: Mapping[str, int]
    history: tuple[Mapping[str, Any], ...]
    models: Mapping[str, Fitted] = field(default_factory=dict)
    replaced: bool = False


def dump_served(state: State, policy: bytes) -> bytes:
    """What sidecars need of ``state``; ``policy`` is the dump of its policy."""
    return seal(
        KIND,
        orjson.dumps(
            {
                "version": state.version,
                "position": [state.position.generation, state.position.seq_no],
                "policy": base64.b64encode(policy).decode(),
                "canary": _canary(state),
                "counts": state.counts,
                "history": state.shares.history(),
                "models": [one.to_json() for one in state.models.served.values()],
            }
        ),
    )


def load_served(data: bytes, new_policy: Callable[[], Policy]) -> Served:
    """What :func:`dump_served` gave.

    Raises:
        BrokenState: it is damaged, or its policy answers otherwise than when it was written.
    """
    try:
        parsed = orjson.loads(unseal(KIND, data))
        generation, seq_no = parsed["position"]
        policy, same = filled(new_policy, base64.b64decode(parsed["policy"], validate=True))
        if same and parsed["canary"] is not None:
            _ask(policy, **parsed["canary"])
        return Served(
            version=str(parsed["version"]),
            policy=policy,
            position=Position(int(generation), int(seq_no)),
            counts=dict(parsed["counts"]),
            history=tuple(parsed["history"]),
            models={one.model: one for one in map(Fitted.from_json, parsed["models"])},
            replaced=not same,
        )
    except (KeyError, TypeError, ValueError, InvalidRequest, binascii.Error) as error:
        raise BrokenState(f"what a snapshot serves cannot be read ({error!r}).") from error


@runtime_checkable
class _Valuing(Protocol):
    """A policy that values strategies by what it learnt; static ones have nothing to check."""

    def values(self, context: Features, eligible: Eligible) -> dict[str, float]: ...


def _canary(state: State) -> dict[str, Any] | None:
    if state.example is None or not isinstance(state.policy, _Valuing):
        return None
    context, eligible = state.example
    values = state.policy.values(context, eligible)
    return {"context": context, "eligible": eligible, "values": values}


def _ask(policy: Policy, context: Features, eligible: Eligible, values: Features) -> None:
    if not isinstance(policy, _Valuing):
        return
    now = policy.values(context, eligible)
    for name, value in values.items():
        if not math.isclose(now[name], value, abs_tol=_TOLERANCE):
            raise BrokenState(
                f"the policy of a snapshot values {name!r} at {now[name]:.4f}, but at {value:.4f} "
                "when it was written. Use the last good snapshot."
            )
