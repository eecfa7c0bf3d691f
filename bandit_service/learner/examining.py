"""What of a page was looked at: by position, unless the client tells by impressions.

Without impressions every position counts as examined by the share of people who look at it. As soon
as one impression (or, beside impressions, another event) of the page is known, what stands below
the last of them was not looked at: it is no evidence against an entity, nor, where nothing was
chosen, against a strategy whose entities all stand there.
"""

from __future__ import annotations

from bandit_service.learner.pages import OpenPage
from bandit_service.memory import Memory

IMPRESSION = "impression"


def show(memory: Memory, page: OpenPage, entity: str, prior: float | None = None) -> None:
    """``entity`` stands on ``page``: count it as examined by its position."""
    if page.key:
        position, _ = page.shown[entity]
        more = memory.show(page.key, page.voice, entity, position, prior)
        page.looked[entity] = page.looked.get(entity, 0.0) + more


def look(memory: Memory, page: OpenPage, entity: str) -> None:
    """``entity``, which stands on ``page``, was looked at, and so was what stands above it."""
    position, _ = page.shown[entity]
    if position > page.reach:
        page.reach = position
        bound(memory, page)


def bound(memory: Memory, page: OpenPage) -> None:
    """Count what is within the reach of ``page``, and not what is below it, where one is known."""
    if not page.reach or not page.key:
        return
    for entity, (position, _) in page.shown.items():
        counted = page.looked.get(entity, 0.0)
        if position > page.reach and counted:
            memory.hide(page.key, page.voice, entity, counted)
            page.looked[entity] = 0.0
        elif position <= page.reach and not counted:
            show(memory, page, entity)


def unjudged(page: OpenPage) -> frozenset[str]:
    """The strategies that brought only what nobody looked at."""
    if not page.reach:
        return frozenset()
    seen: set[str] = set()
    below: set[str] = set()
    for position, ranks in page.shown.values():
        (seen if position <= page.reach else below).update(ranks)
    return frozenset(below - seen)
