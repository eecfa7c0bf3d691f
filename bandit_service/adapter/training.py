"""When an adapter is fitted and promoted, and when there is to be none: orders for the journal.

An adapter is judged by queries left out when it is fitted. That it may serve means only that its
strategy may be tried: the policy gives it a share by what it earns, as to every strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bandit_service.adapter.fitting import fit
from bandit_service.adapter.pairs import (
    EntityVectors,
    Pairs,
    QueryVectors,
    chosen_pairs,
    with_vectors,
)
from bandit_service.adapter.promoted import MODEL
from bandit_service.journal.controls import fitted_model, promote, roll_back
from bandit_service.journal.reader import Placed
from bandit_service.learner.ranking_pages import RankingPages
from bandit_service.ranking.training import Fit, Order, Schedule


class AdapterTraining:
    """Decides over the pages that another training collects. The same entries, the same orders."""

    def __init__(
        self,
        pages: RankingPages,
        queries: QueryVectors,
        entities: EntityVectors,
        encoder: str,
        schedule: Schedule,
        predicted: Callable[[], Pairs | None] = lambda: None,
    ) -> None:
        """``predicted``: pairs to start from before anybody chose; asked for once."""
        self._pages = pages
        self._queries = queries
        self._entities = entities
        self._encoder = encoder
        self._schedule = schedule
        self._ask_predicted = predicted
        self._asked = False
        self._known: Pairs | None = None
        self._fitted_at = 0
        self._serves = False

    def take(self, placed: Placed) -> None:
        """Take in one entry of the journal, after the pages did."""
        entry = placed.entry
        if entry is not None and entry.kind == "control" and isinstance(entry.body, Mapping):
            self._obey(entry.body)

    @property
    def due(self) -> bool:
        """Whether to fit now."""
        started = self._asked or self._serves or self._fitted_at > 0
        return not started or self._schedule.due(self._pages.closed, self._fitted_at)

    def refit(self) -> Fit:
        """Fit on the pages of now, before there are enough on what was predicted; promoted where it
        helps, else there is none from now on."""
        predicted = self._predicted()
        start = not self._schedule.due(self._pages.closed, self._fitted_at)
        if not start:
            self._fitted_at = self._pages.closed
        pairs = predicted if start else self._pairs()
        fitted = None
        if pairs is not None:
            fitted = fit(pairs, self._encoder, None if start else predicted)
        about = {
            "start": start,
            "pairs": len(pairs.ids) if pairs is not None else 0,
            "predicted": len(predicted.ids) if predicted is not None else 0,
            "gain": round(fitted.gain, 4) if fitted else 0.0,
            "error": round(fitted.error, 4) if fitted else 0.0,
        }
        orders: list[Order] = []
        data = None
        if fitted is not None and fitted.adapter is not None:
            data, sha256 = fitted.adapter.dump(), fitted.adapter.sha256
            place = self._pages.position
            where = (place.generation, place.seq_no)
            orders = [
                fitted_model(MODEL, sha256, trained_to=where, about=about),
                promote(MODEL, sha256, evidence=about),
            ]
        elif self._serves:
            orders = [roll_back({MODEL: None}, evidence=about)]
        for one in orders:
            self._obey(one)
        return Fit(data, orders)

    def judge(self) -> Sequence[Order]:
        """Nothing: the policy judges what the adapted strategy brings."""
        return ()

    def _predicted(self) -> Pairs | None:
        if not self._asked:
            self._known = self._ask_predicted()
            self._asked = True
        return self._known

    def _pairs(self) -> Pairs | None:
        chosen = chosen_pairs(self._pages.pages, self._pages.swaps.examination())
        texts = {page.key: page.text for page in self._pages.pages if page.key and page.text}
        asked = {one.query: texts[one.query] for one in chosen if one.query in texts}
        entities = self._entities({one.entity for one in chosen})
        return with_vectors(chosen, self._queries(asked), entities)

    def _obey(self, body: Mapping[str, object]) -> None:
        order, models = body.get("name"), body.get("models")
        if order == "fitted_model" and body.get("model") == MODEL:
            about = body.get("about")
            if isinstance(about, Mapping) and about.get("start"):
                return  # that was before there were enough pages
            self._fitted_at = self._pages.closed
        elif order == "promote" and body.get("model") == MODEL:
            self._serves = True
        elif order == "roll_back" and isinstance(models, Mapping) and MODEL in models:
            self._serves = models[MODEL] is not None
