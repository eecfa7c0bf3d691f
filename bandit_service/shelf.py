"""Many values of which few are in use: those at hand are objects, all others one string each.

A learner knows tens of thousands of queries, and touches some thousands between two snapshots. As
objects they take ten times the memory, and packing and unpacking all of them took longer than
everything else that a snapshot needs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value")

AT_HAND = 2_000
_STALE = ""
"""In place of the packed form of a value that was changed since."""


class Shelf(Generic[Value]):
    """Values by key, the longest unused first. What is packed when changes nothing that is told.

    ``pack`` gives a text that is not empty, ``unpack`` the same value again.
    """

    def __init__(
        self,
        pack: Callable[[Value], str],
        unpack: Callable[[str], Value],
        at_hand: int = AT_HAND,
    ) -> None:
        self._pack = pack
        self._unpack = unpack
        self._most = at_hand
        self._packed: OrderedDict[str, str] = OrderedDict()
        self._at_hand: OrderedDict[str, Value] = OrderedDict()  # the longest unused first

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def look(self, key: str) -> Value | None:
        """The value, not to be changed; None where there is none. This is no use of it."""
        packed = self._packed.get(key)
        if packed is None:
            return None
        value = self._at_hand.get(key)
        return self._unpack(packed) if value is None else value

    def use(self, key: str, new: Callable[[], Value]) -> Value:
        """The value, or a new one, to be changed until another is used or all are packed."""
        packed = self._packed.pop(key, None)
        value = self._at_hand.pop(key, None)
        if value is None:
            value = new() if packed is None else self._unpack(packed)
        self._packed[key] = _STALE
        self._at_hand[key] = value
        while len(self._at_hand) > self._most:
            self._put_away(next(iter(self._at_hand)))
        return value

    def change(self, key: str, value: Value) -> None:
        """Replace a value that is there by what it was changed to. This is no use of it either."""
        self._at_hand.pop(key, None)
        self._packed[key] = self._pack(value)

    def drop(self) -> str:
        """Drop the value that is longest unused; returns its key."""
        key = next(iter(self._packed))
        del self._packed[key]
        self._at_hand.pop(key, None)
        return key

    def packed(self) -> dict[str, str]:
        """Everything, packed, in order."""
        for key, value in self._at_hand.items():
            if self._packed[key] == _STALE:
                self._packed[key] = self._pack(value)
        return dict(self._packed)

    def fill(self, packed: Mapping[str, str]) -> None:
        """Hold what :meth:`packed` gave. Raises TypeError for anything else."""
        for key, text in packed.items():
            if not isinstance(text, str):
                raise TypeError(f"{key} is not packed")
        self._packed, self._at_hand = OrderedDict(packed), OrderedDict()

    def _put_away(self, key: str) -> None:
        value = self._at_hand.pop(key)
        if self._packed[key] == _STALE:
            self._packed[key] = self._pack(value)
