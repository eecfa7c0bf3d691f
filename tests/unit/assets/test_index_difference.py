"""What of an index can be changed in place, what cannot, and what is no difference at all."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from plugin.assets.index_difference import Difference, compare, with_memory

MAPPINGS: dict[str, Any] = {
    "dynamic": False,
    "properties": {
        "name": {
            "type": "text",
            "analyzer": "words",
            "copy_to": ["joined"],
            "fields": {"keyword": {"type": "keyword", "ignore_above": 256}},
        },
        "joined": {"type": "text", "analyzer": "words"},
        "vector": {
            "type": "knn_vector",
            "dimension": 8,
            "method": {"name": "hnsw", "parameters": {"m": 16}},
        },
    },
}
SETTINGS = {"index.number_of_shards": "1", "index.refresh_interval": "1s"}


def stored(mappings: dict[str, Any] = MAPPINGS) -> dict[str, Any]:
    """The mapping as OpenSearch gives it back."""
    found = deepcopy(with_memory(mappings, "ltrr"))
    found["dynamic"] = str(found["dynamic"]).lower()
    return found


def difference(
    wanted: dict[str, Any], there: dict[str, Any], settings: dict[str, Any] | None = None
) -> Difference:
    return compare(with_memory(wanted, "ltrr"), SETTINGS, there, settings or SETTINGS)


def changed(path: str, **parameters: Any) -> dict[str, Any]:
    mappings = deepcopy(MAPPINGS)
    field = mappings
    for part in path.split("."):
        field = field["fields" if "analyzer" in field else "properties"][part]
    field.update(parameters)
    return mappings


def test_what_was_written_is_no_difference() -> None:
    assert difference(MAPPINGS, stored()) == Difference()


def test_opensearchs_own_way_of_writing_is_no_difference() -> None:
    there = stored()
    there["properties"]["name"]["copy_to"] = "joined"
    there["properties"]["vector"]["data_type"] = "float"
    there["properties"]["vector"]["method"]["parameters"]["m"] = 16.0
    assert difference(MAPPINGS, there) == Difference()


def test_a_default_that_opensearch_does_not_repeat_is_no_difference() -> None:
    mappings = changed("joined", index=True, norms=True)
    there = stored(mappings)
    del there["properties"]["joined"]["index"], there["properties"]["joined"]["norms"]
    assert difference(mappings, there) == Difference()


def test_a_new_field_and_a_new_subfield_are_added_in_place() -> None:
    mappings = deepcopy(MAPPINGS)
    mappings["properties"]["mood"] = {"type": "keyword"}
    mappings["properties"]["name"]["fields"]["prefix"] = {"type": "text"}
    found = difference(mappings, stored())
    assert found.mapping
    assert found.new_fields == ["name.prefix", "mood"]
    assert not found.refused


def test_a_parameter_that_may_change_is_changed_in_place() -> None:
    found = difference(changed("name.keyword", ignore_above=512), stored())
    assert found.mapping
    assert not found.refused


@pytest.mark.parametrize(
    ("path", "parameters", "says"),
    [
        ("name", {"type": "keyword"}, "field name: its type is 'text', the file says 'keyword'"),
        ("name", {"analyzer": "other"}, "field name: its analyzer is 'words'"),
        ("vector", {"dimension": 16}, "field vector: its dimension is 8, the file says 16"),
        ("joined", {"store": True}, "field joined: its store is False"),
    ],
)
def test_what_is_fixed_is_refused_with_before_and_after(
    path: str, parameters: dict[str, Any], says: str
) -> None:
    found = difference(changed(path, **parameters), stored())
    assert len(found.refused) == 1
    assert says in found.refused[0]


def test_a_parameter_that_the_file_no_longer_names_is_refused_not_forgotten() -> None:
    mappings = deepcopy(MAPPINGS)
    del mappings["properties"]["joined"]["analyzer"]
    assert "its analyzer is 'words'" in difference(mappings, stored()).refused[0]


def test_somebodys_edit_in_the_cluster_is_seen() -> None:
    there = stored()
    there["properties"]["name"]["fields"]["keyword"]["ignore_above"] = 10
    assert difference(MAPPINGS, there).mapping
    there["properties"]["vector"]["method"]["parameters"]["m"] = 4
    assert "field vector: its method" in difference(MAPPINGS, there).refused[0]


def test_a_field_that_is_in_no_file_any_more_stays_and_is_told() -> None:
    mappings = deepcopy(MAPPINGS)
    del mappings["properties"]["vector"]
    found = difference(mappings, stored())
    assert "the field vector is in no file any more" in found.notes[0]
    assert not found.refused


def test_a_dynamic_setting_is_changed_and_a_fixed_one_refused() -> None:
    there = {"index.number_of_shards": "2", "index.refresh_interval": "30s"}
    found = difference(MAPPINGS, stored(), there)
    assert found.settings == {"index.refresh_interval": "1s"}
    assert found.refused == ["setting index.number_of_shards is '2', the file says '1'"]


def test_no_pipeline_is_wanted_and_none_is_there() -> None:
    settings = {"index.default_pipeline": "_none"}
    mappings = with_memory(MAPPINGS, "ltrr")
    assert compare(mappings, settings, stored(), {}) == Difference()
    there = {"index.default_pipeline": "ltrr-enrich"}
    assert compare(mappings, settings, stored(), there).settings == settings
