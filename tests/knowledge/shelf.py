"""A copy of the shipped shelf, for tests that spoil a file of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from strigil.knowledge import Fault, Knowledge, KnowledgeError, load

reader = sys.modules["strigil.knowledge.load"]
"""The module; the package keeps its function ``load`` under the same name."""

fresh: Callable[[Path], Knowledge] = load.__wrapped__
"""``load`` without its memory of earlier calls."""


@dataclass
class Shelf:
    """A copy of the shipped shelf, in which a test spoils a file; every file is put back afterwards."""

    home: Path
    touched: dict[Path, bytes | None]

    def write(self, name: str, content: str | bytes) -> None:
        path = self.home / name
        self.touched.setdefault(path, path.read_bytes() if path.exists() else None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def remove(self, name: str) -> None:
        path = self.home / name
        self.touched.setdefault(path, path.read_bytes())
        path.unlink()

    def text(self, name: str) -> str:
        return (self.home / name).read_text()

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.text(name)
        assert old in text, f"{name} no longer holds {old!r}"
        self.write(name, text.replace(old, new, 1))

    def line(self, name: str, words: str) -> int:
        """The number of the first line that holds the words."""
        return next(number for number, line in enumerate(self.text(name).splitlines(), 1) if words in line)

    def faults(self) -> list[Fault]:
        try:
            fresh(self.home)
        except KnowledgeError as error:
            return error.faults
        return []

    def fault(self) -> Fault:
        """The one fault there is."""
        faults = self.faults()
        assert len(faults) == 1, f"one fault is expected, found: {[str(one) for one in faults]}"
        return faults[0]

    def restore(self) -> None:
        for path, before in self.touched.items():
            if before is None:
                path.unlink()
            else:
                path.write_bytes(before)
        self.touched.clear()
