"""When a ranker is fitted, when it serves, and when it must go: orders for the journal.

Fits come at the first ``sessions``, then at every half more, and at least every ``cadence`` pages:
so a world that changed is learnt within hours, not within months. Only blend + ranker is served,
from the first fit on (`sum`), or once interleaving says that it is no worse (`gated`); whichever
serves goes back on trial when the evidence says worse. All by bounds that hold at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bandit_service.journal.controls import (
    FittedModel,
    Promote,
    RollBack,
    fitted_model,
    promote,
    roll_back,
)
from bandit_service.journal.reader import Placed
from bandit_service.learner.fold import Rules
from bandit_service.learner.ranking_pages import RankingPages
from bandit_service.ranking.examples import Examples, gather
from bandit_service.ranking.fitting import fit_best
from bandit_service.ranking.model import Model
from bandit_service.ranking.promoted import PROVEN, SERVED, TRIAL

Order = FittedModel | Promote | RollBack
RankerMode = Literal["sum", "gated", "off"]
GROWTH: Final = 1.5
_NAMES: Final = (SERVED, TRIAL, PROVEN)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``margin``: by how much the model may be worse (outcomes are −1..1) and still count as no
    worse. ``sessions``, ``cadence``: in pages."""

    mode: RankerMode = "sum"
    margin: float = 0.1
    sessions: int = 500
    cadence: int = 2_000

    def due(self, pages: int, fitted_at: int) -> bool:
        """Whether to fit now that so many pages are closed; ``fitted_at``: how many were, the last
        time (0: never)."""
        if not fitted_at:
            return pages >= self.sessions
        return pages >= min(int(fitted_at * GROWTH), fitted_at + self.cadence)


@dataclass(frozen=True, slots=True)
class Fit:
    """A model's bytes, if there is one, and what is to be written into the journal once they are
    stored."""

    data: bytes | None
    orders: Sequence[Order]


class Training:
    """Decides over the pages of the journal; what it ordered before, it reads there too. The same
    entries, the same orders."""

    def __init__(
        self,
        rules: Rules,
        schedule: Schedule | None = None,
        fit: Callable[[Examples], Model] = fit_best,
    ) -> None:
        self.pages = RankingPages(rules)
        self._schedule = schedule or Schedule()
        self._fit = fit
        self._name = ""  # under which the latest model is promoted
        self._proven = False
        self._fitted_at = 0
        self._sha256 = ""

    def take(self, placed: Placed) -> None:
        """Take in one entry of the journal."""
        self.pages.take(placed)
        entry = placed.entry
        if entry is not None and entry.kind == "control" and isinstance(entry.body, Mapping):
            self._obey(entry.body)

    @property
    def due(self) -> bool:
        """Whether to fit now."""
        on = self._schedule.mode != "off"
        return on and self._schedule.due(self.pages.closed, self._fitted_at)

    def refit(self) -> Fit:
        """Fit on the pages of now. Raises InvalidRequest where nothing can be learnt from them."""
        examples = gather(list(self.pages.pages), self.pages.swaps.examination())
        data = self._fit(examples).dump()
        self._sha256 = hashlib.sha256(data).hexdigest()
        swaps = self.pages.swaps
        about = {**examples.about, "eta": swaps.eta(), "eta_from": swaps.chosen}
        name = self._name or (SERVED if self._schedule.mode == "sum" else TRIAL)
        names = [name, *([PROVEN] if self._proven else [])]
        orders = [one for name in names for one in self._named(name, about=about)]
        return Fit(data, self._given(orders))

    def judge(self) -> Sequence[Order]:
        """What the evidence of interleaved pages asks for now; nothing while it has to wait."""
        if not self._name or self._schedule.mode == "off":
            return []
        verdict = self.pages.duel.verdict(self._schedule.margin)
        low, high = self.pages.duel.bounds
        evidence = {
            "pages": self.pages.duel.count,
            "model_minus_blend": [round(low, 4), round(high, 4)],
            "margin": self._schedule.margin,
        }
        if verdict == "worse":
            gone = roll_back({SERVED: None, PROVEN: None}, evidence=evidence)
            return self._given(
                [*([gone] if self._name == SERVED else []), *self._named(TRIAL, evidence)]
            )
        if verdict == "no worse" and not self._proven:
            off = roll_back({TRIAL: None}, evidence=evidence)
            return self._given(
                [
                    *self._named(SERVED, evidence),
                    *self._named(PROVEN, evidence),
                    *([off] if self._name == TRIAL else []),
                ]
            )
        return []

    def _named(
        self, name: str, evidence: Mapping[str, Any] | None = None, about: Any = None
    ) -> list[Order]:
        place = self.pages.position
        where = (place.generation, place.seq_no)
        return [
            fitted_model(name, self._sha256, trained_to=where, about=about),
            promote(name, self._sha256, evidence=evidence),
        ]

    def _given(self, orders: Sequence[Order]) -> Sequence[Order]:
        for one in orders:
            self._obey(one)
        return orders

    def _obey(self, body: Mapping[str, Any]) -> None:
        """Stand where an order brings us; obeying it twice changes nothing but the duel's age."""
        order, model = body.get("name"), body.get("model")
        if order == "fitted_model" and model in _NAMES:
            self._sha256 = str(body.get("sha256"))
            if body.get("about"):
                self._fitted_at = self.pages.closed
        elif order == "promote" and model in _NAMES:
            self._proven = self._proven or model == PROVEN
            self._name = self._name if model == PROVEN else str(model)
        elif order == "roll_back" and isinstance(models := body.get("models"), Mapping):
            if SERVED in models and models[SERVED] is None:
                # Whoever took it back, a person or the evidence: it must earn its place again.
                self._name, self._proven = TRIAL, False
            if PROVEN in models and models[PROVEN] is None:
                self._proven = False
        else:
            return
        if body.get("evidence"):
            # What was won before says nothing of what comes now.
            self.pages.restart()
