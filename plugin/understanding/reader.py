"""The reader of queries: words → language, slots with likelihoods, corrections, intents.

The likelihood of a reading is its weight among everything that the same words can mean, times what
speaks against it: typing errors, a name of which only a part was typed, a longer reading around it.
None of the factors is learnt: they only have to order readings sensibly, since a wrong one is a
weak constraint and the policy learns how much to trust them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from plugin.model import Slot
from plugin.understanding.gathering import Meaning
from plugin.understanding.intents import intents_of
from plugin.understanding.languages import guess_language
from plugin.understanding.matching import (
    Lattice,
    Match,
    part_matches,
    spellings,
    whole_matches,
)
from plugin.understanding.normalise import normalise
from plugin.understanding.reading import Understanding, understand
from plugin.understanding.units import Units, units_of
from plugin.understanding.vocabulary import Vocabulary
from plugin.understanding.wording import Wording

MOST_SLOTS = 12
LEAST_LIKELIHOOD = 0.05

_MOST_UNITS = 64  # of a query; nobody's 65th word changes what they want
_OTHERS = 0.15  # how much of a longer name one means by typing only a word of it
_JUST_WORDS = 0.3  # the weight of meaning nothing of the index by a word
_ALONE = 0.7  # exponent for a reading of the whole query, or of several words
_AMONG_OTHERS = 0.6  # a title of one word, beside other words
_STOP_WORDS = 0.4  # a name that is made of stop words, or is "top", beside other words
_WISHES = frozenset({"recent", "popular"})
_STEERS = frozenset({"type", "language", "recent", "popular"})
_TAKEN = 0.5  # from this on, a word is a value and not searched for as a word as well
_TAKEN_EASILY = 0.25  # the same for makers, types, "new": hardly ever words of titles
_SWALLOWED = 0.4  # what a certain longer reading takes from those inside it
_READ = 0.3  # from this on, words are taken to be values …
_READ_OTHERWISE = 0.5  # … and the less a part of a name
_MOST_READINGS = 3  # of one phrase in one role
_OTHER_NAME = 0.5  # a word of an alias
_SPOKEN = 0.4  # that who writes in a language wants what is in it


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads queries with the newest vocabulary; without one, only words and language."""

    wording: Wording
    vocabulary: Callable[[], Vocabulary | None]

    def read(self, text: str) -> Understanding:
        """What ``text`` may mean. Never raises for any text."""
        plain = understand(text)
        language, sure = guess_language(plain.text[:500], plain.words, self.wording)
        vocabulary = self.vocabulary()
        units = units_of(plain.words, _MOST_UNITS)
        words = plain.words[:_MOST_UNITS]
        slots: list[Slot] = []
        corrected = ""
        if vocabulary is not None and units.units:
            lattice = spellings(units.units, vocabulary, self.wording)
            slots = self._slots(lattice, units, words, vocabulary)
            corrected = _corrected(lattice, units, words, slots)
        nothing = not plain.words or (
            self.wording.only_stops(plain.words) and not _names_it(slots, len(plain.words))
        )
        if spoken := self._spoken(language, sure, len(plain.words), vocabulary, slots):
            slots.append(spoken)
        slots = sorted(slots, key=lambda slot: -slot.likelihood)[:MOST_SLOTS]
        return replace(
            plain,
            says_nothing=nothing,
            language=language,
            slots=() if nothing else tuple(slots),
            corrected=corrected,
            rewritten=None if nothing else _rewritten(plain.words, corrected, slots),
            rest="" if nothing else self._rest(corrected.split() or words, slots),
            intents={} if nothing else intents_of(plain, slots, self.wording),
        )

    def _rest(self, words: Sequence[str], slots: Sequence[Slot]) -> str:
        """The words that are neither stop words nor likely to be a value or a maker."""
        taken = {
            at
            for slot in slots
            if slot.words and _takes(slot, slots)
            for at in range(slot.start, slot.end)
        }
        kept = (word for at, word in enumerate(words) if at not in taken)
        return " ".join(word for word in kept if not self.wording.stops(word))

    def _slots(
        self, lattice: Lattice, units: Units, words: tuple[str, ...], vocabulary: Vocabulary
    ) -> list[Slot]:
        whole = whole_matches(lattice, vocabulary)
        weights: dict[tuple[int, int], float] = {}
        for match in whole:
            span = match.start, match.end
            weights[span] = weights.get(span, 0.0) + vocabulary.weight(match.phrase) * match.trust
        sure = _best(
            slot
            for match in whole
            for slot in self._readings(
                match, weights[match.start, match.end], units, words, vocabulary
            )
        )
        values = {
            at
            for slot in sure
            if slot.role not in ("name", "by") and slot.likelihood >= _READ
            for at in range(slot.start, slot.end)
        }
        parts = _best(
            replace(slot, likelihood=slot.likelihood * _READ_OTHERWISE)
            if values.issuperset(range(slot.start, slot.end))
            else slot
            for match in part_matches(lattice, vocabulary)
            for slot in self._readings(
                match, weights.get((match.start, match.end), 0.0), units, words, vocabulary
            )
        )
        return _tidied(sure, parts)

    def _readings(
        self,
        match: Match,
        exact: float,
        units: Units,
        words: tuple[str, ...],
        vocabulary: Vocabulary,
    ) -> list[Slot]:
        """The slots of one match; ``exact`` is the weight of phrases that are just these words."""
        typed = units.units[match.start : match.end]
        start, end = units.word[match.start], units.word[match.end - 1] + 1
        whole_query = len(typed) == len(units.units)
        stops = all(self.wording.stops(unit) for unit in typed)
        meanings = _possible(match, vocabulary)
        if stops and len(typed) == 1 and not whole_query:
            meanings = [one for one in meanings if one.role not in ("name", "by")]
        steers = any(one.role in _STEERS for one in meanings)
        heaviest = max((one.weight for one in meanings), default=1.0)
        slots: list[Slot] = []
        for role in dict.fromkeys(one.role for one in meanings):
            group = [one for one in meanings if one.role == role]
            of_role = sum(one.weight for one in group)
            likelihood = match.trust * math.sqrt(group[0].weight / heaviest)
            if not whole_query and (stops or (steers and role in ("name", "by"))):
                likelihood *= _STOP_WORDS
            for one in group[:_MOST_READINGS]:
                if match.covered < 1.0:
                    share = one.weight / of_role * _part_share(match, exact, vocabulary)
                    if not one.own:
                        share *= _OTHER_NAME
                else:
                    share = _whole_share(one, match, of_role)
                    if whole_query or len(typed) > 1:
                        share **= _ALONE
                    elif role == "name":
                        share *= _AMONG_OTHERS
                if share * likelihood >= LEAST_LIKELIHOOD:
                    said = " ".join(words[start:end]) if end - start > 1 else "".join(typed)
                    sure = min(1.0, share * likelihood)
                    slots.append(
                        Slot(start, end, said, role, one.field, one.value, sure, one.entity)
                    )
        return slots

    def _spoken(
        self,
        language: str | None,
        sure: float,
        words: int,
        vocabulary: Vocabulary | None,
        slots: Sequence[Slot],
    ) -> Slot | None:
        """The language of a query as a weak wish, where it is not the usual one of the index."""
        if vocabulary is None or language is None or any(s.role == "language" for s in slots):
            return None
        field, count = vocabulary.language_field, vocabulary.languages.get(language, 0)
        likelihood = sure * _SPOKEN
        if not field or not count or 2 * count > vocabulary.entities:
            return None
        if likelihood < LEAST_LIKELIHOOD:
            return None
        return Slot(0, words, "", "language", field, language, likelihood)


def _possible(match: Match, vocabulary: Vocabulary) -> list[Meaning]:
    """The meanings of the phrase; a part of a phrase stands for a value only by its own name."""
    meanings = vocabulary.meanings(match.phrase)
    if match.covered == 1.0:
        return meanings
    return [
        one for one in meanings if one.role in ("name", "by") or (one.role == "facets" and one.own)
    ]


def _part_share(match: Match, exact: float, vocabulary: Vocabulary) -> float:
    """A phrase's share of all that hold, or are, the words that stand for a part of it."""
    everything = match.others + exact / _OTHERS + _JUST_WORDS
    return vocabulary.weight(match.phrase) / everything * math.sqrt(match.covered)


def _whole_share(one: Meaning, match: Match, of_role: float) -> float:
    """A meaning's share of what the words can mean in its role, or as part of a longer name."""
    # Many titles hold "rock" because there is rock: they say less against a value than a title.
    named = one.role in ("name", "by")
    others = _OTHERS * (match.others if named else math.sqrt(match.others))
    return one.weight / (of_role + others + _JUST_WORDS * one.weight)


def _takes(slot: Slot, slots: Sequence[Slot]) -> bool:
    """Whether a reading is so likely that its words need not be searched for as words.

    What is called so as a whole is found by the reading of its name; only names inside the same
    words speak for the words.
    """
    if slot.role == "name":
        return False
    if slot.role not in ("by", "facets"):
        return slot.likelihood >= _TAKEN_EASILY
    inside = (s for s in slots if s.role == "name" and slot.start <= s.start and s.end <= slot.end)
    named = max((one.likelihood for one in inside), default=0.0)
    if slot.role == "by":
        return slot.likelihood >= max(_TAKEN_EASILY, named / 2)
    # "pop" is what it says; "love" may be said for another value, and for much else.
    own = normalise(slot.value) == slot.words
    return slot.likelihood >= max(_TAKEN_EASILY if own else _TAKEN, named)


def _rewritten(words: Sequence[str], corrected: str, slots: Sequence[Slot]) -> str | None:
    """The corrected words without those that only wish for what is new or popular.

    They are no words of what is wanted: searched for, "new pop" brings New Order.
    "" where nothing else is said, None where nothing changes.
    """
    wishes = {
        at
        for slot in slots
        if slot.role in _WISHES and slot.likelihood >= _TAKEN_EASILY
        for at in range(slot.start, slot.end)
    }
    said = corrected.split() or words
    kept = [word for at, word in enumerate(said) if at not in wishes]
    return " ".join(kept) if kept != list(words) else None


def _best(slots: Iterable[Slot]) -> list[Slot]:
    """Of several ways to the same reading of the same words, the likeliest."""
    found: dict[tuple[int, int, str, str, str, str | None], Slot] = {}
    for slot in slots:
        key = (slot.start, slot.end, slot.role, slot.field, slot.value, slot.entity)
        if key not in found or found[key].likelihood < slot.likelihood:
            found[key] = slot
    return list(found.values())


def _tidied(sure: list[Slot], parts: list[Slot]) -> list[Slot]:
    """Readings inside a longer likely one of a whole phrase lose what it takes.

    The unlikely are dropped, and of one meaning only the best reading stays.
    """
    kept: list[Slot] = []
    for slot in (*sure, *parts):
        swallowed = max(
            (
                other.likelihood * (1.0 if _is_no_wish(slot, other, sure) else _SWALLOWED)
                for other in sure
                if other.start <= slot.start
                and slot.end <= other.end
                and other.end - other.start > slot.end - slot.start
            ),
            default=0.0,
        )
        likelihood = slot.likelihood * (1 - swallowed)
        if likelihood >= LEAST_LIKELIHOOD:
            kept.append(replace(slot, likelihood=likelihood))
    best: dict[tuple[str, str, str, str | None], Slot] = {}
    for slot in sorted(kept, key=lambda one: (-one.likelihood, one.start, one.start - one.end)):
        best.setdefault((slot.role, slot.field, slot.value, slot.entity), slot)
    return list(best.values())


def _is_no_wish(slot: Slot, name: Slot, sure: Sequence[Slot]) -> bool:
    """The "new" of New Order is no wish; that of New Pop may be, since there is pop."""
    return slot.role in _WISHES and not any(
        one.role not in ("name", *_WISHES)
        and one.likelihood >= _READ
        and name.start <= one.start
        and one.end <= name.end
        and (one.end <= slot.start or slot.end <= one.start)
        for one in sure
    )


def _names_it(slots: Sequence[Slot], words: int) -> bool:
    return any(
        slot.role in ("name", "by") and slot.start == 0 and slot.end == words for slot in slots
    )


def _corrected(
    lattice: Lattice, units: Units, words: tuple[str, ...], slots: Sequence[Slot]
) -> str:
    """The words with the likeliest correction of each that has one; "" where none has.

    What the likeliest reading of a word took it for goes before what is usual by itself.
    """
    changed = list(words)
    for typed, place in zip(lattice, units.word, strict=True):
        if len(typed) > 1:
            tried = [spelling.unit for spelling in typed[1:]]
            read = (
                unit
                for slot in slots
                if slot.start <= place < slot.end
                for unit in normalise(slot.value).split()
                if unit in tried
            )
            changed[place] = words[place].replace(typed[0].unit, next(read, tried[0]), 1)
    return " ".join(changed) if changed != list(words) else ""
