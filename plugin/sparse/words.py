"""The tokens of the catalogue encoder: normalised words, and pairs of signs where none are split.

Japanese and Chinese put no spaces between words. Two neighbouring signs are a token there, as in
OpenSearch's ``cjk`` analyzer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from plugin.sparse.base import LONGEST
from plugin.understanding.normalise import normalise

_UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f"
_RUNS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_SIGN = re.compile(f"[{_UNSPACED}]")


def tokens(text: str) -> list[str]:
    """The tokens of ``text`` in their order, repeated ones included."""
    return [token for word in normalise(text).split() for token in _split(word)]


def _split(word: str) -> Iterator[str]:
    if word.isascii():
        if len(word) <= LONGEST:
            yield word
        return
    for run in _RUNS.findall(word):
        if not _SIGN.match(run) or len(run) == 1:
            if len(run) <= LONGEST:
                yield run
        else:
            yield from (first + second for first, second in pairwise(run))
