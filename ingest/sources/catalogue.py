"""A catalogue: readable lines, and a ``catalogue.toml`` that says what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.catalogue.assembly import Assembly
from ingest.catalogue.format import CATALOGUE, load_format
from ingest.catalogue.lines import read_rows
from ingest.sources.base import BadLine, Document

__all__ = ["CATALOGUE", "Catalogue"]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entities of the catalogue in ``folder``."""

    folder: Path

    def read(self) -> Iterator[Document | BadLine]:
        """See :class:`ingest.sources.base.Source`; the whole catalogue is read before the first.

        Raises:
            IngestError: ``catalogue.toml`` is wrong, or a file cannot be read.
        """
        layout = load_format(self.folder)
        assembly = Assembly(layout)
        for row in read_rows(self.folder, layout):
            if isinstance(row, BadLine):
                yield row
            else:
                assembly.add(row)
        yield from assembly.finish()
