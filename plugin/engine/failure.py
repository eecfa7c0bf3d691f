"""Find out from its log why a node died."""

from __future__ import annotations

import re
from pathlib import Path

from plugin.engine.process import last_lines

_TELLING = re.compile(
    r"^(?:Exception in thread|Error:|Unrecognized |Likely root cause|.*Exception: |.*Error: )"
    r"|\[(?:ERROR|FATAL)\s*\]|could not find java|Cannot allocate memory"
)
_ROOT = re.compile(r"Likely root cause: (.*)|^(?:Caused by|uncaught exception).*")

_ADVICE = (
    ("failed to obtain node locks", "Another node already uses this data folder."),
    ("Failed to bind", "Another program took its port; `ltrr up` again chooses a free one."),
    ("Could not reserve enough space", "There is not enough free memory."),
    ("Cannot allocate memory", "There is not enough free memory."),
)


def reason_of_death(log: Path) -> str:
    """The lines that say what was wrong, the most telling one first, and where to read more."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    except OSError:
        return last_lines(log)
    kept: list[str] = []
    for line in lines:
        if _ROOT.search(line) or _TELLING.search(line):
            short = re.sub(r"^\[[^\]]*\](?:\[[^\]]*\])*\s*", "", line)[:400]
            if short and short not in kept:
                kept.append(short)
    if not kept:
        return f"{last_lines(log)}\n  The whole log: {log}"
    kept.sort(key=lambda line: 0 if _ROOT.search(line) else 1)
    told = "\n  ".join(kept[:4])
    advice = next((text for sign, text in _ADVICE if any(sign in line for line in kept)), "")
    return f"{told}\n  {advice + ' ' if advice else ''}The whole log: {log}"
