"""A few names whose readings can be counted on fingers. Fields are named as nothing else is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from plugin.assets.schema import Schema
from plugin.understanding import layout
from plugin.understanding.building import build
from plugin.understanding.gathering import Gathering, parts_of
from plugin.understanding.reader import Reader
from plugin.understanding.vocabulary import Vocabulary
from plugin.understanding.wording import Wording

SCHEMA = Schema(
    type="kind",
    name="title",
    text=("title",),
    vector="v",
    memory="m",
    predicted_queries="p",
    aliases="other_titles",
    by="made_by",
    language="tongue",
    popularity="fame",
    published="born",
    facets=("kind", "genre", "mood", "tongue"),
)
TYPES = {
    "kind": "keyword",
    "title": "text",
    "title.keyword": "keyword",
    "made_by": "text",
    "made_by.raw": "keyword",
    "genre": "keyword",
    "mood": "keyword",
    "tongue": "keyword",
}
WORDING = Wording(
    stop_words={
        "en": frozenset(["the", "a", "for", "of", "and", "by", "who", "about"]),
        "es": frozenset(["el", "la", "de", "del", "y", "para"]),
        "it": frozenset(["il", "la", "di", "del", "e"]),
    },
    letters={"es": frozenset("ñóá"), "it": frozenset("ìò")},
    types={"song": ("songs", "canciones"), "ghost": ("ghosts",)},
    values={"mood": {"romantic": ("love songs",)}, "tongue": {"es": ("spanish",)}},
    recent=("new",),
    popular=("best",),
    questions=frozenset({"who", "what"}),
    fingerprint="w",
)

ENTITIES: dict[str, dict[str, Any]] = {
    "taylor": {
        "kind": "artist",
        "title": "Taylor Swift",
        "other_titles": ["T-Swift"],
        "fame": 100,
        "genre": ["pop"],
    },
    "love-story": {"kind": "song", "title": "Love Story", "made_by": ["Taylor Swift"], "fame": 90},
    "love-band": {"kind": "artist", "title": "Love", "fame": 40, "genre": ["love"]},
    "love-song": {"kind": "song", "title": "Love", "made_by": ["Lana"], "fame": 30},
    "who": {"kind": "artist", "title": "The Who", "fame": 80},
    "beatles": {"kind": "artist", "title": "The Beatles", "fame": 99},
    "submarine": {
        "kind": "song",
        "title": "Yellow Submarine",
        "made_by": ["The Beatles"],
        "fame": 85,
        "mood": ["happy", "romantic"],
    },
    "corazon": {"kind": "song", "title": "Corazón", "fame": 20, "tongue": "es", "genre": ["pop"]},
    "walk": {
        "kind": "song",
        "title": "上を向いて歩こう",
        "other_titles": ["Sukiyaki"],
        "made_by": ["坂本九"],
        "fame": 60,
        "tongue": "ja",
    },
    "newton": {"kind": "song", "title": "Isaac", "made_by": ["Newton"], "fame": 2, "tongue": "en"},
    "thai": {"kind": "song", "title": "ก็เคยสัญญา", "fame": 5},
    "moon": {"kind": "album", "title": "The Dark Side of the Moon", "fame": 95},
}


def vocabulary_of(
    entities: Mapping[str, Mapping[str, Any]], folder: Path, wording: Wording = WORDING
) -> Vocabulary:
    """A vocabulary file of these entities, opened."""
    path = folder / "vocabulary.bin"
    write_vocabulary(entities.items(), path, wording)
    return Vocabulary.open(path)


def write_vocabulary(
    entities: Iterable[tuple[str, Mapping[str, Any]]], path: Path, wording: Wording = WORDING
) -> None:
    """A vocabulary file at ``path``."""
    gathering = Gathering(parts_of(SCHEMA, TYPES))
    for id, source in entities:
        gathering.add(id, source)
    head, arrays = build(gathering.finish(wording), wording)
    layout.write(path, head, arrays)


def reader_of(vocabulary: Vocabulary | None, wording: Wording = WORDING) -> Reader:
    """A reader with this vocabulary, or without one."""
    return Reader(wording, lambda: vocabulary)
