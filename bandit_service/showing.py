"""Show: from an arranged list to the hits of a page, with what they display."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bandit_service.outside import Hydrate
from bandit_service.page import Question, Shown
from bandit_service.paging import Ranked
from plugin.assets.page import PageSettings
from plugin.assets.schema import Schema
from plugin.highlighting import Highlight
from plugin.hydration import Extras, Hydrated
from plugin.model import Candidate, Clause, Query
from plugin.rewriting import shortened
from plugin.understanding import memory_key

_NEAR, _FAR = 20, 40
"""How many more than a page are read at once (ten sources cost about .4 ms): what is arranged or
drops out then leaves no hole that another request must fill. With page.toml's usual diversity
nothing rises to the first ten from beyond the sixteenth place."""


def slack(size: int, *, far: bool = False) -> int:
    """How many more than a page of ``size`` are read at once; ``far``: it is made from afar."""
    return max(_FAR if far else _NEAR, size // 2)


@dataclass(frozen=True, slots=True)
class Part:
    """The hits of a page, and what was read beside them."""

    shown: list[Shown]
    hydrated: Hydrated


class Showing:
    """Reads what pages display. Safe to share between threads."""

    def __init__(self, hydrate: Hydrate, schema: Schema, settings: PageSettings) -> None:
        self._hydrate = hydrate
        self._schema = schema
        self._settings = settings

    def extras(
        self,
        question: Question,
        query: Query,
        brought: Sequence[str],
        named: Mapping[str, Sequence[Clause]],
        *,
        read: Sequence[Candidate] = (),
    ) -> Extras:
        """What a first page reads beside the fields of the schema: see :class:`Extras`; of those to
        be ``read``, the whole text."""
        vectors = {"query": query.vector, "adapted": query.adapted_vector}
        return Extras(
            values=(self._schema.type, *self._settings.values),
            named=named,
            vectors={name: one for name, one in vectors.items() if one is not None},
            facets=question.facets,
            text="" if query.says_nothing else shortened(query.text),
            brought=brought,
            highlight=self._highlight(question),
            texts=[one.id for one in read],
        )

    def first(
        self,
        ranked: Sequence[Candidate],
        question: Question,
        filters: Sequence[Clause],
        known: Hydrated,
        collapsed: Mapping[str, tuple[str, ...]],
    ) -> tuple[list[Candidate], list[Shown]]:
        """The first page, and the ranked list without what turned out to be gone meanwhile.

        ``known`` was read already; sources of others are read only where needed.
        """
        left = list(ranked)
        size = question.size
        while missing := [one.id for one in left[:size] if one.id not in known.sources]:
            more = self._read(missing, filters, Extras(highlight=self._highlight(question)))
            known = replace(
                known,
                sources={**known.sources, **more.sources},
                highlights={**known.highlights, **more.highlights},
            )
            gone = set(missing) - more.sources.keys()
            left = [candidate for candidate in left if candidate.id not in gone]
        return left, [
            self._hit(candidate, position, known, collapsed)
            for position, candidate in enumerate(left[:size], start=1)
        ]

    def part(self, listed: Ranked, question: Question, filters: Sequence[Clause]) -> Part:
        """A later page: the part of ``listed`` that is asked for, without what is gone or violates
        the filters. The positions of the others stay what they are."""
        part = listed.candidates[question.start : question.start + question.size]
        extras = Extras(
            facets=question.facets,
            text=shortened(question.text) if memory_key(question.text) else "",
            brought=[candidate.id for candidate in listed.candidates],
            highlight=self._highlight(question),
        )
        known = self._read([candidate.id for candidate in part], filters, extras)
        shown = [
            self._hit(one, position, known, listed.collapsed)
            for position, one in enumerate(part, start=question.start + 1)
            if one.id in known.sources
        ]
        return Part(shown, known)

    def _highlight(self, question: Question) -> Highlight | None:
        if not question.highlight or not question.text:
            return None
        return Highlight(question.text, question.highlight, self._settings.tags, self._schema.name)

    def _read(self, ids: Sequence[str], filters: Sequence[Clause], extras: Extras) -> Hydrated:
        return self._hydrate((), filters, show=ids, extras=extras)

    def _hit(
        self,
        candidate: Candidate,
        position: int,
        known: Hydrated,
        collapsed: Mapping[str, tuple[str, ...]],
    ) -> Shown:
        source = known.sources[candidate.id]
        return Shown(
            candidate,
            str(source.get(self._schema.type, "")),
            source,
            position,
            collapsed.get(candidate.id, ()),
            known.highlights.get(candidate.id, {}),
        )
