"""x' = normalise(x + xW): what a fitted adapter is, and the bytes that it travels in."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from bandit_service.policies.sealed import seal, unseal
from plugin.errors import BrokenState, InvalidRequest

KIND = "query-adapter"
Numbers = NDArray[np.float64]


class Adapter:
    """The map. Immutable; safe to share. ``encoder`` names whose vectors it is for."""

    def __init__(self, weights: Numbers, encoder: str) -> None:
        side = len(weights)
        if weights.shape != (side, side) or not side or not np.isfinite(weights).all():
            raise InvalidRequest("an adapter needs a square matrix of finite numbers")
        # As it travels: what was loaded maps as what was fitted.
        self._weights = weights.astype(np.float32)
        self.encoder = encoder

    @property
    def dimensions(self) -> int:
        """Of the vectors that it maps."""
        return len(self._weights)

    def adapt(self, vectors: Numbers) -> Numbers:
        """Query vectors (queries, dimensions) of unit length → adapted ones.

        Raises:
            InvalidRequest: other dimensions, or what is not finite, or huge.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.dimensions:
            raise InvalidRequest(f"this adapter maps vectors of {self.dimensions} numbers only")
        if not bool((np.abs(vectors) < 1e3).all()):
            raise InvalidRequest("a vector to adapt is not finite, or huge")
        return unit(vectors + vectors @ self._weights.astype(np.float64))

    def one(self, vector: Sequence[float]) -> tuple[float, ...]:
        """One query's vector, adapted. Raises as :meth:`adapt`."""
        adapted = self.adapt(np.asarray(vector, float)[None, :])[0]
        return tuple(float(number) for number in np.round(adapted, 6))

    def dump(self) -> bytes:
        """Everything; the same adapter gives the same bytes."""
        packed = base64.b64encode(self._weights.astype("<f4").tobytes()).decode()
        parts = {"encoder": self.encoder, "side": self.dimensions, "weights": packed}
        return seal(KIND, orjson.dumps(parts))

    @property
    def sha256(self) -> str:
        """Names it by its bytes."""
        return hashlib.sha256(self.dump()).hexdigest()

    @classmethod
    def load(cls, data: bytes) -> Adapter:
        """What :meth:`dump` gave.

        Raises:
            BrokenState: it is damaged, cut short, or something else.
        """
        try:
            parts = orjson.loads(unseal(KIND, data))
            packed = base64.b64decode(parts["weights"], validate=True)
            side = int(parts["side"])
            weights = np.frombuffer(packed, "<f4").reshape(side, side)
            return cls(weights.astype(np.float64), str(parts["encoder"]))
        except (KeyError, TypeError, ValueError, binascii.Error, InvalidRequest) as error:
            raise BrokenState(f"the {KIND} is not whole ({error!r})") from error


def unit(vectors: Numbers) -> Numbers:
    """Rows of unit length; rows of zeros stay."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Numbers = vectors / np.where(length > 0, length, 1.0)
    return found
