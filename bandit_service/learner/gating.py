"""The gate between two classes of policies: when the challenger serves, and when it must go.

What people choose on shared pages decides; what every page of the journal says of how well both
foretell may keep the challenger waiting. Both bounds hold at any time, so it may be asked as often
as one likes. A verdict is an order in the journal, which the fold obeys: a replay does so too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from bandit_service.journal.controls import PolicyVerdict
from bandit_service.policies.base import Policy
from bandit_service.policies.contest import Contest, Verdict
from plugin.errors import LtrrError

log = logging.getLogger(__name__)


class PolicyGate:
    """Gives each verdict once, by ``give``. ``margin``: by how much the challenger may win less
    (outcomes are −1..1), and by what share foretell worse, and still count as no worse."""

    def __init__(self, give: Callable[[PolicyVerdict], object], margin: float) -> None:
        self._give = give
        self._margin = margin
        self._given: tuple[str, Verdict] | None = None

    def judge(self, policy: Policy) -> None:
        """Give the verdict that the evidence in ``policy`` asks for, if there is one."""
        if not isinstance(policy, Contest):
            return
        verdict = judged(policy, self._margin)
        if verdict is None:
            self._given = None
            return
        if self._given == (policy.stage, verdict):
            return  # it is on its way through the journal, or waits as before
        incumbent, challenger = policy.names
        try:
            self._give(
                {
                    "name": "policy_verdict",
                    "verdict": verdict,
                    "challenger": challenger,
                    "incumbent": incumbent,
                    "evidence": evidence(policy, self._margin),
                }
            )
        except LtrrError as error:
            # Should it have arrived after all, the second one is about another stage and refused.
            log.warning("a verdict on %s is given again later: %s", challenger, error.message)
            return
        self._given = policy.stage, verdict


def judged(contest: Contest, margin: float) -> Verdict | None:
    """What the evidence asks for now; None while there is nothing to say."""
    told = contest.duel.verdict(margin)
    if contest.stage == "promoted":
        return "rolled_back" if told == "worse" else None
    if contest.stage == "dropped" or told == "waiting":
        return None
    if told == "worse":
        return "dropped"
    return "waiting" if contest.foretelling.verdict(margin) == "worse" else "promoted"


def evidence(contest: Contest, margin: float) -> dict[str, Any]:
    """Why, for people."""
    foretelling = contest.foretelling
    return {
        **contest.standing,
        "margin": margin,
        "foretelling": {
            "pages": foretelling.pages,
            "incumbent_error": round(foretelling.error / max(1, foretelling.pages), 6),
            "less_by": [round(bound, 6) for bound in foretelling.gain.bounds],
            "verdict": foretelling.verdict(margin),
            "refused": foretelling.refused,
        },
    }
