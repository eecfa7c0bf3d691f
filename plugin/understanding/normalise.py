"""One reading of a query text for everything that compares queries.

Predicted queries (made at ingest) and observed ones (made by people) must meet under the same key,
so both sides call these two functions and nothing else.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_NO_WORD = re.compile("[^a-z0-9]+")


def normalise(text: str) -> str:
    """Fold case, compatibility forms, accents and punctuation; single spaces between words.

    Marks are dropped only where they decorate a Latin, Greek or Cyrillic letter ("é" → "e"): in
    other scripts (Japanese voicing, Indic vowels) they carry the meaning.
    """
    if text.isascii():  # most texts, forty times faster
        return " ".join(_NO_WORD.split(text.lower().replace("'", ""))).strip()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept: list[str] = []
    base_is_european = False
    for char in decomposed:
        category = unicodedata.category(char)
        if category.startswith("M"):
            if not base_is_european:
                kept.append(char)
        elif category.startswith(("L", "N")):
            base_is_european = ord(char) < 0x530
            kept.append(char)
        else:
            base_is_european = False
            # An apostrophe joins ("don't" is one word), anything else separates.
            kept.append("" if char in "'’" else " ")
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def memory_key(text: str) -> str:
    """The key of a query in the memory: 16 hex digits, or "" for a text without any word.

    A hash because feature names of a ``rank_features`` field may hold no dots and should be short.
    """
    normalised = normalise(text)
    if not normalised:
        return ""
    return hashlib.blake2b(normalised.encode(), digest_size=8).hexdigest()
