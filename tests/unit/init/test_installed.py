"""What is installed from a wheel holds the assets: `ltrr init` needs no checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_a_wheel_holds_every_asset(tmp_path: Path) -> None:
    # Built from a copy, since a build leaves folders beside what it builds.
    copy = tmp_path / "copy"
    for name in ("plugin", "ingest", "bandit_service", "ltrr", "opensearch"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, copy / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(tmp_path), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assets = {
        str(path.relative_to(copy)) for path in (copy / "opensearch").rglob("*") if path.is_file()
    }
    assert len(assets) > 80
    assert assets <= held
