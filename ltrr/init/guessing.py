"""Which part each column plays, guessed from names, kinds and counts; each guess says why."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ingest.sources.values import Kind
from ltrr.init.profiles import Profile


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HINTS = {
    "id": _words(
        "id _id uid uuid guid key sku isbn isbn13 isbn10 ean gtin asin code nr no number object_id "
        "objectid product_id item_id article_id doc_id identifier accession accession_number"
    ),
    "name": _words(
        "name title titel titre titulo nombre nom label headline heading product product_name "
        "item item_name book_title song movie film caption object_name"
    ),
    "aliases": _words(
        "aliases alias aka also_known_as alternative_title alternative_titles original_title "
        "other_names other_titles synonyms subtitle alternate_names"
    ),
    "by": _words(
        "by author authors autor auteur artist artists creator creators maker brand manufacturer "
        "director directors writer writers composer performer vendor seller producer company "
        "publisher designer photographer painter developer marke hersteller"
    ),
    "part_of": _words("part_of series album collection journal set volume franchise league"),
    "categories": _words(
        "categories category genre genres kategorie categoria subject subjects topic topics "
        "section department classification class style styles type_of product_type movement"
    ),
    "attributes": _words(
        "attributes tags tag keywords keyword features feature mood moods material materials "
        "medium themes theme labels"
    ),
    "text": _words(
        "text description beschreibung descripcion summary abstract body plot content details "
        "about overview synopsis notes comment comments blurb bio review"
    ),
    "language": _words("language lang locale sprache idioma langue language_code"),
    "published": _words(
        "published publication_date publication_year published_at year date release_date released "
        "release_year created created_at date_created year_published jahr datum ano fecha annee "
        "premiered issued begin_date object_date"
    ),
    "popularity": _words(
        "popularity votes vote_count num_votes ratings_count rating_count num_ratings sales sold "
        "units_sold views view_count downloads plays play_count likes reviews review_count "
        "num_reviews copies copies_sold orders listeners followers visits clicks stars_count "
        "books_sold copies_printed"
    ),
    "type": _words("type kind object_type entity_type item_type art"),
}
"""Names that columns have in the world, by the part that they play."""

_GENERAL = _words("name title label value text id")
"""Names inside an object that say less than the object's own."""

_LATITUDE = _words("lat latitude breitengrad latitud")
_LONGITUDE = _words("lon lng long longitude längengrad longitud")
_FIELD_TYPES = {"boolean": "boolean", "date": "date", "geo": "geo_point"}
_MOST_TYPES = 20


@dataclass(frozen=True, slots=True)
class Use:
    """A column (two for a place) that fills ``field``, read as ``kind``, because of ``why``."""

    field: str
    columns: tuple[str, ...]
    kind: Kind
    why: str


@dataclass(slots=True)
class Guess:
    """All of it. ``extra`` are fields of the data's own with their types of OpenSearch's.

    ``facets`` are those of them that have few values; ``unused`` are columns with the reason.
    """

    id: tuple[str, str] | None = None
    uses: list[Use] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    facets: list[str] = field(default_factory=list)
    unused: dict[str, str] = field(default_factory=dict)


class NoName(ValueError):
    """No column could be the name of an entity."""


def guess(columns: Sequence[Profile], taken: Collection[str]) -> Guess:
    """The parts that the columns play; ``taken`` are names of fields that are in use already.

    Raises:
        NoName: there is no text to call an entity by.
    """
    return _Guessing(columns, taken).work_out()


class _Guessing:
    def __init__(self, columns: Sequence[Profile], taken: Collection[str]) -> None:
        self._left = {one.name: one for one in columns if one.filled}
        self._taken = set(taken)
        self._found = Guess()
        for one in columns:
            if not one.filled:
                self._found.unused[one.name] = "it is empty"

    def work_out(self) -> Guess:
        self._identity()
        self._name()
        self._place()
        self._hinted("language", lambda one: one.kind.name == "text" and one.few)
        self._published()
        self._popularity()
        self._hinted("type", lambda one: one.kind.name == "text" and one.distinct <= _MOST_TYPES)
        self._hinted("aliases", lambda one: one.kind.name == "text")
        self._hinted("by", lambda one: one.kind.name == "text", all_of_them=False)
        self._hinted("part_of", lambda one: one.kind.name == "text")
        self._hinted("text", lambda one: one.kind.name == "text", all_of_them=True)
        self._hinted("categories", _chooses, all_of_them=True)
        self._hinted("attributes", _chooses, all_of_them=True)
        for one in list(self._left.values()):
            self._rest(one)
        return self._found

    def _use(self, part: str, one: Profile, why: str, kind: Kind | None = None) -> None:
        self._left.pop(one.name, None)
        self._found.uses.append(Use(part, (one.name,), kind or _kind(one), why))

    def _named_like(self, part: str) -> Iterator[Profile]:
        """The columns whose names hint at a part, the plainest names first."""
        for one in sorted(self._left.values(), key=lambda one: len(_plain(one.name))):
            if _hints(one.name) & HINTS[part]:
                yield one

    def _identity(self) -> None:
        for one in self._named_like("id"):
            if one.unique and not one.several:
                self._left.pop(one.name)
                self._found.id = (one.name, "unique in every row, and named like an id")
                return

    def _name(self) -> None:
        texts = [one for one in self._left.values() if one.kind.name == "text" and one.words <= 15]
        hinted = [one for one in self._named_like("name") if one in texts]
        if hinted:
            self._use("name", hinted[0], "named like a name", Kind())
            return
        fitting = [one for one in texts if not _is_opaque(one.example)] or [
            one for one in self._left.values() if one.kind.name == "text"
        ]
        if not fitting:
            raise NoName("no column holds texts that could be names")
        best = max(fitting, key=lambda one: (one.distinct / max(1, one.filled)) * one.filled)
        self._use("name", best, "short texts, of which hardly any stands twice", Kind())

    def _place(self) -> None:
        by_name = {
            _plain(one.name): one for one in self._left.values() if one.kind.name == "number"
        }
        latitude = next((by_name[name] for name in _LATITUDE if name in by_name), None)
        longitude = next((by_name[name] for name in _LONGITUDE if name in by_name), None)
        if latitude and longitude and abs(latitude.least) <= 90 and abs(longitude.least) <= 180:
            name = self._own_name("location")
            pair = (latitude.name, longitude.name)
            self._found.uses.append(Use(name, pair, Kind("geo"), "latitude and longitude"))
            self._found.extra[name] = "geo_point"
            for one in (latitude, longitude):
                self._left.pop(one.name)

    def _hinted(
        self, part: str, fits: Callable[[Profile], bool], *, all_of_them: bool = False
    ) -> None:
        for one in list(self._named_like(part)):
            if fits(one):
                few = f", {one.distinct} distinct values" if _chooses(one) else ""
                self._use(part, one, f"named like it{few}")
                if not all_of_them:
                    return

    def _published(self) -> None:
        dates = [one for one in self._left.values() if _is_date(one)]
        hinted = [one for one in self._named_like("published") if one in dates]
        sure = [one for one in dates if one.kind.name == "date"]
        if hinted:
            self._use("published", hinted[0], "dates, and named like it", _date(hinted[0]))
        elif len(sure) == 1:
            self._use("published", sure[0], "the only dates there are")

    def _popularity(self) -> None:
        for one in self._named_like("popularity"):
            if one.kind.name == "number" and one.least >= 0 and one.greatest > 0:
                kind = Kind("weight", one.kind.argument)
                self._use("popularity", one, "numbers from 0 on, and named like it", kind)
                return

    def _rest(self, one: Profile) -> None:
        if one.kind.name == "number":
            self._own(one, "long" if one.whole else "double", "numbers, to filter by")
        elif one.kind.name != "text":
            self._own(one, _FIELD_TYPES[one.kind.name], f"{one.kind.name} values, to filter by")
        elif one.words >= 12:
            self._use("text", one, "long texts")
        elif one.distinct == 1:
            self._left.pop(one.name)
            self._found.unused[one.name] = f"it is always {one.example!r}"
        elif _is_opaque(one.example):
            self._own(one, "keyword", "codes or addresses, to filter by and to show")
        elif one.few:
            several = f"{one.distinct} distinct values"
            name = self._own(one, "keyword", f"{several}: a facet of its own")
            self._found.facets.append(name)
            self._found.uses.append(
                Use("attributes", (one.name,), _kind(one), f"{several}, so that they are searched")
            )
        else:
            self._own(one, "keyword", "short texts, to filter by and to show")
            why = "short texts, so that they are searched"
            self._found.uses.append(Use("attributes", (one.name,), _kind(one), why))

    def _own(self, one: Profile, field_type: str, why: str) -> str:
        name = self._own_name(one.name)
        self._found.extra[name] = field_type
        self._use(name, one, why)
        if field_type == "boolean":
            self._found.facets.append(name)
        return name

    def _own_name(self, column: str) -> str:
        name = _plain(column) or "field"
        if name in self._taken or not name[0].isalpha():
            name = f"own_{name}"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def _plain(name: str) -> str:
    """``Release Year (AD)`` → ``release_year_ad``; ``ratingsCount`` → ``ratings_count``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^\w]+", "_", spaced.lower()).strip("_")


def _hints(name: str) -> set[str]:
    """What a name says: ``Copies (millions)`` → ``copies``; ``maker.name`` → ``maker``."""
    path = [_plain(part) for part in re.sub(r"[(\[].*", "", name).split(".")]
    if len(path) > 1 and path[-1] in _GENERAL:
        path.pop()
    return {path[-1], "_".join(path), _plain(name)}


def _kind(one: Profile) -> Kind:
    return Kind("list", one.separator) if one.separator else one.kind


def _chooses(one: Profile) -> bool:
    return one.kind.name == "text" and (one.few or bool(one.separator) or one.several)


def _is_date(one: Profile) -> bool:
    if one.kind.name == "date":
        return True
    years = one.whole and one.least >= -4000 and 1 <= one.greatest <= 2100
    return one.kind.name == "number" and years


def _date(one: Profile) -> Kind:
    return one.kind if one.kind.name == "date" else Kind("date")


def _is_opaque(text: str) -> bool:
    """Whether it is a code or an address rather than words."""
    if re.match(r"(https?:|www\.|/)|\S+@\S+\.\S+$", text):
        return True
    return " " not in text and sum(sign.isdigit() for sign in text) >= max(1, len(text) / 3)
