"""The simulation finds what it is for: each of these breaks the code on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simulated_world import Play, World

from bandit_service.journal import addressing
from bandit_service.journal.reader import Reader
from bandit_service.learner import fold
from bandit_service.learner.pages import OpenPage

WITHIN = 200
"""Schedules in which it is found."""

Break = Callable[[World, pytest.MonkeyPatch], object]


def _no_sync(world: World, patch: pytest.MonkeyPatch) -> None:
    world.disk.honest = False


def _no_condition_on_the_head(world: World, patch: pytest.MonkeyPatch) -> None:
    world.store.cas = False


def _reads_past_the_checkpoint(world: World, patch: pytest.MonkeyPatch) -> None:
    def highest(reader: Reader, index: str) -> int:
        return world.store.indexes[index].next_seq - 1

    patch.setattr(Reader, "_checkpoint", highest)


def _forgets_older_indexes(world: World, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(addressing, "_taken", lambda *_: set())


def _forgets_the_seen_ids_with_each_life(world: World, patch: pytest.MonkeyPatch) -> None:
    def without_parts(data: list[Any]) -> OpenPage:
        page = whole(data)
        page.parts = {}
        return page

    whole = OpenPage.from_json
    patch.setattr(OpenPage, "from_json", without_parts)


class _Amnesia(dict[str, None]):
    def __contains__(self, _: object) -> bool:
        return False


def _forgets_the_seen_ids(world: World, patch: pytest.MonkeyPatch) -> None:
    """Neither the journal nor the learner knows an id that was there before."""
    world.store.creates = False
    patch.setattr(fold, "OpenPage", lambda opened: OpenPage(opened, parts=_Amnesia()))


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        (_no_sync, "neither in a spool nor in the journal"),
        (_no_condition_on_the_head, "goes back|without knowing it"),
        (_reads_past_the_checkpoint, "gives another state than the snapshot"),
        (_forgets_older_indexes, "in the journal twice"),
        (_forgets_the_seen_ids_with_each_life, "another state than|acknowledged, but not learnt"),
        (_forgets_the_seen_ids, r"another state than|\d counted|differs"),
    ],
)
def test_what_is_broken_is_found(
    play: Play, broken: Break, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play_on() -> None:
        for seed in range(1, WITHIN):
            play(seed, lambda world: broken(world, monkeypatch))

    with pytest.raises(AssertionError, match=rf"({found})(.|\n)*--seed"):
        play_on()
