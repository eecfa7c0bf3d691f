"""The journal as visits: what one query showed, how far down it was looked at, what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bandit_service.journal.entries import Entry
from bandit_service.learner.credit import Grades, combined, note
from bandit_service.learner.examining import IMPRESSION
from bandit_service.learner.fold import MOST_PARTS, journal_time
from bandit_service.learner.guard import Guard, Limits


@dataclass(slots=True)
class Visit:
    """One query of somebody. ``voice``: whose vote it is, "" for nobody's; ``at``: when it was
    asked (epoch ms); ``shown``: entity → position (from 1); ``reach``: the last position that is
    known to have been looked at, 0 where nobody told; ``actions``: entity → action → grade."""

    opened: int
    at: int = 0
    key: str = ""
    text: str = ""
    voice: str = ""
    learn: bool = True
    reach: int = 0
    shown: dict[str, int] = field(default_factory=dict)
    actions: dict[str, dict[str, float]] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)

    def looked_at(self) -> Mapping[str, int]:
        """Entity → position, without what stands below the last impression."""
        reach = self.reach and max([self.reach, *self._chosen()])
        return {id: place for id, place in self.shown.items() if not reach or place <= reach}

    def grade(self, entity: str) -> float:
        """What was done with ``entity`` is worth (−1..1); 0 for nothing."""
        return combined(self.actions.get(entity, {}))

    def _chosen(self) -> Iterator[int]:
        return (self.shown[id] for id in self.actions if id in self.shown)


def visits(
    entries: Iterable[Entry], grades: Grades, limits: Limits, window_ms: int
) -> Iterator[Visit]:
    """The visits of a journal, given in its order; each once its window has closed.

    As the learner does, it leaves out what says ``learn: false``, what had no page or text, and
    what is above the ``limits`` of one session or client.
    """
    guard, now = Guard(), 0
    open_visits: dict[str, Visit] = {}
    for entry in entries:
        now = journal_time(now, entry.recorded_at)
        while open_visits:
            query_id, visit = next(iter(open_visits.items()))
            if visit.opened + window_ms > now:
                break
            del open_visits[query_id]
            if _tells(visit):
                yield visit
        if entry.query_id is None:
            continue
        visit = open_visits.setdefault(entry.query_id, Visit(now))
        if entry.id in visit.parts or len(visit.parts) >= MOST_PARTS:
            continue
        visit.parts.add(entry.id)
        visit.learn = visit.learn and entry.learn
        _take(visit, entry, guard, now, grades, limits)
    yield from filter(_tells, open_visits.values())


def _tells(visit: Visit) -> bool:
    return visit.learn and bool(visit.shown) and bool(visit.text.strip()) and bool(visit.key)


def _take(
    visit: Visit, entry: Entry, guard: Guard, now: int, grades: Grades, limits: Limits
) -> None:
    who, client = entry.session or entry.user or "", entry.client or ""
    try:
        if entry.kind == "decision":
            visit.learn = visit.learn and guard.admit(who, client, now, limits)
            visit.key, visit.text = str(entry.body["memory_key"]), str(entry.body["query"])
            visit.at = entry.recorded_at
        elif entry.kind == "page":
            visit.voice = guard.voice(who, client, limits)
            for hit in entry.body["shown"]:
                visit.shown.setdefault(str(hit["id"]), int(hit["position"]))
        elif entry.kind == "feedback":
            _act(visit, entry, guard.admit(who, client, now, limits), grades)
    except (KeyError, TypeError, ValueError):
        return  # as in the fold: what makes no sense holds nothing up


def _act(visit: Visit, entry: Entry, admitted: bool, grades: Grades) -> None:
    entity, action = str(entry.body["object_id"]), str(entry.body["action"])
    if action == IMPRESSION:
        # Events may come before their page; then its own word for the position has to do.
        place = visit.shown.get(entity) or entry.body.get("position") or 0
        visit.reach = max(visit.reach, int(place))
        return
    grade = grades.of(action, entry.body.get("dwell_ms"), entry.body.get("value"))
    if grade and admitted:
        note(visit.actions.setdefault(entity, {}), action, grade)
