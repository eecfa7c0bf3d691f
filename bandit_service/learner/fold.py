"""The fold: state and the next journal entry → state. No clock, no chance, no input but these two.

**Journal time** is the running maximum of ``recorded_at`` in journal order, advancing at most
60 s an entry, so that one wrong clock cannot close every window. **A page** is open from the first
entry of its query until ``window_ms`` of journal time later. Its first positive event closes it
for the policy at once; later events change only what the memory holds. Without one it closes as
"no choice": everything that ran earned 0. What arrives after the window is counted as late.
Decision, pages and events of a query may come in any order, and more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bandit_service.journal.entries import Entry
from bandit_service.journal.reader import Placed
from bandit_service.learner.credit import Grades, divide
from bandit_service.learner.examining import IMPRESSION, bound, look, show, unjudged
from bandit_service.learner.guard import Limits
from bandit_service.learner.orders import Artefact, no_artefacts, obey, wanted
from bandit_service.learner.pages import OpenPage, chances, decided
from bandit_service.learner.rebuilding import forgets
from bandit_service.learner.state import State, forget
from bandit_service.memory import HALF_LIFE_MS
from bandit_service.policies.contest import Contest
from plugin.errors import BrokenState, InvalidRequest

LONGEST_STEP_MS = 60_000
MOST_PARTS = 1000
"""Entries of one query that are taken in: people need far fewer, bots may not have more."""
MEMORY = "memory"
"""The family whose scores are predicted or remembered click rates."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the fold is told: part of what makes a replay the same, so change it with care.

    ``memory_strategies`` are those whose score of an entity is its predicted click rate; what is
    remembered counts half after ``memory_half_life_ms`` of journal time.
    ``artefact`` gives the bytes that an order names; they are immutable, so the fold stays pure.
    """

    window_ms: int = 1_800_000
    grades: Grades = field(default_factory=Grades)
    limits: Limits = field(default_factory=Limits)
    memory_strategies: frozenset[str] = frozenset({MEMORY})
    memory_half_life_ms: int = HALF_LIFE_MS
    artefact: Artefact = no_artefacts


def fold(state: State, placed: Placed, rules: Rules) -> State:
    """Take in one entry. ``state`` is changed and returned; nothing that an entry holds raises.

    Raises:
        Unavailable: an artefact that the entry names cannot be asked for now; nothing was changed.
    """
    entry = placed.entry
    if state.forgotten.covers(entry):
        # It is to be erased, and a replay will not meet it: not even the position may tell.
        return state
    artefact = _artefact(entry, rules)
    state.position = placed.position
    if entry is None:
        _count(state, "foreign")
        return state
    _advance(state, entry.recorded_at, rules)
    if entry.kind == "control":
        _count(state, "control")
        whose = forgets(entry)
        if whose is not None:
            forget(state, whose, entry.recorded_at)
            _count(state, "forgotten")
        _order(state, entry, artefact)
        return state
    kind: Callable[[State, OpenPage, Entry, Rules], None] | None = _KINDS.get(entry.kind)
    if kind is None or entry.query_id is None:
        _count(state, "foreign")
        return state
    page = state.open.get(entry.query_id)
    if page is None:
        page = state.open[entry.query_id] = OpenPage(opened=state.now)
    part = entry.id.removeprefix(f"{entry.query_id}:")
    if part in page.parts:
        _count(state, "repeated")
        return state
    if len(page.parts) >= MOST_PARTS:
        _count(state, "crowded")
        return state
    page.parts[part] = None
    try:
        kind(state, page, entry, rules)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidRequest):
        # A journal outlives many versions of what writes it: an entry that makes no sense is
        # counted, and holds nothing up.
        _count(state, "refused")
    return state


def journal_time(now: int, recorded_at: int) -> int:
    """Journal time after an entry: 0 before the first."""
    return max(now, min(recorded_at, now + LONGEST_STEP_MS)) if now else recorded_at


def _advance(state: State, recorded_at: int, rules: Rules) -> None:
    state.now = journal_time(state.now, recorded_at)
    state.memory.advance(state.now, rules.memory_half_life_ms)
    while state.open:
        query_id, page = next(iter(state.open.items()))
        if page.opened + rules.window_ms > state.now:
            break
        del state.open[query_id]
        _expire(state, page)


def _expire(state: State, page: OpenPage) -> None:
    if page.decision is None and not page.pages:
        # Only events: their page is long closed, or never was.
        _count(state, "late", len(page.parts))
        return
    if page.waiting:
        _count(state, "not_shown", len(page.waiting))
    if page.closed or not page.learn:
        return
    if page.decision is None or not page.pages:
        _count(state, "incomplete")
        return
    _learn(state, page, {}, 0.0, "no_choice")


def _decision(state: State, page: OpenPage, entry: Entry, rules: Rules) -> None:
    _count(state, "decision")
    _honour(state, page, entry)
    if not page.learn:
        return
    if not _admits(state, entry, rules):
        _hold(state, page)
        return
    page.decision = decided(entry.body)
    if isinstance(state.policy, Contest):
        page.decision["chances"] = chances(entry.body)
    page.key = str(entry.body["memory_key"])
    state.shares.add(entry.body["choices"])
    page.text = str(entry.body["query"])
    state.memory.name(page.key, page.text)
    _settle(state, page, rules)


def _page(state: State, page: OpenPage, entry: Entry, rules: Rules) -> None:
    _count(state, "page")
    _honour(state, page, entry)
    if not page.learn:
        return
    client = entry.client or ""
    if state.guard.holds(_voter(entry), client, state.now):
        _hold(state, page)
        return
    page.pages += 1
    page.key = str(entry.body["memory_key"])
    page.failed += [str(trouble) for trouble in entry.body.get("degraded") or ()]
    page.voice = state.guard.voice(_voter(entry), client, rules.limits)
    for hit in entry.body["shown"]:
        ranks = {str(strategy): int(rank) for strategy, rank, _ in hit["provenance"]}
        page.shown.setdefault(str(hit["id"]), (int(hit["position"]), ranks))
        show(state.memory, page, str(hit["id"]), _prior(hit["provenance"], rules))
    whose = (entry.body.get("ranking") or {}).get("policies") or ()
    for hit, policy in zip(entry.body["shown"], whose, strict=False):
        if policy:
            page.drafted.setdefault(str(hit["id"]), str(policy))
    bound(state.memory, page)
    state.memory.name(page.key, page.text)
    _settle(state, page, rules)


def _feedback(state: State, page: OpenPage, entry: Entry, rules: Rules) -> None:
    _count(state, "feedback")
    if not (page.learn and entry.learn):
        _count(state, "not_learnt")
        return
    dwell, value = (
        None if (given := entry.body.get(name)) is None else float(given)
        for name in ("dwell_ms", "value")
    )
    action = str(entry.body["action"])
    grade = rules.grades.of(action, dwell, value)
    voter, client = _voter(entry), entry.client or ""
    if grade != 0 and not _admits(state, entry, rules):
        _count(state, "held")
        return
    voice = state.guard.voice(voter, client, rules.limits)
    page.waiting.append([str(entry.body["object_id"]), action, grade, voice, entry.user or ""])
    _settle(state, page, rules)


def _artefact(entry: Entry | None, rules: Rules) -> bytes | None:
    sha256 = wanted(entry) if entry is not None else None
    if sha256 is None:
        return None
    try:
        return rules.artefact(sha256)
    except BrokenState:
        return None


def _order(state: State, entry: Entry, artefact: bytes | None) -> None:
    if not isinstance(entry.body, Mapping):
        return
    try:
        done = obey(state, state.position, entry.body, artefact)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidRequest, BrokenState):
        _count(state, "refused")
    else:
        if done is not None:
            _count(state, done)


_KINDS: Mapping[str, Callable[[State, OpenPage, Entry, Rules], None]] = {
    "decision": _decision,
    "page": _page,
    "feedback": _feedback,
}


def _honour(state: State, page: OpenPage, entry: Entry) -> None:
    """``learn: false`` on the decision or a page holds for the whole query."""
    if not entry.learn and page.learn:
        _ignore(state, page)


def _admits(state: State, entry: Entry, rules: Rules) -> bool:
    """Whether what this entry is about may teach anything, by the limits of who did it."""
    admitted = state.guard.admit(_voter(entry), entry.client or "", state.now, rules.limits)
    if state.guard.quarantines:
        state.counts["quarantined"] = state.guard.quarantines
    return admitted


def _hold(state: State, page: OpenPage) -> None:
    """Who searched does too much: nothing is learnt from this query."""
    _count(state, "held")
    _ignore(state, page)


def _ignore(state: State, page: OpenPage) -> None:
    page.learn = False
    page.decision = None
    page.shown = {}
    if page.waiting:
        _count(state, "not_learnt", len(page.waiting))
        page.waiting = []


def _settle(state: State, page: OpenPage, rules: Rules) -> None:
    """Take in the events whose decision and page have both arrived, in journal order."""
    if page.decision is None and not page.closed:
        return
    still_waiting = []
    for event in page.waiting:
        entity, action, grade, voice, user = event
        if entity not in page.shown:
            still_waiting.append(event)
            continue
        if action == IMPRESSION or (grade != 0 and page.reach):
            look(state.memory, page, entity)
        if page.key and grade != 0:
            state.memory.vote(page.key, voice, entity, action, grade)
        if grade != 0 and user:
            state.users.act(user, entity, grade, state.now)
        if grade > 0:
            state.trends.choose(entity, voice, state.now)
        if page.closed:
            _count(state, "regraded")
        elif grade > 0 and not _brought(page, entity):
            # A rule put it there, or the session's own earlier choice: says nothing of strategies.
            page.closed, page.decision = True, None
            _count(state, "chosen_unbrought")
        elif grade > 0 and state.guard.teaches(voice, entity, state.now, rules.limits):
            if entity in page.drafted and isinstance(state.policy, Contest):
                state.policy.choose(page.drafted[entity])
            _learn(state, page, page.shown[entity][1], grade, "choice")
        elif grade > 0:
            page.closed, page.decision = True, None
            _count(state, "chosen_again")
    page.waiting = still_waiting


def _brought(page: OpenPage, entity: str) -> bool:
    """Whether a strategy that the decision included returned ``entity``."""
    included = (page.decision or {"eligible": {}})["eligible"]
    return any(name in included for name in page.shown[entity][1])


def _learn(
    state: State, page: OpenPage, ranks: Mapping[str, int], grade: float, outcome: str
) -> None:
    decision = page.decision or {"context": {}, "eligible": {}}
    failed = {trouble.partition(":")[0] for trouble in page.failed}
    eligible: dict[str, dict[str, float]] = decision["eligible"]
    unseen = unjudged(page) if outcome == "no_choice" else frozenset()
    ran = {name: name not in failed and name not in unseen for name in eligible}
    credits = divide(ranks, ran, grade)
    page.closed = True
    page.decision = None
    try:
        # No chances: decided while there was no challenger, or before arms were logged.
        if isinstance(state.policy, Contest) and decision.get("chances"):
            state.policy.foretell(decision["context"], eligible, credits, decision["chances"])
        state.policy.learn(decision["context"], eligible, credits)
    except InvalidRequest:  # features that nothing may learn from
        _count(state, "refused")
    else:
        state.example = (decision["context"], eligible)
        _count(state, outcome)


def _prior(provenance: Any, rules: Rules) -> float | None:
    scores = [float(score) for name, _, score in provenance if name in rules.memory_strategies]
    return scores[0] if scores else None


def _voter(entry: Entry) -> str:
    """Who has one vote: the session, else the user; all others share one."""
    return entry.session or entry.user or ""


def _count(state: State, what: str, by: int = 1) -> None:
    state.counts[what] = state.counts.get(what, 0) + by
