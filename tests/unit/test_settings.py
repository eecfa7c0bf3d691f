"""Settings are read once, and a wrong one is named with what it may be."""

from dataclasses import fields
from pathlib import Path

import pytest

from ltrr.settings import Settings
from plugin.errors import InvalidRequest


def test_nothing_set_gives_the_defaults_and_listens_on_loopback_only() -> None:
    settings = Settings.from_env({})
    assert settings == Settings()
    assert settings.host == "127.0.0.1"
    assert not settings.secret
    assert not settings.opensearch_password
    assert settings.data is None


def test_values_take_the_type_of_their_field() -> None:
    settings = Settings.from_env(
        {"LTRR_PORT": "9000", "LTRR_FLOOR": "0.1", "LTRR_DATA": "some/folder", "LTRR_HOST": " "}
    )
    assert (settings.port, settings.floor, settings.data) == (9000, 0.1, Path("some/folder"))
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("LTRR_ENGINE", "docker-ish", "embedded, url"),
        ("LTRR_PORT", "http", "int"),
        ("LTRR_PORT", "70000", "1 and 65535"),
        ("LTRR_FLOOR", "nan", "between 0 and 1"),
        ("LTRR_FLOOR", "2", "between 0 and 1"),
        ("LTRR_FLOOR", "1", "at most 0.99"),
        ("LTRR_HOLDOUT", "0.97", "together"),
        ("LTRR_WORKERS", "0", "at least 1"),
        ("LTRR_MEMORY_HALF_LIFE_DAYS", "0", "at least 1"),
        ("LTRR_CHALLENGER", "static", "one of explorer, rls"),
        ("LTRR_CHALLENGER", "explorer", "another policy"),
        ("LTRR_NAMESPACE", "Bad/Name", "lower-case"),
        ("LTRR_ENGINE", "url", "OPENSEARCH_URL"),
        ("OPENSEARCH_URL", "https://me:hush@host:9200", "OPENSEARCH_PASSWORD"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_may_be(variable: str, value: str, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        Settings.from_env({variable: value})


def test_every_setting_has_its_own_variable_and_a_meaning() -> None:
    variables = [entry.metadata["variable"] for entry in fields(Settings)]
    assert len(set(variables)) == len(variables)
    assert all(entry.metadata["meaning"] for entry in fields(Settings))


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    assert "hush" not in repr(Settings.from_env({"LTRR_SECRET": "hush-hush-hush-hush"}))
