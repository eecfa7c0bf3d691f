"""What is known of a query_id, and from where."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bandit_service.history import History
from bandit_service.journal.entries import Entry
from plugin.errors import NodeUnavailable, NotFound


def entry(part: str, query_id: str = "q", recorded_at: int = 1) -> Entry:
    kind = {"d": "decision", "p": "page", "f": "feedback"}[part[0]]
    return Entry(f"{query_id}:{part}", kind, "j-1", recorded_at, {}, query_id)  # type: ignore[arg-type] # one of the kinds


@dataclass
class FakeJournal:
    """A journal whose entries arrive after so many looks."""

    entries: dict[str, Entry] = field(default_factory=dict)
    arrives_after: int = 0
    away: bool = False
    looks: int = 0
    index: str = "j-1"

    def issue(self) -> str:
        return "q"

    def index_of(self, query_id: str) -> str:
        if query_id not in ("q", "r", "s"):
            raise NotFound("never given out")
        return self.index

    def append(self, entry: Entry) -> None:
        self.entries[entry.id] = entry

    def decision(self, query_id: str) -> Entry:
        return self._look(f"{query_id}:d")

    def first_page(self, query_id: str) -> Entry:
        return self._look(f"{query_id}:p:0")

    def feedback(self, query_id: str) -> list[Entry]:
        return [one for one in self.entries.values() if one.kind == "feedback"]

    def _look(self, entry_id: str) -> Entry:
        self.looks += 1
        if self.away:
            raise NodeUnavailable("away")
        if self.looks <= self.arrives_after or entry_id not in self.entries:
            raise NotFound("not there")
        return self.entries[entry_id]


def quick(journal: FakeJournal, wait_s: float = 5.0) -> History:
    return History(journal, wait_s=wait_s, sleep=lambda _: None)


def test_what_this_process_made_is_known_without_asking() -> None:
    journal = FakeJournal(away=True)
    history = quick(journal)
    history.remember(entry("p:0"))
    assert history.first_page("q").id == "q:p:0"
    assert history.knows("q:p:0")
    assert not history.knows("q:d")
    assert journal.looks == 0


def test_what_another_sidecar_made_is_waited_for_a_moment() -> None:
    journal = FakeJournal({"q:p:0": entry("p:0")}, arrives_after=3)
    assert quick(journal).first_page("q").id == "q:p:0"
    assert journal.looks == 4


def test_what_never_arrives_is_not_found() -> None:
    with pytest.raises(NotFound):
        quick(FakeJournal(), wait_s=0.0).first_page("q")


def test_an_id_that_is_not_ours_is_refused_without_waiting() -> None:
    journal = FakeJournal()
    with pytest.raises(NotFound, match="never given out"):
        quick(journal).decision("forged")
    assert journal.looks == 0


def test_pages_if_there_are_looked_for_once_each_and_may_be_missing() -> None:
    journal = FakeJournal()
    assert quick(journal).pages_if_there(["q", "r"]) == {"q": None, "r": None}
    assert journal.looks == 2
    with pytest.raises(NotFound):
        quick(FakeJournal()).pages_if_there(["forged"])


def test_a_journal_that_does_not_answer_is_not_asked_for_every_page() -> None:
    journal = FakeJournal(away=True)
    assert quick(journal).pages_if_there(["q", "r", "s"]) == dict.fromkeys("qrs")
    assert journal.looks == 1


def test_feedback_of_this_process_and_of_the_journal_come_once_and_in_order() -> None:
    shipped, late = entry("f:1", recorded_at=2), entry("f:2", recorded_at=1)
    history = quick(FakeJournal({shipped.id: shipped}))
    for one in (shipped, late, entry("f:3", query_id="other")):
        history.remember(one)
    assert [one.id for one in history.feedback("q")] == ["q:f:2", "q:f:1"]
