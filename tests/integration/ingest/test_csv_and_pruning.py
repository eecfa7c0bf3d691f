"""`ltrr ingest` of CSV and of an existing index, and `--prune`, as a person runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ingest_place import Place
from test_bulk_load import ingest, stored

pytestmark = pytest.mark.integration

BOOKS = """isbn;title;author;genre;year;sold
1;Emma;Jane Austen;novel, romance;1815;12
2;Iliad;Homer;epic;-750;0
3;Das Kapital;Karl Marx;economics;1867;7
4;Ficciones;Jorge Luis Borges;stories;1944;9
"""
FIELDS = (
    "--field", "id=isbn", "--field", "name=title", "--field", "by=author",
    "--field", "categories=genre:list(,)", "--field", "published=year",
    "--field", "popularity=sold", "--type", "book",
)  # fmt: skip


def refusal(place: Place, folder: Path, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ltrr", "ingest", *map(str, arguments)],
        env=place.environment,
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_csv_is_loaded_by_its_mapping_and_bad_rows_are_named(
    place: Place, tmp_path: Path
) -> None:
    path = tmp_path / "books.csv"
    path.write_text(BOOKS + "5;Bad;Nobody;none;last year;1\n")
    code, summary, errors = ingest(place, path, *FIELDS, folder=tmp_path)
    assert (code, summary["stored"], summary["failed"]) == (1, 4, 1)
    assert errors == [
        {
            "line": "books.csv:6",
            "id": "5",
            "reason": "column year: 'last year' is not a date"
            " (say date(%d/%m/%Y), or what its form is)",
        }
    ]
    found = stored(place)
    assert found["1"]["categories"] == ["novel", "romance"]
    assert (found["1"]["popularity"], "popularity" in found["2"]) == (12, False)
    old = {"query": {"range": {"published": {"lt": "1000-01-01"}}}}
    hits = place.cluster.request("POST", f"/{place.cluster.name('entities')}/_search", old)
    assert [hit["_id"] for hit in hits["hits"]["hits"]] == ["2"]


def test_prune_deletes_what_a_whole_load_does_not_hold_and_nothing_after_failures(
    place: Place, tmp_path: Path
) -> None:
    path = tmp_path / "books.csv"
    path.write_text(BOOKS)
    assert ingest(place, path, *FIELDS, "--prune", folder=tmp_path)[1]["deleted"] == 0
    header, *rows = BOOKS.splitlines(keepends=True)

    path.write_text(header + "".join(rows[1:]) + "5;;Nobody;none;1900;1\n")
    code, summary, _ = ingest(place, path, *FIELDS, "--prune", folder=tmp_path)
    assert (code, summary["failed"], summary["deleted"]) == (1, 1, 0)
    assert set(stored(place)) == {"1", "2", "3", "4"}

    path.write_text(header + "".join(rows[1:]))
    code, summary, _ = ingest(place, path, *FIELDS, "--prune", folder=tmp_path)
    assert (code, summary["deleted"]) == (0, 1)
    assert set(stored(place)) == {"2", "3", "4"}

    path.write_text(header + rows[1])
    said = refusal(place, tmp_path, path, *FIELDS, "--prune")
    assert "2 of the 3 entities are not in what was loaded" in said
    assert "--deletions 2" in said
    assert set(stored(place)) == {"2", "3", "4"}
    ingest(place, path, *FIELDS, "--prune", "--deletions", "2", folder=tmp_path)
    assert set(stored(place)) == {"2"}


def test_an_index_of_the_cluster_is_loaded_and_left_as_it_is(place: Place, tmp_path: Path) -> None:
    name = place.cluster.name("own")
    for number, title in enumerate(("Emma", "Iliad", "")):
        body = {"title": title, "writer": {"name": ["A", "B"]}, "year": 1815 + number}
        path = f"/{name}/_doc/d{number}"
        place.cluster.request("PUT", path, body, params={"refresh": "true"})
    fields = ("--field", "name=title", "--field", "by=writer.name", "--field", "published=year")
    code, summary, errors = ingest(place, "--from-index", name, *fields, folder=tmp_path)
    assert (code, summary["stored"], summary["failed"]) == (1, 2, 1)
    assert errors[0]["line"] == f"{name}/d2"
    found = stored(place)
    assert set(found) == {"d0", "d1"}
    assert (found["d0"]["by"], found["d0"]["published"]) == (["A", "B"], "1815")
    assert place.cluster.get(f"/{name}/_count")["count"] == 3
    entities = place.cluster.name("entities")
    assert "into itself" in refusal(place, tmp_path, "--from-index", entities)
    assert "no index" in refusal(place, tmp_path, "--from-index", "not-there")
    assert "no field is the name; its fields are title" in refusal(
        place, tmp_path, "--from-index", name
    )
