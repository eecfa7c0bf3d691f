"""The best of a page are read once more, if there is time; else it stays and says why."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from bandit_service.ranking.reading import Reading, summed
from plugin.cross_encoder import CrossEncoder
from plugin.loading import Loading
from plugin.model import Candidate

RANKED = [Candidate(id, 1.0, ()) for id in "abcdef"]
TEXTS = {id: f"text {id}" for id in "abcdef"}


class Likes:
    """Scores a text by what a test says; waits for ``gate`` where there is one."""

    version = "likes"

    def __init__(self, scores: dict[str, float], gate: threading.Event | None = None) -> None:
        self._scores = scores
        self._gate = gate
        self.read: list[str] = []

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        if self._gate is not None:
            assert self._gate.wait(30)
        self.read += texts
        return [self._scores.get(text.removeprefix("text "), 0.0) for text in texts]


def ids(candidates: Sequence[Candidate]) -> str:
    return "".join(one.id for one in candidates)


def test_it_has_as_much_say_as_the_order_that_it_is_given() -> None:
    # 1 − place/6: a 1, b 5/6, c 4/6 …; the best score adds 1, the worst nothing.
    assert ids(summed(RANKED, [0, 0, 0, 0, 0, 9])) == "fabcde"
    assert ids(summed(RANKED, [3, 3, 3, 3, 3, 3])) == "abcdef"
    assert ids(summed(RANKED, [6, 5, 4, 3, 2, 1])) == "abcdef"


def test_the_best_are_read_and_the_others_stay_where_they_are() -> None:
    model = Likes({"c": 1.0, "f": 1.0})
    trouble: list[str] = []
    read = Reading(lambda: model, best=3).order(RANKED, "q", TEXTS, 5.0, trouble)
    assert read is not None
    assert (ids(read.candidates), read.version) == ("cabdef", "likes")
    assert model.read == ["text a", "text b", "text c"]
    assert trouble == []


def test_what_has_no_text_keeps_its_place() -> None:
    model = Likes({"d": 1.0})
    there = {id: TEXTS[id] for id in "bd"}
    read = Reading(lambda: model).order(RANKED, "q", there, 5.0, [])
    assert read is not None
    assert ids(read.candidates) == "adcbef"
    assert Reading(lambda: model).order(RANKED, "q", {"b": "x"}, 5.0, []) is None


def test_without_a_model_the_page_says_why() -> None:
    def load() -> CrossEncoder:
        raise OSError("LTRR_CROSS_ENCODER: it is not there")

    loading = Loading(load, "cross-encoder")
    assert loading.wait() is None
    trouble: list[str] = []
    reading = Reading(loading.current, lambda: loading.error)
    assert reading.order(RANKED, "q", TEXTS, 5.0, trouble) is None
    assert Reading(lambda: None).order(RANKED, "q", TEXTS, 5.0, trouble) is None
    assert trouble == [
        "cross_encoder: LTRR_CROSS_ENCODER: it is not there",
        "cross_encoder: the model is still being loaded",
    ]


def test_a_late_one_costs_its_order_and_holds_up_nobody_else() -> None:
    gate = threading.Event()
    reading = Reading(lambda: Likes({"f": 1.0}, gate))
    trouble: list[str] = []
    assert reading.order(RANKED, "q", TEXTS, 0.01, trouble) is None
    assert reading.order(RANKED, "q", TEXTS, 5.0, trouble) is None
    assert trouble == ["cross_encoder: it was late", "cross_encoder: another page is being read"]
    gate.set()
    while not reading._busy.acquire(blocking=False):
        pass
    reading._busy.release()
    # What it takes is known by now.
    assert reading.order(RANKED, "q", TEXTS, 0.001, trouble) is None
    assert trouble[-1] == "cross_encoder: no time was left"


@pytest.mark.parametrize("scores", [{"a": float("nan")}, {"b": float("inf")}])
def test_a_model_that_fails_costs_its_order_only(scores: dict[str, float]) -> None:
    reading = Reading(lambda: Likes(scores))
    for _ in range(2):
        trouble: list[str] = []
        assert reading.order(RANKED, "q", TEXTS, 5.0, trouble) is None
        assert trouble == ["cross_encoder: it failed"]
