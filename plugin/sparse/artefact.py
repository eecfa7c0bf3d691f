"""What the catalogue encoder knows, as one immutable value that travels as bytes.

It is built when entities are loaded (``ingest/enrichment/building.py``) and read by whoever encodes
entities or queries. The words themselves are the features, so entities that were encoded with an
older artefact and queries that are encoded with a newer one still meet.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from plugin.errors import BrokenState

FORMAT = 1
MOST_BYTES = 256 * 2**20
"""Of an artefact unpacked; ours have some hundred kilobytes."""

Integers = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Artefact:
    """The terms of a catalogue, and what each brings along.

    For n terms: ``frequencies`` (n,) is in how many entities each occurs, of ``entities`` in all,
    which have ``length`` tokens on average. ``neighbours`` and ``closeness`` (n, k) are the
    positions and weights (0..1, 0 for none) of the terms that each stands for as well. ``common``
    (n,) is 1 for terms that say little whatever their frequency (stop words).

    ``sample_*`` are up to a few thousand entities as a matrix in compressed rows: starts (m+1,),
    terms and weights; ``sample_shares`` (m,) is how much of a broad query's choices each would
    get. They stand for the catalogue when somebody asks whether a query brings an entity back.

    ``encoder`` names the dense encoder that compared the terms.
    """

    encoder: str
    entities: int
    length: float
    terms: tuple[str, ...]
    frequencies: Integers
    common: npt.NDArray[np.uint8]
    neighbours: Integers
    closeness: Numbers
    sample_starts: Integers
    sample_terms: Integers
    sample_weights: Numbers
    sample_shares: Numbers

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Term → its position."""
        return {term: position for position, term in enumerate(self.terms)}

    @cached_property
    def version(self) -> str:
        """A hash of the content."""
        return hashlib.sha256(self.dump()).hexdigest()[:16]

    def dump(self) -> bytes:
        """The same artefact gives the same bytes."""
        arrays: dict[str, Any] = {"format": np.int32(FORMAT)}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name == "terms":
                value = "\n".join(value)
            if isinstance(value, str):
                value = np.frombuffer(value.encode(), dtype=np.uint8)
            arrays[entry.name] = value
        stream = io.BytesIO()
        np.savez(stream, **arrays)
        return stream.getvalue()

    @classmethod
    def load(cls, data: bytes) -> Artefact:
        """What :meth:`dump` gave.

        Raises:
            BrokenState: it is damaged, or of another version of ltrr.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                if int(arrays["format"]) != FORMAT:
                    raise ValueError(f"its format is {int(arrays['format'])}, not {FORMAT}")
                found = cls(
                    encoder=bytes(arrays["encoder"]).decode(),
                    entities=int(arrays["entities"]),
                    length=float(arrays["length"]),
                    terms=tuple(filter(None, bytes(arrays["terms"]).decode().split("\n"))),
                    **{name: arrays[name] for name in _ARRAYS},
                )
            found._check()
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise BrokenState(
                f"the sparse artefact is damaged ({error}). `ltrr ingest --rebuild-sparse` with "
                "the catalogue makes it anew."
            ) from error
        return found

    def _check(self) -> None:
        """Raise ValueError unless the arrays fit together: an index beyond its array would not."""
        terms, samples = len(self.terms), len(self.sample_shares)
        shapes = {
            "frequencies": (terms,),
            "common": (terms,),
            "closeness": self.neighbours.shape,
            "sample_starts": (samples + 1,),
            "sample_weights": self.sample_terms.shape,
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has another shape than what it belongs to")
        if self.neighbours.ndim != 2 or len(self.neighbours) != terms:
            raise ValueError("neighbours must have a row for each term")
        for positions in (self.neighbours, self.sample_terms):
            if positions.size and not (positions.min() >= 0 and positions.max() < terms):
                raise ValueError("a term is named that is not there")
        ends = self.sample_starts
        if ends[0] != 0 or ends[-1] != self.sample_terms.size or (np.diff(ends) < 0).any():
            raise ValueError("the sample's rows do not fit")
        for name in ("closeness", "sample_weights", "sample_shares"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} holds what is no number")


_ARRAYS = (
    "frequencies",
    "common",
    "neighbours",
    "closeness",
    "sample_starts",
    "sample_terms",
    "sample_weights",
    "sample_shares",
)


def unpacked(packed: bytes) -> bytes:
    """Decompress, but never to more than an artefact can have. Raises ValueError."""
    engine = zlib.decompressobj()
    data = engine.decompress(packed, MOST_BYTES)
    if not engine.eof:
        raise ValueError("it is cut short, or too big")
    return data
