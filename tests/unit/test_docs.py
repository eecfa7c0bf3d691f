"""What the README says about commands and settings is what the code says."""

import re
from pathlib import Path

import click
import pytest
import yaml

from ltrr.cli import COMMANDS, cli
from ltrr.commands.learn import ALIVE
from ltrr.document import commands_table, settings_table
from ltrr.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def _section(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README, re.DOTALL)
    assert found, f"README.md has no <!-- {name} --> section"
    return found.group(1)


@pytest.mark.parametrize(
    ("section", "table"), [("settings", settings_table), ("commands", commands_table)]
)
def test_the_readmes_tables_are_those_of_the_code(section: str, table: object) -> None:
    assert callable(table)
    assert _section(section) == table(), "run `python -m ltrr.document README.md`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"ltrr {name} {option.opts[0]} has no help"


def test_files_that_the_readme_points_at_are_there() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_folders_of_opensearch_hold_no_python() -> None:
    # opensearch-py's dependencies own the import name `opensearch`: a module of ours would hide it.
    assert list((ROOT / "opensearch").rglob("*.py")) == []


class TestCompose:
    """docker-compose.yml uses the names, ports and settings that the code knows."""

    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())

    def test_every_setting_it_gives_is_one_of_ours(self) -> None:
        known = {field.metadata["variable"] for field in Settings.__dataclass_fields__.values()}
        for name, service in self.compose["services"].items():
            if name != "opensearch":
                assert set(service["environment"]) <= known, name

    def test_what_it_runs_are_commands_of_ours_with_options_they_know(self) -> None:
        for name in ("model-server", "sidecar", "learner"):
            words = self.compose["services"][name]["command"]
            command = cli.get_command(click.Context(cli), words[0])
            assert command is not None, words
            options = {flag for p in command.params for flag in (*p.opts, *p.secondary_opts)}
            assert {word for word in words[1:] if word.startswith("-")} <= options
        setup = self.compose["services"]["setup"]["command"][0]
        assert {words.split()[1] for words in setup.split(" && ")} <= set(COMMANDS)
        for path in re.findall(r"ltrr ingest (\S+)", setup):
            assert (ROOT / path).exists()

    def test_the_sidecar_leaves_learning_to_the_learner(self) -> None:
        assert "--no-learner" in self.compose["services"]["sidecar"]["command"]

    def test_ports_are_the_defaults_and_published_on_loopback_only(self) -> None:
        services = self.compose["services"]
        published = [port for service in services.values() for port in service.get("ports", [])]
        assert all(port.startswith("127.0.0.1:") for port in published)
        assert f"127.0.0.1:{Settings().port}:{Settings().port}" in services["sidecar"]["ports"]
        address = services["sidecar"]["environment"]["LTRR_MODEL_SERVER"]
        assert address == f"http://model-server:{Settings().model_server_port}"
        trusted = services["opensearch"]["environment"][
            "plugins.ml_commons.trusted_connector_endpoints_regex"
        ].replace("$$", "$")
        assert re.match(yaml.safe_load(trusted)[0], f"{address}/v1/embeddings")

    def test_every_long_running_service_has_a_health_check(self) -> None:
        for name, service in self.compose["services"].items():
            assert ("healthcheck" in service) == (name != "setup"), name

    def test_the_learners_health_check_looks_at_the_file_that_the_learner_touches(self) -> None:
        check = self.compose["services"]["learner"]["healthcheck"]["test"][-1]
        state = self.compose["services"]["learner"]["environment"]["LTRR_STATE"]
        assert f"{state}/{ALIVE}" in check

    def test_no_password_and_no_default_secret(self) -> None:
        text = (ROOT / "docker-compose.yml").read_text()
        assert "LTRR_SECRET:?" in text
        assert "PASSWORD" not in text
