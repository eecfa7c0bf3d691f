"""Find out from its log why a node died."""

from __future__ import annotations

import re
from pathlib import Path

from plugin.engine.process import last_lines

_SIGNS = (
    re.compile(r"^Likely root cause: "),
    re.compile(r"^(?:Unrecognized |Error: )|could not find java|Cannot allocate memory"),
    re.compile(r"^Caused by: |^Exception in thread"),
    re.compile(r"\[(?:ERROR|FATAL)\s*\]|^\S*(?:Exception|Error)\b"),
)
"""What tells the reason, the most telling first."""

_ADVICE = (
    ("failed to obtain node locks", "Another node already uses this data folder."),
    ("Address already in use", "Another program took its port; `ltrr up` again chooses another."),
    ("Could not reserve enough space", "There is not enough free memory."),
    ("Cannot allocate memory", "There is not enough free memory."),
    (
        "Corrupt",
        "The node's data is damaged: remove the folder `data` beside its logs, and load it again.",
    ),
    (
        "IndexFormatTooOldException",
        "The node's data is damaged: remove the folder `data` beside its logs, and load it again.",
    ),
)


def reason_of_death(log: Path) -> str:
    """The two most telling lines, what to do, and where to read more."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    except OSError:
        return last_lines(log)
    found = {
        # without the time and the names that OpenSearch begins a line with
        re.sub(r"^(?:\[[^\]]*\]\s*)+", "", line)[:400]: None
        for sign in _SIGNS
        for line in lines
        if sign.search(line)
    }
    told = "\n  ".join(list(found)[:2]) or last_lines(log)
    advice = next((text for sign, text in _ADVICE if sign in told), "")
    return "\n  ".join(part for part in (told, advice, f"The whole log: {log}") if part)
