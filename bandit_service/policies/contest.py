"""Two classes of policies that learn from the same pages: one serves, the other is to earn it.

Both are Explorers, and both learn all that the journal teaches. On a slice of the pages that the
serving one would have decided (arm ``challenge``) both decide, each strategy that either wants runs
once, and the page is drafted from the two orders in turns. What people choose there is the evidence
for the gate (:mod:`bandit_service.learner.gating`), whose verdicts come back by the journal.

On such a page the best strategy of each runs for certain. So neither needs a fallback, the two are
drawn independently, and a strategy runs with exactly 1 − (1 − p₁)(1 − p₂).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import orjson

from bandit_service.policies.base import Eligible, Features, Policy
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.foretelling import Foretelling
from bandit_service.policies.inclusion import draw
from bandit_service.policies.sealed import OtherKind, seal, unseal
from bandit_service.ranking.gates import NARROW, WIDE, Interval
from plugin.errors import BrokenState, InvalidRequest
from plugin.model import ArmChances, Choice, Decision

KIND = "contest"
BOTH: Final = "both"
"""Stands for a policy's name where both wanted an entity in that place."""
Stage = Literal["trial", "promoted", "dropped"]
Verdict = Literal["promoted", "waiting", "dropped", "rolled_back"]
_FOLLOWS: Final[Mapping[Verdict, tuple[Stage, Stage]]] = {
    "promoted": ("trial", "promoted"),
    "waiting": ("trial", "trial"),
    "dropped": ("trial", "dropped"),
    "rolled_back": ("promoted", "dropped"),
}


@dataclass(frozen=True, slots=True)
class Entrant:
    """A class of policies: its name in the settings, and how a new one is made."""

    name: str
    make: Callable[[], Explorer]


class Contest:
    """A :class:`~bandit_service.policies.base.Policy` of an incumbent and a challenger.

    ``stage``: on ``trial`` the incumbent serves and half of the pages are shared; once ``promoted``
    the challenger serves, and the incumbent is what it is still compared with, on few; ``dropped``
    it has no part any more, and learns nothing either. ``duel``: what people's first choices on
    shared pages say, 1 for the challenger's, −1 for the incumbent's, 0 where both wanted it there.
    """

    def __init__(self, incumbent: Entrant, challenger: Entrant) -> None:
        self._entrants = (incumbent, challenger)
        self._members = (incumbent.make(), challenger.make())
        self.stage: Stage = "trial"
        self.duel = Interval()
        self.foretelling = Foretelling()

    @property
    def names(self) -> tuple[str, str]:
        """Of incumbent and challenger."""
        return self._entrants[0].name, self._entrants[1].name

    @property
    def members(self) -> tuple[Explorer, Explorer]:
        """Incumbent and challenger."""
        return self._members

    @property
    def standing(self) -> dict[str, Any]:
        """What people chose since the stage began, for people: on how many shared pages, and
        between which bounds what the challenger wins more lies (−1..1)."""
        return {
            "pages": self.duel.count,
            "challenger_minus_incumbent": [round(bound, 4) for bound in self.duel.bounds],
        }

    @property
    def serving(self) -> Explorer:
        """The one that decides all pages but those that are shared."""
        return self._members[self.stage == "promoted"]

    @property
    def version(self) -> str:
        """Of the one that serves."""
        return self.serving.version

    def decide(self, context: Features, eligible: Eligible, rng: random.Random) -> Decision:
        decision = self.serving.decide(context, eligible, rng)
        chances = self._chances(context, eligible, decision.arms)
        if not chances:
            return decision
        arms = self._with_challenge(decision.arms, chances)
        name = decision.arm
        if name == "learned" and rng.random() < self._share:
            name = "challenge"
        arm = next(one for one in arms if one.arm == name)
        if name == "challenge":
            return self._shared(context, eligible, chances, arm, arms, rng)
        return replace(decision, arm_probability=arm.probability, arms=arms)

    def settled(
        self, context: Features, eligible: Eligible, *, everything: bool = False
    ) -> Decision:
        """As :meth:`Explorer.settled`, of the one that serves."""
        return self.serving.settled(context, eligible, everything=everything)

    def arms(self, context: Features, eligible: Eligible) -> tuple[ArmChances, ...]:
        arms = self.serving.arms(context, eligible)
        chances = self._chances(context, eligible, arms)
        return self._with_challenge(arms, chances) if chances else arms

    def track_record(self, context: Features, eligible: Eligible) -> Mapping[str, Features]:
        return self.serving.track_record(context, eligible)

    def values(self, context: Features, eligible: Eligible) -> dict[str, float]:
        """As :meth:`Explorer.values`, of the one that serves."""
        return self.serving.values(context, eligible)

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        for member in self._members[:1] if self.stage == "dropped" else self._members:
            member.learn(context, eligible, credits)

    def foretell(
        self, context: Features, eligible: Eligible, credits: Features, chances: Features
    ) -> None:
        """Before a page is learnt: compare what both say of it. See :class:`Foretelling`."""
        if self.stage == "dropped":
            return
        told = [member.values(context, eligible) for member in self._members]
        self.foretelling.add(credits, chances, *told)

    def choose(self, whose: str) -> None:
        """Somebody's first choice on a shared page was what this policy, or BOTH, put there."""
        incumbent, challenger = self.names
        won = {incumbent: -1.0, challenger: 1.0, BOTH: 0.0}.get(whose)
        if won is not None and self.stage != "dropped":
            self.duel.add(won)

    def obey(self, verdict: Verdict, challenger: str, incumbent: str) -> None:
        """Stand where a verdict brings us.

        Raises:
            InvalidRequest: it is about others, or about another stage. Nothing was changed.
        """
        if verdict not in _FOLLOWS:
            raise InvalidRequest(f"there is no verdict {verdict!r}")
        before, after = _FOLLOWS[verdict]
        if (incumbent, challenger) != self.names or self.stage != before:
            raise InvalidRequest(f"{verdict!r} of {challenger!r} is not about this contest")
        if after != before:
            # What was won before says nothing of what comes now.
            self.stage, self.duel, self.foretelling = after, Interval(), Foretelling()

    def dump(self) -> bytes:
        parts = [member.dump() for member in self._members]
        header = {
            "names": self.names,
            "stage": self.stage,
            "duel": self.duel.to_json(),
            "foretelling": self.foretelling.to_json(),
            "parts": [len(part) for part in parts],
        }
        return seal(KIND, orjson.dumps(header) + b"\n" + b"".join(parts))

    def load(self, data: bytes) -> None:
        header, _, parts = unseal(KIND, data).partition(b"\n")
        try:
            parsed = orjson.loads(header)
            names = tuple(parsed["names"])
            stage = parsed["stage"]
            if stage not in ("trial", "promoted", "dropped"):
                raise ValueError(f"no stage {stage!r}")
            duel = Interval(**parsed["duel"])
            foretelling = Foretelling.from_json(parsed["foretelling"])
            length = int(parsed["parts"][0])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise BrokenState(
                f"the contest's state cannot be read ({error}). Use the last good snapshot."
            ) from error
        if names != self.names:
            raise OtherKind(
                f"this is a contest state of {names}, but one of {self.names} is wanted"
            )
        incumbent, challenger = (one.make() for one in self._entrants)
        incumbent.load(parts[:length])
        challenger.load(parts[length:])
        self._members = incumbent, challenger
        self.stage, self.duel, self.foretelling = stage, duel, foretelling

    @property
    def _share(self) -> float:
        return {"trial": WIDE, "promoted": NARROW, "dropped": 0.0}[self.stage]

    def _chances(
        self, context: Features, eligible: Eligible, arms: tuple[ArmChances, ...]
    ) -> list[dict[str, float]]:
        """With what probabilities each member draws on a shared page; ``arms`` are those of the one
        that serves. Nothing where no page is shared: an apprentice serves nothing learnt."""
        if not self._share or all(arm.arm != "learned" for arm in arms):
            return []
        return [
            _best_for_certain(arms if one is self.serving else one.arms(context, eligible))
            for one in self._members
        ]

    def _with_challenge(
        self, arms: tuple[ArmChances, ...], chances: list[dict[str, float]]
    ) -> tuple[ArmChances, ...]:
        """``arms``, a share of ``learned`` given to ``challenge``."""
        learned = next(arm for arm in arms if arm.arm == "learned")
        kept, given = ((1 - self._share) * learned.probability, self._share * learned.probability)
        one, other = chances
        either = {name: 1 - (1 - one[name]) * (1 - other[name]) for name in one}
        return (
            *(replace(arm, probability=kept) if arm is learned else arm for arm in arms),
            ArmChances("challenge", given, either),
        )

    def _shared(
        self,
        context: Features,
        eligible: Eligible,
        chances: list[dict[str, float]],
        arm: ArmChances,
        arms: tuple[ArmChances, ...],
        rng: random.Random,
    ) -> Decision:
        rivals = {}
        for name, member, own in zip(self.names, self._members, chances, strict=True):
            drawn = ArmChances("challenge", arm.probability, own)
            values = member.values(context, eligible)
            rivals[name] = member.running(eligible, values, drawn, draw(drawn, rng))
        one, other = (
            {choice.strategy: choice for choice in rival.choices} for rival in rivals.values()
        )
        serving = other if self.stage == "promoted" else one
        choices = tuple(
            Choice(
                strategy=name,
                value=serving[name].value,
                propensity=arm.propensities[name],
                included=one[name].included or other[name].included,
                candidates=max(one[name].candidates, other[name].candidates),
                # What has one order only, such as where a second hop starts, is of both alike.
                weight=(one[name].weight + other[name].weight) / 2,
            )
            for name in one
        )
        return Decision(choices, arm.arm, arm.probability, self.version, arms, rivals)


def alone(policy: Policy) -> Policy:
    """What decides where nothing may be compared: of a contest the one that serves."""
    return policy.serving if isinstance(policy, Contest) else policy


def adopt(policy: Policy, data: bytes) -> bool:
    """Let ``policy`` go on from what its own class learnt within ``data``, whoever dumped that: a
    contest that there is no more, or a policy that was alone. Returns whether there was any."""
    try:
        header, _, parts = unseal(KIND, data).partition(b"\n")
        length = int(orjson.loads(header)["parts"][0])
        dumps = [parts[:length], parts[length:]]
    except OtherKind:
        dumps = [data]
    members: tuple[Policy, ...] = policy.members if isinstance(policy, Contest) else (policy,)
    filled = [_filled(member, dumps) for member in members]
    return any(filled)


def _filled(policy: Policy, dumps: list[bytes]) -> bool:
    for data in dumps:
        try:
            policy.load(data)
        except OtherKind:
            continue
        return True
    return False


def _best_for_certain(arms: tuple[ArmChances, ...]) -> dict[str, float]:
    learned = next(arm for arm in arms if arm.arm == "learned")
    return {**learned.propensities, str(learned.fallback): 1.0}
