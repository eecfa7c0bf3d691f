"""Values that are packed while nobody needs them."""

from __future__ import annotations

import random

import pytest

from bandit_service.shelf import Shelf


def shelf(at_hand: int) -> Shelf[list[int]]:
    return Shelf(
        lambda value: ",".join(map(str, value)) + ".",
        lambda packed: [int(one) for one in packed[:-1].split(",") if one],
        at_hand,
    )


def after_use(at_hand: int, seed: int) -> list[tuple[str, str]]:
    """What is packed after the same uses, changes, looks and dumps of whatever is in use."""
    rng = random.Random(seed)
    shelved = shelf(at_hand)
    for number in range(300):
        key = f"k{rng.randrange(12)}"
        deed = rng.randrange(5)
        if deed < 3:
            shelved.use(key, list).append(number)
        elif deed == 3 and (value := shelved.look(key)) is not None:
            value.append(-number)
            shelved.change(key, value)
        elif rng.random() < 0.3:
            shelved.packed()
        if len(shelved) > 10:
            shelved.drop()
    return list(shelved.packed().items())


@pytest.mark.parametrize("seed", range(20))
def test_what_is_at_hand_changes_nothing(seed: int) -> None:
    assert after_use(1, seed) == after_use(4, seed) == after_use(1000, seed)


def test_a_look_is_no_use_and_shows_the_latest() -> None:
    shelved = shelf(1)
    for key in ("a", "b", "c"):
        shelved.use(key, list).append(1)
    assert shelved.look("a") == [1]
    assert shelved.look("c") == [1]
    assert shelved.look("nothing") is None
    assert list(shelved) == ["a", "b", "c"]
    assert shelved.drop() == "a"
    shelved.use("b", list).append(2)
    assert shelved.packed() == {"c": "1.", "b": "1,2."}


def test_what_is_packed_fills_another() -> None:
    one, other = shelf(1), shelf(1)
    one.use("a", list).append(1)
    other.fill(one.packed())
    other.use("a", list).append(2)
    assert one.packed() == {"a": "1."}
    assert other.packed() == {"a": "1,2."}
    with pytest.raises(TypeError, match="not packed"):
        other.fill({"a": 1})  # type: ignore[dict-item]
