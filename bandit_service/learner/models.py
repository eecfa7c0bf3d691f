"""Which fitted models there are, and which are served: what the journal's orders said so far.

Models are trained beside the fold and named by it: a replay loads the same bytes, and never refits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandit_service.journal.reader import Position
from plugin.errors import InvalidRequest

MOST_NAMED = 1000
"""Artefacts that are remembered as having been named, the latest."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model: its bytes are the artefact ``sha256``; ``position``: where it was named."""

    model: str
    sha256: str
    position: Position

    @property
    def version(self) -> str:
        """Names it as state is named: by the place in the journal where it came to be."""
        return f"{self.model}-g{self.position.generation}-{self.position.seq_no + 1}"

    def to_json(self) -> list[Any]:
        """Everything, as plain JSON."""
        return [self.model, self.sha256, self.position.generation, self.position.seq_no]

    @classmethod
    def from_json(cls, data: list[Any]) -> Fitted:
        """What :meth:`to_json` gave. Raises TypeError or ValueError for anything else."""
        model, sha256, generation, seq_no = data
        return cls(str(model), str(sha256), Position(int(generation), int(seq_no)))


class Models:
    """The part of the learner's state that names fitted models. Bounded, plain, deterministic.

    ``fitted`` is the latest of each model, ``served`` the one that sidecars use.
    """

    def __init__(self) -> None:
        self.fitted: dict[str, Fitted] = {}
        self.served: dict[str, Fitted] = {}
        self._named: dict[str, Fitted] = {}

    def fit(self, model: str, sha256: str, position: Position) -> None:
        """``model`` was fitted: remember where its bytes are."""
        # A refit may give the same bytes again: it is still the model of its first place.
        known = self._named.get(sha256)
        if known is None or known.model != model:
            known = Fitted(model, sha256, position)
        self.name(known)
        self.fitted[model] = known

    def name(self, fitted: Fitted) -> None:
        """Remember that the journal names this artefact, so that a replay will need it."""
        self._named.pop(fitted.sha256, None)
        self._named[fitted.sha256] = fitted
        if len(self._named) > MOST_NAMED:
            del self._named[next(iter(self._named))]

    def serve(self, model: str, sha256: str | None) -> None:
        """Serve this ``model`` from now on; None: none.

        Raises:
            InvalidRequest: no ``fitted_model`` of that name had these bytes.
        """
        if sha256 is None:
            self.served.pop(model, None)
            return
        known = next(
            (
                one
                for one in (self._named.get(sha256), self.fitted.get(model), self.served.get(model))
                if one is not None and (one.model, one.sha256) == (model, sha256)
            ),
            None,
        )
        if known is None:
            raise InvalidRequest(f"no fitted {model[:40]!r} is known by {sha256[:12]!r}")
        self.served[model] = known

    def needed(self, since: Position) -> set[str]:
        """The artefacts that this state, and a replay of what follows ``since``, ask for."""
        named = {one.sha256 for one in self._named.values() if one.position > since}
        return named | {one.sha256 for part in (self.fitted, self.served) for one in part.values()}

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain JSON in a fixed order."""
        return {
            "fitted": {name: one.to_json() for name, one in sorted(self.fitted.items())},
            "served": {name: one.to_json() for name, one in sorted(self.served.items())},
            "named": [one.to_json() for one in self._named.values()],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Models:
        """What :meth:`to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        models = cls()
        models.fitted = {name: Fitted.from_json(one) for name, one in data["fitted"].items()}
        models.served = {name: Fitted.from_json(one) for name, one in data["served"].items()}
        named = [Fitted.from_json(one) for one in data["named"]]
        models._named = {one.sha256: one for one in named}
        return models
