"""Which language a query is in: by its script, else by its stop words and letters.

A guess from three words is never sure, so it comes with a confidence, and None is an answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from plugin.understanding.wording import Wording

# Scripts that (nearly) one language writes: first and last code point, code, how sure it is.
_SCRIPTS = (
    (0x3040, 0x30FF, "ja", 0.95),
    (0xAC00, 0xD7AF, "ko", 0.95),
    (0x1100, 0x11FF, "ko", 0.95),
    (0x4E00, 0x9FFF, "zh", 0.6),
    (0x0E00, 0x0E7F, "th", 0.95),
    (0x0370, 0x03FF, "el", 0.95),
    (0x0400, 0x04FF, "ru", 0.6),
    (0x0590, 0x05FF, "he", 0.95),
    (0x0600, 0x06FF, "ar", 0.6),
    (0x0900, 0x097F, "hi", 0.7),
)
_FIRST = min(first for first, *_ in _SCRIPTS)
_SPEAKS = 0.3
"""Share of the letters that a script needs, to say what language it is."""


def guess_language(text: str, words: Sequence[str], wording: Wording) -> tuple[str | None, float]:
    """The likeliest language code and how sure that is (0..1); ``words`` are normalised."""
    if not text.isascii() and (found := _by_script(text)):
        return found
    letters = set(text.casefold()) if not text.isascii() else set()
    points: dict[str, float] = {}
    for code, stops in wording.stop_words.items():
        points[code] = float(sum(1 for word in words if word in stops))
    for code, special in wording.letters.items():
        points[code] = points.get(code, 0.0) + 1.5 * len(letters & special)
    ranked = sorted(points.items(), key=lambda one: -one[1])
    if not ranked or ranked[0][1] == 0:
        return None, 0.0
    best = ranked[0][1]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    if best == second:
        return None, 0.0
    # One stop word of five is a hint; two of four and nobody near is nearly certain.
    sure = (best - second) / (best + second) * min(1.0, 0.4 + best / max(2, len(words)))
    return ranked[0][0], min(0.95, sure)


def _by_script(text: str) -> tuple[str, float] | None:
    counted: dict[str, int] = {}
    sure: dict[str, float] = {}
    letters = 0
    for char in text[:500]:
        if not char.isalpha():
            continue
        letters += 1
        code = ord(char)
        if code < _FIRST:
            continue
        for first, last, language, confidence in _SCRIPTS:
            if first <= code <= last:
                counted[language] = counted.get(language, 0) + 1
                sure[language] = confidence
                break
    if not counted:
        return None
    # Japanese mixes kana into Han characters; Chinese has no kana.
    if "ja" in counted and "zh" in counted:
        counted["ja"] += counted.pop("zh")
    language = max(counted, key=lambda one: counted[one])
    if counted[language] < _SPEAKS * letters:
        return None
    return language, sure[language]
