"""Finds what looks like a credential, so that none is committed with the assets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_KEYS = re.compile(
    r"(password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|token$|authorization"
    r"|private[_-]?key|credential)",
    re.IGNORECASE,
)
_TEXTS = (
    (re.compile(r"\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{12,}"), "an authorization header"),
    (re.compile(r"\bA(?:KIA|SIA)[A-Z0-9]{16}\b"), "an AWS access key"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"), "an API key"),
    (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}"), "a GitHub token"),
    (re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"), "a Slack token"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), "a signed token"),
    (re.compile(r"://[^/\s:@\"'$]+:[^/\s:@\"'$]+@"), "a password in a URL"),
)
# ML Commons wants a credential even where none is used.
_DUMMIES = frozenset({"", "unused", "none", "dummy"})
_REFERENCE = re.compile(r"\$\{[^}]+\}|\{\{[^}]+\}\}")


def in_text(text: str) -> Iterator[tuple[int, str]]:
    """Every (line number, what it looks like) in a text."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, meaning in _TEXTS:
            if pattern.search(line):
                yield number, meaning


def in_value(value: Any, place: str = "", secret: bool = False) -> Iterator[tuple[str, str]]:
    """Every (place, what it looks like) of a JSON value, by the names of its keys."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = f"{place}.{key}" if place else str(key)
            yield from in_value(inner, here, secret or bool(_KEYS.search(str(key))))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from in_value(inner, f"{place}[{index}]", secret)
    elif secret and isinstance(value, str) and value not in _DUMMIES:
        if not _REFERENCE.sub("", value).replace("Bearer", "").strip():
            return
        yield place, "a credential"
