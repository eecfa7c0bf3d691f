"""The archives that a node is made of: names, sizes and checksums, pinned.

The checksums are of what the public Maven repository served when they were pinned. For the
distribution that repository publishes the same SHA-256; for the plugins it publishes none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Artifact:
    """One archive of the public Maven repository. ``size`` is in bytes."""

    group: str
    name: str
    version: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """What the archive is called, there and in our cache."""
        return f"{self.name}-{self.version}.zip"


@dataclass(frozen=True, slots=True)
class ArtifactSet:
    """A distribution with its plugins. ``unpacked`` is its size on disk in bytes."""

    distribution: Artifact
    plugins: tuple[Artifact, ...]
    unpacked: int

    @property
    def all(self) -> tuple[Artifact, ...]:
        """Every archive, the distribution first."""
        return (self.distribution, *self.plugins)

    @property
    def label(self) -> str:
        """A folder name that changes when any archive does."""
        checksums = "".join(artifact.sha256 for artifact in self.all)
        digest = hashlib.sha256(checksums.encode()).hexdigest()[:10]
        return f"opensearch-{self.distribution.version}-{digest}"


@cache
def opensearch() -> ArtifactSet:
    """OpenSearch 3.6.0 with k-NN, neural search and ML Commons (which needs the job scheduler).

    3.6.0 is the newest release of which that repository holds all five.
    """
    plugins = "org.opensearch.plugin"
    return ArtifactSet(
        distribution=Artifact(
            "org.opensearch.distribution.integ-test-zip",
            "opensearch",
            "3.6.0",
            161_609_640,
            "a91faa1dc1cadc78cb278b4f63847e19e1627a4e9de698e14e7efc14ee37b286",
        ),
        plugins=(
            Artifact(
                plugins,
                "opensearch-knn",
                "3.6.0.0",
                6_015_541,
                "ac392ca28a39b3bf290648a422ef30cb149dda2963a9d7feb26060e932341c9a",
            ),
            Artifact(
                plugins,
                "neural-search",
                "3.6.0.0",
                12_095_213,
                "6ef1b206e79391e2e36268e32dc34d27fd8b8a59a8eb0a7393c97d53b038e433",
            ),
            Artifact(
                plugins,
                "opensearch-job-scheduler",
                "3.6.0.0",
                368_626,
                "f81d0aa9fc850b18f803292bd7ae68bd33561f6c1d12db0f68529d40eddcee24",
            ),
            Artifact(
                plugins,
                "opensearch-ml-plugin",
                "3.6.0.0",
                390_566_619,
                "c051d436fe1936da1477bb999db829eb2bc92b12989e376c300d0a874fb90f9d",
            ),
        ),
        unpacked=640_000_000,
    )
