"""The one scale of actions, by the settings: a part of the wiring."""

from __future__ import annotations

from bandit_service.learner.credit import Grades
from ltrr.settings import Settings
from plugin.assets.grades import LONG_PLAY, LONG_PLAY_MS, SHORT_PLAY, load_grades


def grades_of(settings: Settings) -> Grades:
    """What actions are worth: the usual scale, with what ``grades.toml`` says instead."""
    given = load_grades(settings.assets)
    usual = Grades()
    actions = {action: given.get(action, grade) for action, grade in usual.actions.items()}
    return Grades(
        actions,
        given.get(SHORT_PLAY, usual.short_play),
        given.get(LONG_PLAY, usual.long_play),
        int(given.get(LONG_PLAY_MS, usual.long_play_ms)),
    )
