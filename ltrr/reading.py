"""Chooses the cross-encoder, by the settings: a part of the wiring."""

from __future__ import annotations

from bandit_service.ranking.reading import Reading
from ltrr.settings import Settings
from plugin.cross_encoder import NamedCrossEncoder
from plugin.loading import Loading


def make_reading(settings: Settings) -> Reading | None:
    """Who reads the best of a page once more; its model is loaded beside the answering of queries.
    None where the settings name none."""
    if not settings.cross_encoder:
        return None
    loading = Loading(lambda: NamedCrossEncoder(settings.cross_encoder), "cross-encoder")
    return Reading(loading.current, lambda: loading.error)
