"""Who asks: never by name, only new or known, with what locale and device, and what they chose."""

from __future__ import annotations

import re

from plugin.model import Query

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE | re.DOTALL)


def people(query: Query, *, session_seen: bool, user_known: bool) -> dict[str, float]:
    """Features of user and session; ``chose=<type>`` is the share of that type among what the
    session chose lately."""
    spoken = _LANGUAGE.fullmatch(query.locale or "")
    features = {
        "locale": float(query.locale is not None),
        "session_given": float(query.session is not None),
        "session_seen": float(session_seen),
        "session_chose": float(bool(query.session_types)),
        "user_given": float(query.user is not None),
        "user_known": float(user_known),
    }
    if spoken:
        features[f"locale={spoken[1].lower()}"] = 1.0
    if query.device:
        features[f"device={query.device}"] = 1.0
    return features | {f"chose={kind}": share for kind, share in query.session_types.items()}
