"""The fold that ranking learns from: journal entries → pages that are closed, with their grades.

It stands beside the learner's own fold, and keeps only the latest pages: the snapshot, which is
written every second, would be heavy with them, and whoever trains can read the journal again. The
same rules hold: journal time, the window, `learn: false`, and the bounds of what one session or
client can teach.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bandit_service.journal.entries import Entry
from bandit_service.journal.reader import Placed, Position
from bandit_service.learner.credit import combined, note
from bandit_service.learner.examining import IMPRESSION
from bandit_service.learner.fold import LONGEST_STEP_MS, MOST_PARTS, Rules
from bandit_service.learner.guard import Guard
from bandit_service.ranking.examples import Page, Shown
from bandit_service.ranking.gates import Interval
from bandit_service.ranking.interleaving import Team, outcome
from bandit_service.ranking.position import Swaps, pairs_on_page
from plugin.errors import InvalidRequest

MOST_PAGES: Final = 20_000


@dataclass(slots=True)
class _Open:
    opened: int
    key: str = ""
    text: str = ""
    learn: bool = True
    query: dict[str, float] = field(default_factory=dict)
    shown: dict[str, tuple[int, dict[str, float]]] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    swappable: list[tuple[str, str]] = field(default_factory=list)
    acts: dict[str, dict[str, float]] = field(default_factory=dict)
    reach: int = 0
    parts: set[str] = field(default_factory=set)


class RankingPages:
    """``pages``: the latest closed ones, oldest first; ``closed``: how many there ever were.

    ``duel``: what interleaved pages say of the model against the blend, since :meth:`restart`.
    ``swaps``: what they say of who looks where. Plain and deterministic: the same entries, the same
    pages.
    """

    def __init__(self, rules: Rules, most: int = MOST_PAGES) -> None:
        self._rules = rules
        self._open: dict[str, _Open] = {}
        self._now = 0
        self._guard = Guard()
        self.position = Position()
        self.pages: deque[Page] = deque(maxlen=most)
        self.closed = 0
        self.duel = Interval()
        self.swaps = Swaps()

    def restart(self) -> None:
        """Another model drafts from now on: what the one before it won says nothing."""
        self.duel = Interval()

    def take(self, placed: Placed) -> None:
        """Take in one entry; nothing that it holds raises."""
        self.position = placed.position
        entry = placed.entry
        if entry is None:
            return
        self._advance(entry.recorded_at)
        if entry.query_id is None or entry.kind not in ("decision", "page", "feedback"):
            return
        page = self._open.setdefault(entry.query_id, _Open(self._now))
        page.learn = page.learn and (entry.learn or entry.kind == "feedback")
        if entry.id in page.parts or len(page.parts) >= MOST_PARTS:
            return
        page.parts.add(entry.id)
        try:
            self._part(page, entry)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidRequest):
            page.learn = False  # an entry of another version, or of nobody's: nothing to learn from

    def _part(self, page: _Open, entry: Entry) -> None:
        who, client = entry.session or entry.user or "", entry.client or ""
        limits = self._rules.limits
        if entry.kind == "decision":
            page.text = str(entry.body["query"])
            page.learn = page.learn and self._guard.admit(who, client, self._now, limits)
        elif entry.kind == "page":
            self._show(page, entry.body)
        elif entry.learn:
            body = entry.body
            grade = self._rules.grades.of(
                str(body["action"]), _number(body.get("dwell_ms")), _number(body.get("value"))
            )
            entity = str(body["object_id"])
            if grade and not self._guard.admit(who, client, self._now, limits):
                page.learn = False
                return
            voice = self._guard.voice(who, client, limits)
            if grade > 0 and not self._guard.teaches(voice, entity, self._now, limits):
                page.learn = False
            acts = page.acts.setdefault(entity, {})
            note(acts, str(body["action"]), grade)

    def _show(self, page: _Open, body: Mapping[str, Any]) -> None:
        ranking = body.get("ranking")
        page.key = str(body["memory_key"])
        if not ranking:
            return
        page.query.update({str(name): float(one) for name, one in ranking["query"].items()})
        for hit, row in zip(body["shown"], ranking["rows"], strict=True):
            if row is not None:
                numbers = {str(name): float(one) for name, one in row.items()}
                page.shown.setdefault(str(hit["id"]), (int(hit["position"]), numbers))
        for hit, team in zip(body["shown"], ranking.get("teams") or (), strict=False):
            if team in ("model", "blend"):
                page.teams[str(hit["id"])] = team
        page.swappable += [(str(one), str(two)) for one, two in ranking.get("swappable") or ()]

    def _advance(self, recorded_at: int) -> None:
        if not self._now:
            self._now = recorded_at
        self._now = max(self._now, min(recorded_at, self._now + LONGEST_STEP_MS))
        while self._open:
            query_id, page = next(iter(self._open.items()))
            if page.opened + self._rules.window_ms > self._now:
                break
            del self._open[query_id]
            if page.learn and page.shown:
                self._close(page)

    def _close(self, page: _Open) -> None:
        grades = {
            entity: combined({name: grade for name, grade in acts.items() if grade})
            for entity, acts in page.acts.items()
        }
        told = any(IMPRESSION in acts for acts in page.acts.values())
        last = max((page.shown[one][0] for one in page.acts if one in page.shown), default=0)
        shown = tuple(
            Shown(entity, position, grades.get(entity, 0.0), row)
            for entity, (position, row) in page.shown.items()
            if not told or position <= last
        )
        if not shown:
            return
        self.pages.append(Page(page.key, page.query, shown, page.text))
        self.closed += 1
        chosen = {entity for entity, grade in grades.items() if grade > 0}
        positions = {entity: position for entity, (position, _) in page.shown.items()}
        for one, two, upper in pairs_on_page(page.swappable, positions):
            self.swaps.add(upper, first=one in chosen, second=two in chosen)
        won = outcome(page.teams, grades)
        if won is not None:
            self.duel.add(won)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
