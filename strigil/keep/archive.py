"""The inside of a backup: a tar of parts, and at its end the manifest that names each with its SHA-256."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from strigil.keep.faults import Damaged
from strigil.keep.seal import SEAL, Opener, Sealer
from strigil.keep.tables import Table

Given = TypeVar("Given")
Made = TypeVar("Made")
FORMAT = 2
MANIFEST = "manifest.json"
PART = 4 * 1024 * 1024
"""Bytes of lines in one part, before they are compressed: what is held in memory at once."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    bytes: int


class KeptTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    table: Table
    rows: int
    parts: tuple[str, ...]


class Head(BaseModel):
    """The last line of a chain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int
    mac: str


class Manifest(BaseModel):
    """What a backup holds, and the state it was in. ``log`` anchors each clinic's log; format 1 had none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1, 2]
    made_at: str
    version: str
    database: Literal["sqlite", "postgresql"]
    demo: bool
    knowledge_version: str
    knowledge_sha256: str
    migrations: tuple[tuple[str, str], ...]
    log: dict[str, Head] = {}
    tables: tuple[KeptTable, ...]
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.tables)


class Writer:
    """Adds parts to a backup, and the manifest last."""

    def __init__(self, file: Sealer) -> None:
        self._file = file
        self.parts: list[Part] = []

    def add(self, name: str, content: bytes) -> None:
        self.parts.append(Part(name=name, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content)))
        self._add(name, content)

    def add_table(self, table: Table, rows: Iterator[str]) -> KeptTable:
        """All rows of a table, in as many parts as they need."""
        names: list[str] = []
        count = 0
        for content, lines in beside(_packed, _blocks(rows)):
            names.append(f"tables/{table.name}/{len(names):04}.jsonl.gz")
            self.add(names[-1], content)
            count += lines
        return KeptTable(table=table, rows=count, parts=tuple(names))

    def close(self, manifest: Manifest) -> None:
        self._add(MANIFEST, manifest.model_dump_json(indent=1).encode())
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))

    def _add(self, name: str, content: bytes) -> None:
        about = tarfile.TarInfo(name)
        about.size, about.mode = len(content), 0o600
        self._file.write(about.tobuf(tarfile.USTAR_FORMAT))
        self._file.write(content + bytes(-len(content) % tarfile.BLOCKSIZE))


def _blocks(rows: Iterator[str]) -> Iterator[bytes]:
    """Lines, as many as make a part."""
    waiting, size = io.StringIO(), 0
    for row in rows:
        size += waiting.write(row) + waiting.write("\n")
        if size >= PART:
            yield waiting.getvalue().encode()
            waiting, size = io.StringIO(), 0
    if size:
        yield waiting.getvalue().encode()


def _packed(lines: bytes) -> tuple[bytes, int]:
    return gzip.compress(lines, compresslevel=1, mtime=0), lines.count(b"\n")


def beside(work: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """What work makes of each, in a thread of its own while the next is fetched and the one before is used."""
    with ThreadPoolExecutor(1) as thread:
        made: deque[Future[Made]] = deque()
        for one in given:
            made.append(thread.submit(work, one))
            if len(made) > 1:
                yield made.popleft().result()
        while made:
            yield made.popleft().result()


def parts(file: IO[bytes], passphrase: bytes) -> Iterator[tuple[str, bytes]]:
    """Every part of a backup with its content, in order; the manifest is the last.

    Raises:
        Damaged: when something is not as it was written.
    """
    last = SEAL
    try:
        opener = Opener(file, passphrase)
        with tarfile.open(fileobj=opener, mode="r|") as tar:  # type: ignore[call-overload]
            for about in tar:
                last = about.name
                member = tar.extractfile(about)
                yield last, member.read() if member else b""
        while rest := opener.read(PART):
            if rest.strip(b"\0"):
                raise Damaged(last, "something follows the end of the backup")
    except tarfile.TarError:
        raise Damaged(last, "what follows is no part of a backup") from None
    except Damaged as error:
        where = error.part if last == SEAL else f"{last} or what follows it"
        raise Damaged(where, str(error).removeprefix(f"{error.part}: ")) from None


def verified(file: IO[bytes], passphrase: bytes, *, counted: bool = True) -> Manifest:
    """Read a whole backup and hold every part against the manifest, which it gives.

    Whoever loads the rows counts them anyway, and leaves that out here.

    Raises:
        Damaged: naming the part that is not as it was written.
    """
    seen: dict[str, Part] = {}
    rows: dict[str, int] = {}
    manifest: Manifest | None = None
    for name, content in parts(file, passphrase):
        if manifest is not None or name in seen:
            raise Damaged(name, "stands where no part can be")
        if name == MANIFEST:
            manifest = _manifest(content)
            continue
        seen[name] = Part(name=name, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
        if counted:
            rows[name] = lines_of(name, content).count(b"\n")
    if manifest is None:
        raise Damaged(MANIFEST, "is missing, so the backup is not whole")
    _check(manifest, seen)
    if counted:
        _check_rows(manifest, rows)
    return manifest


def lines_of(name: str, content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise Damaged(name, "cannot be unpacked") from None


def _manifest(content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Damaged(
            MANIFEST, f"{where}: {first['msg']}; a newer Strigil may have made it: use that version"
        ) from None


def _check(manifest: Manifest, seen: dict[str, Part]) -> None:
    for part in manifest.parts:
        if part.name not in seen:
            raise Damaged(part.name, "is missing")
        if seen[part.name] != part:
            raise Damaged(part.name, "its SHA-256 is not the one in the manifest")
    if more := sorted(seen.keys() - {part.name for part in manifest.parts}):
        raise Damaged(more[0], "is not in the manifest")
    if more := sorted(seen.keys() - {name for one in manifest.tables for name in one.parts}):
        raise Damaged(more[0], "belongs to no table")


def _check_rows(manifest: Manifest, rows: dict[str, int]) -> None:
    for one in manifest.tables:
        if sum(rows.get(name, 0) for name in one.parts) != one.rows:
            raise Damaged(one.table.name, f"the manifest says {one.rows} rows, and its parts hold another number")
