"""grades.toml: one scale for all, read, checked, and not needed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import get_args

import pytest

from bandit_service.api.feedback_schemas import Action
from bandit_service.learner.credit import Grades
from ltrr.grades import grades_of
from ltrr.settings import Settings
from ltrr.wiring import learner_rules
from plugin.assets.grades import CHOICES, REFUSALS, load_grades
from plugin.assets.problems import InvalidAssets
from plugin.errors import InvalidRequest

ASSETS = Path(__file__).parents[3] / "opensearch"


def scale(folder: Path, text: str) -> Grades:
    (folder / "grades.toml").write_text(text)
    return grades_of(Settings.from_env({"LTRR_ASSETS": str(folder)}))


def test_without_the_file_and_with_ours_all_is_as_usual(tmp_path: Path) -> None:
    assert grades_of(Settings.from_env({"LTRR_ASSETS": str(tmp_path)})) == Grades()
    ours = load_grades(ASSETS)
    assert set(ours) == {*CHOICES, *REFUSALS, "short_play", "long_play", "long_play_ms"}
    assert grades_of(Settings.from_env({"LTRR_ASSETS": str(ASSETS)})) == Grades()


def test_it_knows_every_action_that_feedback_can_name() -> None:
    assert {*CHOICES, *REFUSALS, "impression"} == set(get_args(Action)) == set(Grades().actions)


def test_what_the_file_says_holds_for_all_who_learn(tmp_path: Path) -> None:
    grades = scale(tmp_path, "click = 0.1\nskip = 0\nlong_play = 1\nlong_play_ms = 1000\n")
    assert grades.of("click", None) == 0.1
    assert grades.of("skip", None) == 0
    assert grades.of("play", 500) == pytest.approx(0.6)
    assert grades.of("like", None) == Grades().of("like", None)
    assert grades.digest != Grades().digest
    settings = Settings.from_env({"LTRR_ASSETS": str(tmp_path)})
    assert learner_rules(settings, ()).grades == grades


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("clik = 0.5", "did you mean 'click'"),
        ("impression = 0.1", "unknown key 'impression'"),
        ("click = 1.5", "click: must be a number from 0 to 1"),
        ("like = -0.1", "like: must be a number from 0 to 1"),
        ("skip = 0.1", "skip: must be a number from -1 to 0"),
        ("dislike = nan", "dislike: must be a number from -1 to 0"),
        ("favourite = true", "favourite: must be a number"),
        ('play = "much"', "play: must be a number"),
        ("long_play_ms = 0", "long_play_ms: must be a number from 1"),
        ("short_play = 0.5\nlong_play = 0.4", "must not be worth more than long_play"),
        ("[actions]\nclick = 1", "unknown key 'actions'"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InvalidAssets, match=said):
        scale(tmp_path, line)


def test_a_short_play_is_worth_no_more_than_a_usual_long_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="short play"):
        scale(tmp_path, "short_play = 0.9")


def test_a_folder_that_extends_ours_changes_one_grade(tmp_path: Path) -> None:
    shutil.copytree(ASSETS, tmp_path / "base")
    own = tmp_path / "own"
    own.mkdir()
    (own / "schema.toml").write_text('extends = "../base"\n')
    (own / "grades.toml").write_text("click = 0.4\n")
    given = {"LTRR_ASSETS": str(own), "LTRR_CACHE": str(tmp_path / "cache")}
    whole = load_grades(Settings.from_env(given).assets)
    assert whole == {**load_grades(ASSETS), "click": 0.4}
