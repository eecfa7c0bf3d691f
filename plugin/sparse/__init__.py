"""Sparse vectors: texts as weighted tokens, which an inverted index can search.

The catalogue encoder needs no inference: what an entity means is spelt out when it is stored, and
a query is looked up. The learned one (SPLADE) runs a transformer on both sides.
"""

from plugin.sparse.artefact import Artefact
from plugin.sparse.base import SparseEncoder, Weights
from plugin.sparse.catalogue import CatalogueEncoder
from plugin.sparse.lookup import SparseLookUp
from plugin.sparse.store import ArtefactStore, Following

__all__ = [
    "Artefact",
    "ArtefactStore",
    "CatalogueEncoder",
    "Following",
    "SparseEncoder",
    "SparseLookUp",
    "Weights",
]
