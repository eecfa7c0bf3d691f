"""What each user chose: faded, bounded, forgettable."""

from __future__ import annotations

import pytest

from bandit_service.learner import users as module
from bandit_service.learner.users import HALF_LIFE_MS, LARGEST, MOST_ENTITIES, Users


def weights(users: Users, user: str) -> dict[str, float]:
    known = users.of(user)
    return dict(known.weights) if known else {}


def test_a_choice_counts_half_after_a_half_life() -> None:
    users = Users()
    users.act("u", "old", 0.6, 0)
    users.act("u", "new", 0.6, HALF_LIFE_MS)
    assert weights(users, "u") == {"old": pytest.approx(0.3), "new": pytest.approx(0.6)}


def test_choosing_the_same_over_and_over_has_an_end() -> None:
    users = Users()
    for _ in range(50):
        users.act("u", "a", 0.6, 0)
    assert weights(users, "u") == {"a": LARGEST}


def test_what_is_refused_sinks_below_nothing() -> None:
    users = Users()
    users.act("u", "a", 0.6, 0)
    users.act("u", "a", -1.0, 0)
    assert weights(users, "u") == {"a": pytest.approx(-0.4)}


def test_journal_time_that_stands_still_or_goes_back_fades_nothing() -> None:
    users = Users()
    users.act("u", "a", 0.6, HALF_LIFE_MS)
    users.act("u", "b", 0.6, 0)
    assert weights(users, "u") == {"a": 0.6, "b": 0.6}


def test_of_too_many_entities_the_weakest_goes_and_never_the_newest() -> None:
    users = Users()
    for number in range(MOST_ENTITIES):
        users.act("u", f"e{number}", 0.6 if number != 7 else 0.3, 0)
    users.act("u", "newest", 0.2, 0)
    assert len(weights(users, "u")) == MOST_ENTITIES
    assert "e7" not in weights(users, "u")
    assert "newest" in weights(users, "u")


def test_of_too_many_users_the_longest_idle_goes_and_its_projection_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_USERS", 2)
    users = Users()
    for user in ("a", "b", "a", "c"):
        users.act(user, "x", 0.6, 0)
    assert list(users) == ["a", "c"]
    assert "b" in users.changed


def test_all_weights_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PAIRS", 5)
    users = Users()
    for user in ("a", "b"):
        for entity in ("x", "y", "z"):
            users.act(user, entity, 0.6, 0)
    assert list(users) == ["b"]
    users = Users.from_json(users.to_json())
    for entity in ("x", "y", "z"):
        users.act("c", entity, 0.6, 0)
    assert list(users) == ["c"]


def test_nothing_is_left_of_who_is_forgotten() -> None:
    users = Users()
    users.act("u", "a", 0.6, 0)
    users.changed.clear()
    assert users.forget("u")
    assert not users.forget("nobody")
    assert (len(users), users.to_json()) == (0, {})
    assert list(users.changed) == ["u", "nobody"]


def test_it_comes_back_from_its_bytes_the_same() -> None:
    users = Users()
    for number in range(100):
        users.act(f"u{number % 7}", f"e{number % 11}", 0.6 - number % 3 * 0.4, number * 10_000_000)
    again = Users.from_json(users.to_json())
    users.act("u3", "e1", 0.6, 10**10)
    again.act("u3", "e1", 0.6, 10**10)
    assert list(again.to_json().items()) == list(users.to_json().items())
