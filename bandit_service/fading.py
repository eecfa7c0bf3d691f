"""Fading: what counts half after each half-life of journal time."""

from __future__ import annotations


def kept(elapsed_ms: int, half_life_ms: int) -> float:
    """How much (0..1) of something ``elapsed_ms`` old still counts; all where time went back."""
    return float(0.5 ** (max(0, elapsed_ms) / half_life_ms))
