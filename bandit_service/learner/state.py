"""Everything that was learnt, and where in the journal it stands."""

from __future__ import annotations

import base64
import binascii
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from bandit_service.journal.reader import Position
from bandit_service.learner.credit import Grades
from bandit_service.learner.forgotten import Forgotten, named_by
from bandit_service.learner.guard import Guard
from bandit_service.learner.models import Models
from bandit_service.learner.pages import OpenPage
from bandit_service.learner.shares import Shares
from bandit_service.learner.trends import Trends
from bandit_service.learner.users import Users
from bandit_service.memory import Memory
from bandit_service.policies.base import Policy
from bandit_service.policies.contest import adopt
from bandit_service.policies.sealed import OtherKind, seal, unseal
from plugin.errors import BrokenState

log = logging.getLogger(__name__)

KIND = "snapshot"
FORMAT = 4
"""Of the bytes of a state: whoever changes what they hold, counts on."""


USUAL_GRADES = Grades().digest


class OtherFormat(BrokenState):
    """The state is whole, but was written by another version of this program."""


@dataclass(slots=True)
class State:
    """The learner's state. The fold changes it in place: whoever folds, owns it.

    ``now`` is journal time in epoch milliseconds. ``open`` is in the order of opening (a
    plain dict looks for its first one among all that were deleted). ``counts`` tells what became of
    the entries. ``example``: context and eligible strategies of the last query
    that the policy learnt from. ``grades`` names the scale that all of it was learnt with.
    """

    policy: Policy
    memory: Memory = field(default_factory=Memory)
    shares: Shares = field(default_factory=Shares)
    users: Users = field(default_factory=Users)
    trends: Trends = field(default_factory=Trends)
    guard: Guard = field(default_factory=Guard)
    forgotten: Forgotten = field(default_factory=Forgotten)
    models: Models = field(default_factory=Models)
    position: Position = field(default_factory=Position)
    now: int = 0
    open: OrderedDict[str, OpenPage] = field(default_factory=OrderedDict)
    counts: dict[str, int] = field(default_factory=dict)
    example: tuple[dict[str, float], dict[str, dict[str, float]]] | None = None
    grades: str = USUAL_GRADES

    @property
    def version(self) -> str:
        """Names this state by its position: ``g<generation>-<entries of that journal index>``."""
        return f"g{self.position.generation}-{self.position.seq_no + 1}"


def known_by(state: State, whose: str) -> list[str]:
    """The hashes that ``state`` holds of whom the digest ``whose`` is about."""
    known = {*state.users, *state.memory.voices(), *state.trends.voices(), *state.guard.known()}
    for page in state.open.values():
        known.update([page.voice, *(str(part) for event in page.waiting for part in event[3:])])
    return named_by(whose, known)


def forget(state: State, whose: str, at: int) -> None:
    """Leave no trace of whom the digest ``whose`` is about, and let none in from before ``at``.

    What was learnt from them stays where the state was not rebuilt without them: it names nobody.
    """
    state.forgotten.add(whose, at)
    for who in known_by(state, whose):
        state.users.forget(who)
        state.memory.forget(who)
        state.trends.forget(who)
        state.guard.forget(who)
        for page in state.open.values():
            page.voice = "" if page.voice == who else page.voice
            page.waiting = [["" if part == who else part for part in one] for one in page.waiting]


def dump_state(state: State, policy: bytes | None = None) -> bytes:
    """``state`` as bytes with a checksum; the same journal gives the same bytes.

    ``policy`` is the dump of its policy, where the caller has it already.
    """
    policy = state.policy.dump() if policy is None else policy
    return seal(
        KIND,
        orjson.dumps(
            {
                "format": FORMAT,
                "position": [state.position.generation, state.position.seq_no],
                "now": state.now,
                "counts": dict(sorted(state.counts.items())),
                "open": {query_id: page.to_json() for query_id, page in state.open.items()},
                "memory": state.memory.to_json(),
                "shares": state.shares.to_json(),
                "users": state.users.to_json(),
                "trends": state.trends.to_json(),
                "guard": state.guard.to_json(),
                "forgotten": state.forgotten.to_json(),
                "models": state.models.to_json(),
                "example": state.example,
                "grades": state.grades,
                "policy": base64.b64encode(policy).decode(),
            }
        ),
    )


def filled(new_policy: Callable[[], Policy], data: bytes) -> tuple[Policy, bool]:
    """A policy with what was dumped, and True; where that was another kind of policy, a new one, or
    one with what its own class had learnt beside another, and False.

    Raises:
        BrokenState: the dump is damaged.
    """
    policy = new_policy()
    try:
        policy.load(data)
    except OtherKind as error:
        other = new_policy()
        if adopt(other, data):
            log.warning("another challenger was chosen: what the policy learnt itself stays")
        else:
            log.warning("another policy was chosen, so it begins anew: %s", error.message)
        return other, False
    return policy, True


def load_state(data: bytes, new_policy: Callable[[], Policy]) -> State:
    """The state of :func:`dump_state`.

    Raises:
        OtherFormat: another version of this program wrote it.
        BrokenState: damaged, cut short, or not a snapshot.
    """
    payload = unseal(KIND, data)
    try:
        parsed = orjson.loads(payload)
        check_format(parsed.get("format"))
        generation, seq_no = parsed["position"]
        policy, _ = filled(new_policy, base64.b64decode(parsed["policy"], validate=True))
        return State(
            policy=policy,
            memory=Memory.from_json(parsed["memory"]),
            shares=Shares.from_json(parsed["shares"]),
            users=Users.from_json(parsed["users"]),
            trends=Trends.from_json(parsed["trends"]),
            guard=Guard.from_json(parsed["guard"]),
            forgotten=Forgotten.from_json(parsed["forgotten"]),
            models=Models.from_json(parsed["models"]),
            position=Position(int(generation), int(seq_no)),
            now=int(parsed["now"]),
            open=OrderedDict(
                (name, OpenPage.from_json(page)) for name, page in parsed["open"].items()
            ),
            counts={name: int(count) for name, count in parsed["counts"].items()},
            example=tuple(parsed["example"]) if parsed["example"] is not None else None,
            grades=str(parsed.get("grades", USUAL_GRADES)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise BrokenState(f"the snapshot cannot be read ({error!r}).") from error


def check_format(found: object) -> None:
    """Raises OtherFormat where ``found`` is not the format of this program's snapshots."""
    if found != FORMAT:
        raise OtherFormat(
            f"the snapshot has format {found!r}, and this version of ltrr reads {FORMAT}: it was "
            "written by another version."
        )
