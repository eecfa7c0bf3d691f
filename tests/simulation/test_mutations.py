"""The simulation finds what it is for: each of these breaks the code on purpose."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulated_world import Play, World

from bandit_service.journal import addressing
from bandit_service.journal.reader import Reader

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


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        (_no_sync, "neither in a spool nor in the journal"),
        (_no_condition_on_the_head, "goes back|without knowing it"),
        (_reads_past_the_checkpoint, "gives another state than the snapshot"),
        (_forgets_older_indexes, "in the journal twice"),
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
