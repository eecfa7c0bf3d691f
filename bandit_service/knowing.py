"""Know: the question with everything that can be known of it before anything is retrieved."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bandit_service.page import Question
from plugin.encoding import Encoder
from plugin.model import Query
from plugin.understanding import Understanding, understand

log = logging.getLogger(__name__)

LookUp = Callable[[Query], Query]
"""Adds to a query what is known of it from elsewhere."""


class Knowing:
    """Question → query. Safe to share between threads; what fails costs only what it would bring.

    ``read`` reads the words (:class:`plugin.understanding.reader.Reader`); ``lookups`` are called
    in their order, after the text was read and encoded.
    """

    def __init__(
        self,
        encoder: Encoder | None,
        lookups: Mapping[str, LookUp],
        clock: Callable[[], datetime],
        read: Callable[[str], Understanding] = understand,
    ) -> None:
        self._encoder = encoder
        self._lookups = lookups
        self._clock = clock
        self._read = read

    def query(self, question: Question, trouble: list[str]) -> Query:
        """The query of ``question``; what failed is added to ``trouble``."""
        reading = self._reading(question.text, trouble)
        query = Query(
            text=reading.text,
            memory_key=reading.memory_key,
            says_nothing=reading.says_nothing,
            language=reading.language,
            slots=reading.slots,
            corrected=reading.corrected,
            rewritten=reading.rewritten,
            rest=reading.rest,
            intents=reading.intents,
            now=self._clock(),
            filters=question.filters,
            types=question.types,
            user=question.user,
            session=question.session,
            locale=question.locale,
            device=question.device,
        )
        for name, look_up in (("encoder", self._encode), *self._lookups.items()):
            try:
                query = look_up(query)
            except Exception:
                log.exception("%s failed; strategies that need what it brings are left out", name)
                trouble.append(f"{name}: it failed")
        return query

    def _reading(self, text: str, trouble: list[str]) -> Understanding:
        try:
            return self._read(text)
        except Exception:
            log.exception("the query could not be read; only its words are known")
            trouble.append("understanding: it failed")
            return understand(text)

    def _encode(self, query: Query) -> Query:
        # A text without a word means nothing to an encoder either, and a misspelt one something
        # else; "new" draws a vector to what is called new.
        if self._encoder is None or query.says_nothing:
            return query
        text = query.rewritten or query.text
        return replace(query, vector=tuple(self._encoder.encode([text])[0].tolist()))
