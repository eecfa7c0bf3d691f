"""Splits of judged queries that cannot leak: what belongs together is never divided.

Three things tie queries together, and what is tied, also by a chain of such ties, is one group:

- the turns of one conversation: ids that differ only in a number after the last ``_``;
- a query by itself, and the conversation with which it shares most relevant entities (somebody who
  typed it had the same wish);
- equal texts, after normalising.

A group goes to one side as a whole, by a hash of its name, so that a split does not depend on the
order of a file, and grows with the data rather than being drawn anew.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bandit_service.by_hash import drawn
from bandit_service.evaluation.judgments import Judged, has_qrels, load_judged
from plugin.errors import InvalidRequest
from plugin.understanding import normalise

_TURN: Final = re.compile(r"(?P<conversation>.+)_\d+\Z")
TEST_SHARE: Final = 0.2
DEVELOPMENT_SHARE: Final = 0.2
"""Of what is not in the test split."""
LARGEST: Final = 0.05
"""A group with more than this share of all queries is traffic: as a test it would be one case
that counts as many."""


@dataclass(frozen=True, slots=True)
class Split:
    """``train`` is traffic, ``test`` is never clicked, and nobody may look at it to decide
    anything: that is what ``development`` is for, which is never clicked either."""

    train: tuple[Judged, ...]
    development: tuple[Judged, ...]
    test: tuple[Judged, ...]


def load_split(
    folder: Path, kind_field: str | None = None, *, train: str = "train", test: str = "test"
) -> Split:
    """The split of a folder in BEIR layout: its own test file where there is one, else
    :func:`divide`. What the files ``train`` and ``test`` share, or ask in equal words, is test.

    Raises:
        InvalidRequest: a file cannot be read, or a side would be empty.
    """
    known = load_judged(folder, kind_field, train if has_qrels(folder, train) else None)
    if not has_qrels(folder, test) or test == train:
        return divide(known)
    tested = load_judged(folder, kind_field, test)
    taken = {one.id for one in tested}
    texts = {normalise(one.text) for one in tested}
    rest = [one for one in known if one.id not in taken and normalise(one.text) not in texts]
    development, traffic = _cut(rest, groups(rest), DEVELOPMENT_SHARE, "development")
    return _checked(Split(traffic, development, tuple(tested)))


def divide(judged: Sequence[Judged]) -> Split:
    """A test split of about a fifth, and a development split of about a fifth of the rest.

    Raises:
        InvalidRequest: there are too few groups for three sides.
    """
    name = groups(judged)
    test, rest = _cut(judged, name, TEST_SHARE, "test")
    development, train = _cut(rest, name, DEVELOPMENT_SHARE, "development")
    return _checked(Split(train, development, test))


def groups(judged: Sequence[Judged]) -> dict[str, str]:
    """Query id → the name of its group: the least id in it."""
    ties = _Ties(one.id for one in judged)
    conversations: dict[str, list[Judged]] = defaultdict(list)
    alone: list[Judged] = []
    for one in judged:
        turn = _TURN.match(one.id)
        if turn:
            conversations[turn["conversation"]].append(one)
        else:
            alone.append(one)
    wished: dict[str, set[str]] = defaultdict(set)
    for conversation, turns in conversations.items():
        for one in turns:
            ties.tie(one.id, turns[0].id)
            for entity in one.relevant:
                wished[entity].add(conversation)
    for one in alone:
        shared = Counter(name for entity in one.relevant for name in wished.get(entity, ()))
        if shared:
            nearest = min(shared, key=lambda name: (-shared[name], name))
            ties.tie(one.id, conversations[nearest][0].id)
    first: dict[str, str] = {}
    for one in judged:
        ties.tie(one.id, first.setdefault(normalise(one.text), one.id))
    return {one.id: ties.name(one.id) for one in judged}


class _Ties:
    """Disjoint sets, each named by its least member."""

    def __init__(self, members: Iterable[str]) -> None:
        self._above = {member: member for member in members}

    def name(self, member: str) -> str:
        while (above := self._above[member]) != member:
            self._above[member] = self._above[above]
            member = above
        return member

    def tie(self, one: str, other: str) -> None:
        first, second = sorted((self.name(one), self.name(other)))
        self._above[second] = first


def _cut(
    judged: Sequence[Judged], name: Mapping[str, str], share: float, salt: str
) -> tuple[tuple[Judged, ...], tuple[Judged, ...]]:
    """About ``share`` of the queries, and the others."""
    sizes = Counter(name[one.id] for one in judged)
    most = LARGEST * len(judged)
    taken = {
        group
        for group, size in sizes.items()
        if drawn(f"{salt} {group}") < share and (size <= most or size == 1)
    }
    return (
        tuple(one for one in judged if name[one.id] in taken),
        tuple(one for one in judged if name[one.id] not in taken),
    )


def _checked(split: Split) -> Split:
    for side, queries in (("train", split.train), ("test", split.test)):
        if not queries:
            raise InvalidRequest(
                f"no judged query is left for {side}: give the folder a qrels/{side}.tsv, or more "
                "queries that do not belong together"
            )
    return split
