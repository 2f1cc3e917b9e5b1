from __future__ import annotations


class Unable(Exception):
    """It cannot be done, and nothing was changed; one line says why and what to do."""


class Damaged(Unable):
    """A backup or an export is not as it was written; ``part`` is where that was seen."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part}: {why}")
        self.part = part
