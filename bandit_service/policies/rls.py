"""Strategy values by recursive least squares with forgetting: one linear model a strategy.

For credits y and features x it minimises Σ λ^(age)·(y − x·θ)² + ridge·|θ − θ₀|² (Haykin, "Adaptive
filter theory", ch. 10), in information form:

    A ← λA + (1 − λ)·ridge·I + x·xᵀ,   b ← λb + x·(y − x·θ₀),   θ = θ₀ + A⁻¹b

The term (1 − λ)·ridge·I keeps the ridge from being forgotten: without it the covariance form blows
up in directions that nobody asks about. θ₀ is what the strategy's family had learnt when it came.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from bandit_service.features.context import REDUCED
from bandit_service.policies.base import Eligible, Features, check_asked, check_taught
from bandit_service.policies.evidence import family_of, revision_key
from bandit_service.policies.sealed import seal, unseal
from plugin.errors import BrokenState

KIND = "rls"
RIDGE: Final = 5.0
FORGETTING: Final = 1 - 1 / 5000
MOST: Final = 128
"""Revisions of strategies that are kept, those that were learnt of last."""
_NOISE: Final = 0.04
"""The variance of credits, before any is known."""

NAMES: Final = (
    *("tokens", "one_token", "two_tokens", "long", "sentence", "token_length", "has_digit"),
    *("question", "other_script", "ends_with_space", "read_name", "read_whole_name", "read_maker"),
    *("read_value", "read_type", "read_words", "corrected", "intent_known_item"),
    *("intent_attribute", "intent_topic", "intent_broad", "filtered", "one_type", "session_chose"),
    *("user_known", "memory_hit", "memory_confidence", "asked", "nearest"),
    *(f"meaning_{at}" for at in range(REDUCED)),
)
"""The features that it looks at; a matrix of all would be slow, and most are noise to it."""

Floats = NDArray[np.float64]


class _Model:
    """Of one strategy. ``family``: for those that come later."""

    __slots__ = ("b", "count", "family", "information", "solved", "start")

    def __init__(self, family: str, start: Floats) -> None:
        self.family = family
        self.start = start
        self.information: Floats = RIDGE * np.eye(start.size)
        self.b: Floats = np.zeros(start.size)
        self.count = 0
        # θ and A⁻¹, when they were asked for; None after learning.
        self.solved: tuple[Floats, Floats] | None = None


class RlsValueModel:
    """A :class:`~bandit_service.policies.base.ValueModel` that also knows how sure it is
    (:class:`~bandit_service.policies.rules.UncertainModel`).

    ``names``: the features of the context that it looks at; others are ignored.
    """

    def __init__(self, names: Sequence[str] = NAMES) -> None:
        self._names = tuple(names)
        self._size = len(self._names) + 1
        self._models: dict[str, _Model] = {}
        # Faded sums over credits: of their squares, of themselves, of ones.
        self._noise = [_NOISE, 0.0, 1.0]
        self._lock = threading.Lock()

    def values(self, context: Features, eligible: Eligible) -> dict[str, float]:
        check_asked(context, eligible)
        x = self._numbers(context)
        with self._lock:
            return {
                name: min(1.0, max(0.0, float(x @ self._theta(name, features))))
                for name, features in eligible.items()
            }

    def deviations(self, context: Features, eligible: Eligible) -> dict[str, float]:
        """√(σ²·xᵀA⁻¹x), σ² being the variance of credits, which bounds that of the residuals."""
        check_asked(context, eligible)
        x = self._numbers(context)
        with self._lock:
            squares, total, count = self._noise
            noise = squares / count - (total / count) ** 2
            unknown = float(x @ x) / RIDGE
            found = {}
            for name, features in eligible.items():
                model = self._models.get(revision_key(name, features))
                spread = unknown if model is None else float(x @ self._solved(model)[1] @ x)
                found[name] = float(np.sqrt(noise * max(0.0, spread)))
            return found

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        check_taught(context, eligible, credits)
        x = self._numbers(context)
        with self._lock:
            for name in sorted(credits):
                key = revision_key(name, eligible[name])
                model = self._models.pop(key, None)
                if model is None:
                    family = family_of(name, eligible[name])
                    model = _Model(family, self._of_family(family))
                self._models[key] = model
                self._step(model, x, float(credits[name]))
            while len(self._models) > MOST:
                del self._models[next(iter(self._models))]

    def dump(self) -> bytes:
        with self._lock:
            header = {
                "names": self._names,
                "noise": self._noise,
                "models": [[key, one.family, one.count] for key, one in self._models.items()],
            }
            arrays = [
                np.concatenate([one.start[None], one.b[None], one.information])
                for one in self._models.values()
            ]
        numbers = b"".join(one.astype("<f8").tobytes() for one in arrays)
        return seal(KIND, orjson.dumps(header) + b"\n" + numbers)

    def load(self, data: bytes) -> None:
        header, _, numbers = unseal(KIND, data).partition(b"\n")
        try:
            parsed = orjson.loads(header)
            if tuple(parsed["names"]) != self._names:
                raise ValueError("it was learnt over other features")
            noise = [float(one) for one in parsed["noise"]]
            arrays = np.frombuffer(numbers, "<f8").reshape(
                len(parsed["models"]), self._size + 2, self._size
            )
            models = {}
            for (key, family, count), array in zip(parsed["models"], arrays, strict=True):
                model = _Model(str(family), array[0].copy())
                model.b, model.information = array[1].copy(), array[2:].copy()
                model.count = int(count)
                models[str(key)] = model
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise BrokenState(
                f"the rls state cannot be read ({error}). Use the last good snapshot."
            ) from error
        with self._lock:
            self._models, self._noise = models, noise

    def _numbers(self, context: Features) -> Floats:
        return np.array([1.0, *(context.get(name, 0.0) for name in self._names)])

    def _step(self, model: _Model, x: Floats, credit: float) -> None:
        target = credit - float(x @ model.start)
        told = (credit * credit, credit, 1.0)
        self._noise = [FORGETTING * s + new for s, new in zip(self._noise, told, strict=True)]
        model.information *= FORGETTING
        model.information += np.outer(x, x)
        model.information.flat[:: self._size + 1] += (1 - FORGETTING) * RIDGE
        model.b *= FORGETTING
        model.b += x * target
        model.count += 1
        model.solved = None

    def _theta(self, name: str, features: Features) -> Floats:
        model = self._models.get(revision_key(name, features))
        return (
            self._of_family(family_of(name, features)) if model is None else self._solved(model)[0]
        )

    def _of_family(self, family: str) -> Floats:
        """The mean of what the family's strategies learnt, each weighing what was seen of it."""
        known = [one for one in self._models.values() if one.family == family and one.count]
        total = sum(one.count for one in known)
        start: Any = sum((one.count * self._solved(one)[0] for one in known), np.zeros(self._size))
        return start / total if total else np.zeros(self._size)

    def _solved(self, model: _Model) -> tuple[Floats, Floats]:
        if model.solved is None:
            inverse = np.asarray(np.linalg.inv(model.information), np.float64)
            solved: tuple[Floats, Floats] = model.start + inverse @ model.b, inverse
            model.solved = solved
            return solved
        return model.solved
