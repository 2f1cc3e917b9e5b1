"""``python -m tests.keep.killed STAGE FILE``: a backup or a restore that is killed at one stage of its work."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def dying(real: Callable[..., Any], after: int = 0) -> Callable[..., Any]:
    left = [after]

    def run(*given: Any, **named: Any) -> Any:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return real(*given, **named)

    return run


if __name__ == "__main__":
    import django

    django.setup()
    from strigil.keep import backup, files, restore
    from strigil.keep.archive import Writer
    from strigil.keep.seal import Sealer
    from tests.keep.hands import PASSPHRASE, QUICK

    stage, file = sys.argv[1], Path(sys.argv[2])
    match stage:
        case "tables":
            Writer.add_table = dying(Writer.add_table, after=5)  # type: ignore[method-assign]
        case "manifest":
            Writer.close = dying(Writer.close)  # type: ignore[method-assign]
        case "seal":
            Sealer.close = dying(Sealer.close)  # type: ignore[method-assign]
        case "settled":
            files.settled = dying(files.settled)
        case "load":
            restore.write = dying(restore.write, after=5)
        case "check":
            restore._check = dying(restore._check)
    if stage in ("load", "check"):
        restore.restore(file, PASSPHRASE)
    else:
        backup.back_up(file, PASSPHRASE, work=QUICK)
