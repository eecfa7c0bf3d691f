"""Fetch archives once: resumable, checked, and never by two processes at the same time.

An archive appears under its own name only when its checksum is right; until then it is a ``.part``
file, from whose end an interrupted download goes on.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import requests
from filelock import FileLock

from plugin.engine.artifacts import Artifact
from plugin.engine.base import Reporter
from plugin.errors import EngineError

Address = Callable[[Artifact], str]

_CHUNK = 1 << 20
_TRIES = 5
_TIMEOUT_S = 60


def maven_address(artifact: Artifact) -> str:
    """Where an artifact is, as jgo knows the public Maven repository."""
    from jgo.maven import MavenContext  # slow to import

    context = MavenContext()
    component = context.project(artifact.group, artifact.name).at_version(artifact.version)
    file_name = component.artifact(packaging="zip").filename
    repository = next(iter(context.remote_repos.values())).rstrip("/")
    return f"{repository}/{component.path_prefix.as_posix()}/{file_name}"


def is_fetched(artifact: Artifact, folder: Path) -> bool:
    """Whether the whole archive is in ``folder`` (its checksum was checked when it got there)."""
    path = folder / artifact.file_name
    return path.is_file() and path.stat().st_size == artifact.size


def fetch(
    artifact: Artifact, folder: Path, address: Address, report: Reporter, *, pause_s: float = 1.0
) -> Path:
    """The archive in ``folder``, downloaded unless it is there.

    After a broken connection it waits ``pause_s``, twice as long each time, and goes on.

    Raises:
        EngineError: it cannot be reached, or what arrives is not the pinned archive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / artifact.file_name
    with FileLock(folder / f"{artifact.file_name}.lock"):
        if is_fetched(artifact, folder):
            return final
        part = folder / f"{artifact.file_name}.part"
        resumed = part.exists()
        digest = _download(artifact, part, address(artifact), report, pause_s)
        if digest != artifact.sha256 and resumed:
            # The older part may have been of something else: one clean try.
            part.unlink()
            digest = _download(artifact, part, address(artifact), report, pause_s)
        if digest != artifact.sha256:
            part.unlink()
            raise EngineError(
                f"the download of {artifact.file_name} is not what it should be (SHA-256 {digest},"
                f" expected {artifact.sha256}). Something on the way to the public Maven repository"
                " changes files: try again, or from another network."
            )
        part.chmod(0o644)
        part.replace(final)
    return final


def _download(artifact: Artifact, part: Path, url: str, report: Reporter, pause_s: float) -> str:
    """Complete ``part``, going on after broken connections; returns its SHA-256."""
    for attempt in range(_TRIES):
        try:
            _go_on(artifact, part, url, report)
            return _sha256(part)
        except requests.exceptions.SSLError as error:
            problem = (
                f"{error}. If your network inspects TLS, set REQUESTS_CA_BUNDLE to the file of its"
                " certificate authority"
            )
            break
        except requests.RequestException as error:
            problem = str(error)
            answer = error.response
            if answer is not None and answer.status_code < 500:
                break
        except OSError as error:
            problem = f"{part} cannot be written: {error.strerror}"
            break
        time.sleep(pause_s * 2**attempt)
    raise EngineError(
        f"{artifact.file_name} cannot be downloaded: {problem}. What has arrived is kept: the same"
        " command goes on from there."
    )


def _go_on(artifact: Artifact, part: Path, url: str, report: Reporter) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have > artifact.size:
        part.unlink()
        have = 0
    if have == artifact.size:
        return
    headers = {"Range": f"bytes={have}-", "Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as response:
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            have = 0  # the server sends everything again
        with (
            part.open("ab" if have else "wb") as file,
            report.progress(artifact.file_name, artifact.size, have) as advance,
        ):
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                advance(len(chunk))
                have += len(chunk)
                if have > artifact.size:
                    return  # not our archive; the checksum will say so
    if have < artifact.size:
        raise requests.ConnectionError(f"the connection ended after {have:,} bytes")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
