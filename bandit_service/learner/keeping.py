"""Which snapshots are kept: the newest two always, and earlier ones some time apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bandit_service.journal.reader import Position


@dataclass(frozen=True, slots=True)
class Kept:
    """One snapshot. ``state`` and ``served`` are the SHA-256 of its two parts.

    ``published_at`` (epoch milliseconds) is the publisher's clock: it decides only what is kept.
    ``artefacts`` are what its models are made of.
    """

    version: str
    position: Position
    published_at: int
    state: str
    served: str
    artefacts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain JSON."""
        return {
            "version": self.version,
            "position": [self.position.generation, self.position.seq_no],
            "published_at": self.published_at,
            "state": self.state,
            "served": self.served,
            "artefacts": list(self.artefacts),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Kept:
        """What :meth:`to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        generation, seq_no = data["position"]
        return cls(
            str(data["version"]),
            Position(int(generation), int(seq_no)),
            int(data["published_at"]),
            str(data["state"]),
            str(data["served"]),
            tuple(str(one) for one in data["artefacts"]),
        )


@dataclass(frozen=True, slots=True)
class Keeping:
    """``most`` snapshots, 2 or more: beside the newest two those ``apart_ms`` or more apart."""

    most: int = 5
    apart_ms: int = 3_600_000

    def after(self, newest: Kept, before: Sequence[Kept]) -> tuple[Kept, ...]:
        """What to keep once ``newest`` is published over ``before``; both lists newest first.

        The one before the newest stays, whatever its age: somebody may be loading it right now.
        """
        kept = [newest]
        rest = [one for one in before if one.state != newest.state]
        for place, one in enumerate(rest):
            older = rest[place + 1] if place + 1 < len(rest) else None
            spaced = older is None or one.published_at - older.published_at >= self.apart_ms
            if place == 0 or spaced:
                kept.append(one)
        return tuple(kept[: max(2, self.most)])
