"""The product example keeps its promises: enough of everything, resolved relations, hard cases,
and every invented thing labelled as such."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.base import BadLine
from ingest.sources.catalogue import Catalogue
from ltrr.demo.catalogue import catalogue_folder, example_queries
from ltrr.settings import Settings
from plugin.assets.extends import resolved
from plugin.assets.validate import validate

FOLDER = Path(__file__).parents[2] / "examples" / "products"
INVENTED = "Invented for the demo."

Body = dict[str, Any]


@pytest.fixture(scope="module")
def items() -> list[Any]:
    return list(Catalogue(FOLDER).read())


@pytest.fixture(scope="module")
def entities(items: list[Any]) -> dict[str, Body]:
    return {item.id: dict(item.body) for item in items if not isinstance(item, BadLine)}


def test_every_line_parses_and_no_two_share_an_id(
    items: list[Any], entities: dict[str, Body]
) -> None:
    assert [item for item in items if isinstance(item, BadLine)] == []
    assert len(items) == len(entities)


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("product", 500),
        ("brand", 100),
        ("category", 60),
        ("series", 40),
        ("accessory", 40),
        ("guide", 20),
        ("bundle", 10),
    ],
)
def test_there_are_enough_entities_of_every_type(
    entities: dict[str, Body], kind: str, least: int
) -> None:
    assert Counter(body["type"] for body in entities.values())[kind] >= least


def test_every_product_has_a_brand_and_a_category(entities: dict[str, Body]) -> None:
    for id_, body in entities.items():
        if body["type"] == "product":
            assert body.get("by"), id_
            assert body.get("categories"), id_
            assert body["related"]["brand"], id_


def test_relations_name_entities_and_nothing_stands_alone(entities: dict[str, Body]) -> None:
    for id_, body in entities.items():
        related = body.get("related", {})
        assert related, id_
        for others in related.values():
            assert set(others) <= set(entities), id_


@pytest.mark.parametrize("kind", ["accessory", "guide", "bundle"])
def test_what_is_invented_says_so(entities: dict[str, Body], kind: str) -> None:
    for id_, body in entities.items():
        if body["type"] == kind:
            assert INVENTED in body["text"], id_


def test_files_say_that_popularity_is_invented() -> None:
    for path in FOLDER.rglob("*.txt"):
        if path.name != "queries.txt" and "opensearch" not in path.parts:
            head = path.read_text(encoding="utf-8").splitlines()[0]
            assert head.startswith("//"), path.name
            assert "invented" in head.lower(), path.name


def test_a_year_is_a_year_that_has_been(entities: dict[str, Body]) -> None:
    for id_, body in entities.items():
        if "published" in body:
            assert 1889 <= int(body["published"][:4]) <= 2026, id_


@pytest.mark.parametrize(
    ("name", "makers"),
    [
        ("OM-1", {"Olympus", "OM System"}),
        ("X3", {"Insta360", "VanMoof"}),
        ("One", {"OnePlus", "Sonos"}),
        ("Charge 5", {"Fitbit", "JBL"}),
    ],
)
def test_one_name_of_several_makers_is_several_products(
    entities: dict[str, Body], name: str, makers: set[str]
) -> None:
    found = [b for b in entities.values() if b["type"] == "product" and b["name"] == name]
    assert {body["by"][0] for body in found} == makers


def test_accessories_fit_products_that_know_them(entities: dict[str, Body]) -> None:
    case = entities["accessory-clear-case-for-iphone-15"]
    assert case["related"]["fits"] == ["product-iphone-15-apple"]
    phone = entities["product-iphone-15-apple"]["related"]
    assert "accessory-clear-case-for-iphone-15" in phone["accessories"]
    assert phone["replaces"] == ["product-iphone-14-apple"]
    assert phone["replaced_by"] == ["product-iphone-16-apple"]


def test_a_field_of_its_own_is_a_list(entities: dict[str, Body]) -> None:
    lens = entities["product-35mm-f1-4-dg-hsm-art-sigma"]
    assert lens["works_with"] == ["Canon EF", "Nikon F"]


def test_the_vocabularies_are_used(entities: dict[str, Body]) -> None:
    words = tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))["vocabularies"]
    used = {word for body in entities.values() for word in body.get("attributes", ())}
    assert {*words["features"], *words["countries"]} <= used
    assert {word for body in entities.values() for word in body.get("categories", ())} == set(
        words["categories"]
    )


def test_the_checks_name_entities_that_are_there(entities: dict[str, Body]) -> None:
    table = tomllib.loads((FOLDER / "checks.toml").read_text(encoding="utf-8"))
    named = {
        id_ for check in table["check"] for id_ in (*check.get("all", ()), *check.get("any", ()))
    }
    assert {*named, table["typo_finds"]} <= set(entities)


def test_its_assets_are_valid_and_hold_only_what_differs(tmp_path: Path) -> None:
    folder = FOLDER / "opensearch"
    strategies = {one.name for one in validate(resolved(folder, tmp_path)).strategies}
    assert {path.name for path in (folder / "strategies").iterdir()} < strategies
    assert len(list(folder.rglob("*.*"))) < 12


def test_the_demo_shows_the_example_whose_assets_are_set(tmp_path: Path) -> None:
    environment = {"LTRR_ASSETS": str(FOLDER / "opensearch"), "LTRR_CACHE": str(tmp_path)}
    assert catalogue_folder(Settings.from_env(environment)) == FOLDER
    assert example_queries(FOLDER)
    music = Settings.from_env({"LTRR_ASSETS": str(FOLDER.parents[1] / "opensearch")})
    assert catalogue_folder(music) == FOLDER.parent / "music"


def test_there_is_no_python_in_it() -> None:
    assert list(FOLDER.rglob("*.py")) == []
