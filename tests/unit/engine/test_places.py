from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.settings import Settings
from plugin.engine.account import Account, closed_folder
from plugin.engine.places import Places, checkout_name, find_places, prepare_places
from plugin.errors import EngineError

STRANGER = Account("stranger", os.getuid() + 1, os.getgid() + 1)


def test_settings_decide_both_folders(tmp_path: Path) -> None:
    settings = replace(Settings.from_env({}), cache=tmp_path / "c", state=tmp_path / "s")
    places = find_places(settings)
    assert (places.cache, places.state) == (tmp_path / "c", tmp_path / "s")


def test_checkouts_share_the_cache_but_not_the_state(tmp_path: Path) -> None:
    one, other = (
        find_places(replace(Settings.from_env({}), assets=tmp_path / name / "shop" / "opensearch"))
        for name in ("a", "b")
    )
    assert one.cache == other.cache
    assert one.state != other.state
    assert one.state.name.startswith("shop-")


def test_the_name_of_a_checkout_is_fit_for_a_start_script() -> None:
    assert checkout_name(Path("/home/me/My shop (new)")).startswith("My-shop-new-")
    assert checkout_name(Path("/")).startswith("checkout-")


def test_a_space_in_the_path_is_refused_because_the_start_script_would_fail(
    tmp_path: Path,
) -> None:
    with pytest.raises(EngineError, match=r"has a space.*LTRR_CACHE"):
        prepare_places(Places(cache=tmp_path / "my cache", state=tmp_path / "state"))


def test_a_folder_that_cannot_be_made_is_told_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match=r"cannot be made.*LTRR_CACHE"):
        prepare_places(Places(cache=tmp_path / "file" / "cache", state=tmp_path / "state"))


def test_the_folder_that_keeps_the_nodes_user_out_is_found(tmp_path: Path) -> None:
    (tmp_path / "home" / "cache").mkdir(parents=True)
    tmp_path.chmod(0o755)
    (tmp_path / "home").chmod(0o700)
    opened = Path("/")
    assert closed_folder(opened, STRANGER) is None
    found = closed_folder(tmp_path / "home" / "cache" / "not-there-yet", STRANGER)
    assert found is not None
    assert found in (tmp_path / "home", *tmp_path.parents)


def test_root_is_told_when_nobody_could_not_reach_the_state(tmp_path: Path) -> None:
    places = Places(cache=tmp_path / "cache", state=tmp_path / "state")
    tmp_path.chmod(0o700)
    if os.geteuid() == 0:
        with pytest.raises(EngineError, match=r"'nobody'.*cannot enter.*LTRR_CACHE"):
            prepare_places(places)
    else:
        assert prepare_places(places) is None
        assert places.state.is_dir()
