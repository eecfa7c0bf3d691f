"""What the fold does at the orders of :mod:`bandit_service.journal.controls`.

A roll-back restores what decides (policy, served models), never what is known (memory, users,
trends): those hold evidence that is still true, and must not bring back who was forgotten. The
position goes on; what follows the order teaches the restored policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bandit_service.journal.entries import Entry
from bandit_service.journal.reader import Position
from bandit_service.learner.models import Fitted
from bandit_service.learner.state import State
from bandit_service.policies.contest import Contest
from plugin.errors import BrokenState, InvalidRequest

POLICY = "policy"
"""Under what an artefact is remembered that holds a dump of the policy."""


def wanted(entry: Entry) -> str | None:
    """The artefact without which this entry cannot be folded, or None."""
    body = entry.body
    if entry.kind != "control" or not isinstance(body, Mapping) or body.get("name") != "roll_back":
        return None
    policy = body.get("policy")
    return policy if isinstance(policy, str) else None


def obey(
    state: State, position: Position, body: Mapping[str, Any], artefact: bytes | None
) -> str | None:
    """Change ``state`` as ordered; returns under what to count it, None for an order of others.

    ``artefact``: the bytes that :func:`wanted` asked for, None where they are gone.

    Raises:
        InvalidRequest, BrokenState, KeyError, TypeError, ValueError: it cannot be carried out, and
            nothing was changed.
    """
    name = body.get("name")
    if name == "fitted_model":
        state.models.fit(str(body["model"]), str(body["sha256"]), position)
        return "fitted"
    if name == "promote":
        state.models.serve(str(body["model"]), str(body["sha256"]))
        return "promoted"
    if name == "roll_back":
        _roll_back(state, position, body, artefact)
        return "rolled_back"
    if name == "policy_verdict":
        if not isinstance(state.policy, Contest):
            raise InvalidRequest("there is no challenger (LTRR_CHALLENGER)")
        verdict = body["verdict"]
        state.policy.obey(verdict, str(body["challenger"]), str(body["incumbent"]))
        return f"policy_{verdict}"
    return None


def _roll_back(
    state: State, position: Position, body: Mapping[str, Any], artefact: bytes | None
) -> None:
    before = dict(state.models.served)
    try:
        for model, sha256 in body["models"].items():
            state.models.serve(str(model), None if sha256 is None else str(sha256))
        if body["policy"] is not None:
            if artefact is None:
                raise InvalidRequest("the policy to go back to is not there any more")
            state.policy.load(artefact)
            state.models.name(Fitted(POLICY, str(body["policy"]), position))
    except (InvalidRequest, BrokenState, KeyError, TypeError, ValueError, AttributeError):
        state.models.served = before
        raise


Artefact = Callable[[str], bytes | None]
"""SHA-256 → the bytes of an artefact, None where they are gone. May raise Unavailable."""


def no_artefacts(_: str) -> bytes | None:
    """Where no artefact can be asked for: an order that needs one is refused."""
    return None
