"""A command at a terminal of its own, answered as somebody types."""

from __future__ import annotations

import fcntl
import os
import pty
import subprocess
import termios
from collections.abc import Iterable, Mapping, Sequence


def typed(command: Sequence[str], talk: Iterable[tuple[str, str | None]], env: Mapping[str, str]) -> tuple[int, str]:
    """Wait for each prompt and answer it, or only wait for it; gives the exit code and everything that was shown."""
    own, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY),
    ) as process:  # fmt: skip
        os.close(theirs)
        shown, seen = "", 0
        for prompt, answer in talk:
            while prompt not in shown[seen:]:
                shown += _read(own)
            seen = shown.index(prompt, seen) + len(prompt)
            if answer is not None:
                os.write(own, f"{answer}\n".encode())
        try:
            while True:
                shown += _read(own)
        except EOFError:
            pass
    os.close(own)
    return process.returncode, shown


def _read(terminal: int) -> str:
    try:
        got = os.read(terminal, 4096)
    except OSError:  # so Linux says that nobody writes any more
        got = b""
    if not got:
        raise EOFError
    return got.decode()
