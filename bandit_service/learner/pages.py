"""What the learner knows of one query while its window is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bandit_service.journal.entries import arms_of
from bandit_service.policies.inclusion import marginal


@dataclass(slots=True)
class OpenPage:
    """A query between its first entry and the end of its window.

    ``decision`` is None until it arrived, and ``closed`` once the policy has learnt from it.
    ``shown``: entity → (position, strategy → rank). ``waiting``: events about entities that no
    page has shown yet, as [entity, action, grade, voice, user]. ``parts`` are the entries seen:
    their ids without the query id. ``reach`` is the last position that is known to have been
    looked at, 0 where nobody told; ``looked``: entity → how much of an examination by ``voice``
    the memory counts for this page. ``drafted``: on a page that two policies share, entity → whose
    it is (see :class:`bandit_service.policies.contest.Contest`).
    """

    opened: int
    decision: dict[str, Any] | None = None
    closed: bool = False
    learn: bool = True
    key: str = ""
    text: str = ""
    pages: int = 0
    shown: dict[str, tuple[int, dict[str, int]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    waiting: list[list[Any]] = field(default_factory=list)
    parts: dict[str, None] = field(default_factory=dict)
    reach: int = 0
    voice: str = ""
    looked: dict[str, float] = field(default_factory=dict)
    drafted: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> list[Any]:
        """Everything, as plain JSON."""
        return [
            self.opened,
            self.decision,
            self.closed,
            self.learn,
            self.key,
            self.text,
            self.pages,
            self.shown,
            self.failed,
            self.waiting,
            list(self.parts),
            self.reach,
            self.voice,
            self.looked,
            # Only where it is something: states without challengers stay what they were.
            *([self.drafted] if self.drafted else []),
        ]

    @classmethod
    def from_json(cls, data: list[Any]) -> OpenPage:
        """What :meth:`to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        opened, decision, closed, learn, key, text, pages, shown, failed, waiting, *rest = data
        parts, reach, voice, looked, *drafted = rest
        return cls(
            int(opened),
            decision,
            bool(closed),
            bool(learn),
            str(key),
            str(text),
            int(pages),
            {entity: (int(position), dict(ranks)) for entity, (position, ranks) in shown.items()},
            list(failed),
            [list(event) for event in waiting],
            dict.fromkeys(parts),
            int(reach),
            str(voice),
            dict(looked),
            *map(dict, drafted),
        )


def decided(body: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be kept of a decision's body until it is learnt.

    ``eligible``: strategy → its features, for all that ran.

    Raises:
        KeyError, TypeError: the body is not a decision's.
    """
    features = body.get("strategies") or {}
    return {
        "context": dict(body["context"]),
        "eligible": {
            choice["strategy"]: dict(features.get(choice["strategy"], {}))
            for choice in body["choices"]
            if choice["included"]
        },
    }


def chances(body: Mapping[str, Any]) -> dict[str, float]:
    """With what probability, over all arms, each strategy ran that might have.

    Empty in journals of before arms were logged. Raises KeyError, TypeError or ValueError: the body
    is not a decision's.
    """
    arms = arms_of(body)
    return {name: marginal(arms, name) for name in (arms[0].propensities if arms else ())}
