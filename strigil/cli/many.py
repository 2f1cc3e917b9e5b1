"""``strigil screen --many``: a file of cases, one a line, into a file of results that appears whole or not at all."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import IO

from strigil.cli.base import MOST_BYTES, BadInput, opened, shown
from strigil.knowledge import Knowledge, load
from strigil.pathway.screen.lines import Chunk, LineError, chunks, screen_chunk
from strigil.serve.leash import die_with_parent

SUFFIXES = (".ndjson", ".parquet")


def run_many(arguments: argparse.Namespace, shelf: Knowledge) -> int:
    out: Path | None = arguments.out
    if out is None or out.suffix not in SUFFIXES:
        given = "nothing" if out is None else repr(shown(str(out)))
        raise BadInput(f"no place for the results; where: --out; given: {given}; allowed: NAME.ndjson or NAME.parquet")
    try:
        with opened(arguments.case, "a file with one case a line") as cases, _appearing(out) as part:
            _write_results(cases, part, shelf)
            if out.suffix == ".parquet":
                _to_parquet(part)
    except LineError as error:
        raise BadInput(f"{error}; file: {shown(arguments.case)}") from None
    return 0


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A file beside the one wanted that takes its place when all went well, and is gone otherwise."""
    part = out.parent / f".{out.name[:100]}.{secrets.token_hex(4)}.part"  # known before it is there
    try:
        _make(part, out)
        yield part
        umask = os.umask(0)
        os.umask(umask)
        part.chmod(0o666 & ~umask)
        part.replace(out)
    finally:
        with suppress(OSError, ValueError):  # it was never made, or has taken its place
            part.unlink()


def _make(part: Path, out: Path) -> None:
    try:
        if out.is_dir():
            raise IsADirectoryError(21, "a folder has this name")
        part.touch(mode=0o600, exist_ok=False)
    except (OSError, ValueError) as error:
        given = getattr(error, "strerror", None) or error
        raise BadInput(
            f"cannot be written; where: {shown(str(out))}; given: {given}; allowed: a file in a folder to write in"
        ) from None


def _write_results(cases: IO[bytes], part: Path, shelf: Knowledge) -> None:
    bar = _Progress(os.fstat(cases.fileno()).st_size)
    with part.open("wb") as file:
        for chunk, result in _screened(chunks(cases, MOST_BYTES), shelf):
            file.write(result)
            bar.show(chunk)
    bar.done()


def _screened(given: Iterator[Chunk], shelf: Knowledge) -> Iterator[tuple[Chunk, bytes]]:
    """The results of every chunk in order: of the first here, of what follows on all processors."""
    for chunk in given:
        yield chunk, screen_chunk(chunk, shelf)
        break
    second = next(given, None)
    if second is None:
        return
    workers = os.cpu_count() or 1
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin_work, initargs=(os.getpid(),))
    try:
        running: deque[tuple[Chunk, Future[bytes]]] = deque()
        for chunk in _chain(second, given):
            running.append((chunk, pool.submit(_work, chunk)))
            if len(running) > 2 * workers:
                first, future = running.popleft()
                yield first, future.result()
        for first, future in running:
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _chain(first: Chunk, rest: Iterable[Chunk]) -> Iterator[Chunk]:
    yield first
    yield from rest


def _begin_work(command: int) -> None:
    die_with_parent(command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    load()


def _work(chunk: Chunk) -> bytes:
    return screen_chunk(chunk, load())


class _Progress:
    """How far the work is, on a terminal; elsewhere nothing."""

    def __init__(self, size: int) -> None:
        self.size, self.seen, self.cases = size, 0, 0
        self.shows = sys.stderr.isatty()

    def show(self, chunk: Chunk) -> None:
        self.cases, self.seen = self.cases + len(chunk.lines), self.seen + sum(map(len, chunk.lines))
        if not self.shows:
            return
        bar = ""
        if self.size:
            share = min(self.seen / self.size, 1)
            bar = f"[{'=' * int(share * 30):<30}] {share:4.0%} "
        print(f"\r{bar}{self.cases:,} cases", end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        if self.shows:
            print(file=sys.stderr)


# --- Parquet ----------------------------------------------------------------------------------------------------

_SOURCE = (
    "STRUCT(source VARCHAR, title VARCHAR, kind VARCHAR, url VARCHAR, says VARCHAR, "
    '"class" VARCHAR, applies_to VARCHAR, audited VARCHAR)'
)
COLUMNS = {
    "id": "VARCHAR",
    "outcome": "VARCHAR",
    "complete": "BOOLEAN",
    "sites": "STRUCT(region VARCHAR, side VARCHAR, outcome VARCHAR, complete BOOLEAN)[]",
    "reasons": "STRUCT(rule VARCHAR, title VARCHAR, outcome VARCHAR, site STRUCT(region VARCHAR, side VARCHAR), "
    "findings VARCHAR[], why VARCHAR, cleared BOOLEAN, basis VARCHAR, agreement VARCHAR, conflict VARCHAR, "
    f"sources {_SOURCE}[])[]",
    "unasked": "STRUCT(finding VARCHAR, question VARCHAR, could_be VARCHAR, missing VARCHAR, last_asked DATE)[]",
    "knowledge": "STRUCT(version VARCHAR, sha256 VARCHAR)",
    "error": "VARCHAR",
}
"""The columns of a Parquet file: the keys of a decision as JSON, in order."""


def _to_parquet(part: Path) -> None:
    """Turn lines of JSON into Parquet, in place."""
    import duckdb

    made = part.with_suffix(".parquet")
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    target = str(made).replace("'", "''")
    read = f"read_json(?, format = 'newline_delimited', columns = {{{columns}}}, maximum_object_size = 1073741824)"
    try:
        with duckdb.connect() as database:
            database.execute(f"COPY (FROM {read}) TO '{target}' (FORMAT parquet)", [str(part)])
        made.replace(part)
    finally:
        made.unlink(missing_ok=True)
