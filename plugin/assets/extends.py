"""An assets folder that holds only what differs from another one.

``schema.toml`` may say ``extends = "<folder>"`` (from where it stands). What the folder does not
have is then taken from there, and so on down a chain:

- a strategy's folder replaces the base's strategy of that name; ``without = ["fresh"]`` leaves
  strategies of the base out;
- a ``.toml`` file at the top replaces the keys that it has, ``schema.toml`` too;
- ``<name>.patch.json`` changes the base's ``<name>.json`` (JSON merge patch, RFC 7396);
- any other file replaces the base's file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import tomli_w

from plugin.assets.problems import Problem, near, read_json, read_toml, refuse
from plugin.assets.schema import FILE as SCHEMA

EXTENDS = "extends"
WITHOUT = "without"

_ORIGINS = ".origins.json"
"""In a merged folder: the folders it was made of, the one that people edit first."""

_PATCH = ".patch.json"
_STRATEGIES = "strategies"
_BASELINE = "baseline.toml"


def extends(folder: Path) -> bool:
    """Whether the folder's ``schema.toml`` says that it extends another."""
    try:
        return EXTENDS in tomllib.loads((folder / SCHEMA).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # what is wrong with the file is said by whoever reads it
        return False


def resolved(folder: Path, into: Path) -> Path:
    """The whole of an assets folder: itself, or, where it extends another, a merged one.

    The merged one is made below ``into``, at once and under a name that depends on its content: the
    same files give the same path, and a path never changes what it holds.

    Raises:
        InvalidAssets: a base is missing, folders extend each other in a circle, or what is to be
            changed or left out is not there.
    """
    if not extends(folder):
        return folder
    chain = _chain(folder.expanduser().resolve())
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    for one in reversed(chain):
        found: list[Problem] = []
        _lay_over(files, one, found)
        problems += [Problem(_seen(one, x.file, chain), x.place, x.message) for x in found]
    refuse(problems)
    files[_ORIGINS] = orjson.dumps([str(one) for one in chain])
    return _stored(files, into)


def origins(folder: Path) -> tuple[Path, ...]:
    """The folders that a merged folder was made of, most particular first; else the folder."""
    try:
        return tuple(Path(one) for one in orjson.loads((folder / _ORIGINS).read_bytes()))
    except FileNotFoundError:
        return (folder,)


def edited(folder: Path) -> Path:
    """The folder that people edit: for a merged folder the one that extends, else itself."""
    return origins(folder)[0]


def located(folder: Path, problems: Iterable[Problem]) -> list[Problem]:
    """Problems of a merged folder, with their files named as seen from the one people edit."""
    chain = origins(folder)
    if len(chain) == 1:
        return list(problems)
    return [Problem(_place(chain, one.file), one.place, one.message) for one in problems]


def _place(chain: Sequence[Path], file: str) -> str:
    parts = Path(file).parts
    patch = file.removesuffix(".json") + _PATCH
    for origin in chain:
        # Of a strategy, the whole folder counts: what it lacks is not taken from elsewhere.
        inside = parts[:1] == (_STRATEGIES,) and len(parts) > 1
        here = Path(*parts[:2]) if inside else Path(file)
        name = patch if file.endswith(".json") and (origin / patch).exists() else file
        if (origin / here).exists() or name == patch:
            return _seen(origin, name, chain)
    return file


def _seen(folder: Path, file: str, chain: Sequence[Path]) -> str:
    """A file of one folder of the chain, as seen from the one that people edit."""
    return os.path.relpath(folder / file, chain[0]).replace(os.sep, "/")


def _chain(folder: Path) -> list[Path]:
    """The folder, what it extends, what that extends, and so on."""
    chain = [folder]
    while extends(chain[-1]):
        given = tomllib.loads((chain[-1] / SCHEMA).read_text(encoding="utf-8"))[EXTENDS]
        if not isinstance(given, str) or not given:
            _stop(chain, "must be the path of an assets folder, seen from this one")
        base = (chain[-1] / Path(given).expanduser()).resolve()
        if base in chain:
            _stop(chain, f"{given!r} leads back to {base}: folders cannot extend each other")
        if not (base / SCHEMA).is_file():
            _stop(chain, f"{given!r} is no assets folder: there is no {base / SCHEMA}")
        chain.append(base)
    return chain


def _stop(chain: list[Path], message: str) -> None:
    refuse([Problem(_seen(chain[-1], SCHEMA, chain), EXTENDS, message)])


def _lay_over(files: dict[str, bytes], folder: Path, problems: list[Problem]) -> None:
    """Change ``files``, the base's, into those of ``folder`` over them."""
    own = {path.relative_to(folder).as_posix(): path for path in sorted(_files(folder))}
    given = read_toml(folder, SCHEMA, problems) or {}
    absent = _left_out(given.get(WITHOUT, []), _strategies(files), problems)
    for name in {*_strategies(own), *absent}:
        for file in [one for one in files if one.startswith(f"{_STRATEGIES}/{name}/")]:
            del files[file]
    for file, path in own.items():
        if file.endswith(_PATCH):
            _patch(files, folder, file, problems)
        elif file.endswith(".toml") and "/" not in file:
            base = tomllib.loads(files.get(file, b"").decode())
            changes = read_toml(folder, file, problems) or {}
            merged = {**base, **changes}
            if file == SCHEMA:
                merged = {k: v for k, v in merged.items() if k not in (EXTENDS, WITHOUT)}
            files[file] = tomli_w.dumps(merged).encode()
        else:
            files[file] = path.read_bytes()
    if absent and _BASELINE in files and _BASELINE not in own:
        files[_BASELINE] = _unnamed(files[_BASELINE], absent)


def _left_out(given: Any, known: set[str], problems: list[Problem]) -> set[str]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        problems.append(Problem(SCHEMA, WITHOUT, "must be a list of strategies"))
        return set()
    for name in given:
        if name not in known:
            message = f"there is no strategy {name!r} to leave out; {near(name, known)}"
            problems.append(Problem(SCHEMA, WITHOUT, message))
    return set(given)


def _unnamed(content: bytes, absent: set[str]) -> bytes:
    """A baseline without the weights of strategies that were left out."""
    table = tomllib.loads(content.decode())
    weights = table.get("weights")
    if isinstance(weights, dict):
        table["weights"] = {name: at for name, at in weights.items() if name not in absent}
    return tomli_w.dumps(table).encode()


def _patch(files: dict[str, bytes], folder: Path, file: str, problems: list[Problem]) -> None:
    target = file.removesuffix(_PATCH) + ".json"
    if target not in files:
        problems.append(Problem(file, "", f"there is no {target} in what {SCHEMA} extends"))
        return
    change = read_json(folder, file, problems)
    try:
        base = orjson.loads(files[target])
    except orjson.JSONDecodeError:  # said when the folder that has it is read by itself
        return
    if change is not None:
        files[target] = orjson.dumps(merge_patch(base, change), option=orjson.OPT_INDENT_2)


def merge_patch(target: Any, patch: Any) -> Any:
    """``target`` as ``patch`` changes it: objects are merged, null deletes (RFC 7396, section 2).

    Source: https://www.rfc-editor.org/rfc/rfc7396
    """
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _strategies(files: Iterable[str]) -> set[str]:
    start = f"{_STRATEGIES}/"
    return {file.split("/")[1] for file in files if file.startswith(start) and file.count("/") > 1}


def _stored(files: Mapping[str, bytes], into: Path) -> Path:
    digest = hashlib.sha256()
    for file, content in sorted(files.items()):
        digest.update(f"{file}\0{len(content)}\0".encode() + content)
    target = into / digest.hexdigest()[:24]
    if target.is_dir():
        return target
    into.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".", dir=into))
    try:
        for file, content in files.items():
            path = fresh / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        fresh.chmod(0o755)
        # A folder gets its name only once it is whole; who comes second finds the same there.
        os.rename(fresh, target)
    except OSError:
        if not target.is_dir():
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target
