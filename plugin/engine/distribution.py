"""Put a distribution and its plugins together, once; nodes only ever read it."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from filelock import FileLock

from plugin.engine.artifacts import Artifact, ArtifactSet
from plugin.engine.base import Reporter
from plugin.engine.download import Address, fetch, is_fetched
from plugin.engine.places import Places
from plugin.errors import EngineError


def distribution_folder(places: Places, artifacts: ArtifactSet) -> Path:
    """Where the assembled distribution is, or will be."""
    return places.distributions / artifacts.label


def is_assembled(places: Places, artifacts: ArtifactSet) -> bool:
    """Whether nothing has to be downloaded or unpacked any more."""
    return distribution_folder(places, artifacts).is_dir()


def assemble(places: Places, artifacts: ArtifactSet, address: Address, report: Reporter) -> Path:
    """Download what is missing, unpack it, and return the distribution's folder.

    The folder appears in one step, so it is either whole or not there.

    Raises:
        EngineError: no disk space, no network, or a damaged archive.
    """
    target = distribution_folder(places, artifacts)
    if target.is_dir():
        return target
    places.distributions.mkdir(parents=True, exist_ok=True)
    with FileLock(places.distributions / f"{artifacts.label}.lock"):
        if target.is_dir():
            return target
        missing = [one for one in artifacts.all if not is_fetched(one, places.downloads)]
        for left_over in places.distributions.glob(".new-*"):
            shutil.rmtree(left_over)  # of someone who was killed
        check_space(places.cache, sum(one.size for one in missing) + artifacts.unpacked)
        if missing:
            report.say(
                f"Downloading OpenSearch and its plugins, {_mb(missing)} in all, once for all"
                f" checkouts, to {places.downloads}:"
            )
            for one in missing:
                report.say(f"  {one.file_name}  {_mb([one])}")
        archives = [fetch(one, places.downloads, address, report) for one in artifacts.all]
        report.say("Unpacking OpenSearch")
        with tempfile.TemporaryDirectory(dir=places.distributions, prefix=".new-") as scratch:
            folder = Path(scratch) / artifacts.label
            _unpack(archives[0], folder, strip_top=True)
            for archive in archives[1:]:
                _unpack(archive, folder / "plugins" / _plugin_name(archive), strip_top=False)
            _open_for_reading(folder)
            folder.replace(target)
    return target


def check_space(folder: Path, needed: int) -> None:
    """Refuse before the disk fills up, not after.

    Raises:
        EngineError: fewer than ``needed`` bytes are free where ``folder`` is.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise EngineError(
            f"{needed / 1e9:.1f} GB are needed in {folder}, but only {free / 1e9:.1f} GB are free."
            " Make room, or set LTRR_CACHE to a folder on another disk."
        )


def _mb(artifacts: list[Artifact]) -> str:
    return f"{sum(one.size for one in artifacts) / 1e6:.3g} MB"


def _plugin_name(archive: Path) -> str:
    with zipfile.ZipFile(archive) as opened:
        for line in opened.read("plugin-descriptor.properties").decode().splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "name":
                return value.strip()
    raise EngineError(f"{archive} is not an OpenSearch plugin: its descriptor has no name")


def _unpack(archive: Path, folder: Path, *, strip_top: bool) -> None:
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            parts = Path(entry.filename).parts[1 if strip_top else 0 :]
            if entry.is_dir() or not parts:
                continue
            if ".." in parts or Path(*parts).is_absolute():
                raise EngineError(f"{archive} wants to write outside its folder: {entry.filename}")
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(entry) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def _open_for_reading(folder: Path) -> None:
    """Any user may read it, whatever the umask; nobody is meant to write it."""
    # A node copies config and never writes here, but its start script expects this folder.
    (folder / "logs").mkdir(exist_ok=True)
    for path in (folder, *folder.rglob("*")):
        runs = path.is_dir() or path.parent.name == "bin"
        path.chmod(0o755 if runs else 0o644)
