"""``python -m tests.clinic.release``: keeps today's demo clinic and its codes as those of this version.

Run once, when a version is released. What it writes is never changed afterwards: every later version must read it.
"""

from __future__ import annotations

import json
import os
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).with_name("released")
PASSPHRASE = b"nobody in here is real"


def codes() -> dict[str, dict[str, str]]:
    """Every code that a column may hold, with the words it stands for."""
    from django.apps import apps

    return {
        f"{model._meta.label}.{field.name}": {str(code): str(words) for code, words in field.flatchoices}
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.choices
    }


def changed(then: dict[str, dict[str, str]], now: dict[str, dict[str, str]]) -> list[str]:
    """Codes that mean something else than they did, or nothing any more."""
    return [
        f"{column}: {code!r} was {words!r} and is {now.get(column, {}).get(code)!r}"
        for column, held in then.items()
        for code, words in held.items()
        if now.get(column, {}).get(code) != words
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "strigil.settings",
            "STRIGIL_DATA": scratch,
            "STRIGIL_DATABASE": f"sqlite:{scratch}/demo.sqlite3",
            "STRIGIL_DEMO": "yes",
            "STRIGIL_SECRET_KEY": "only to make what is kept of a version",
        }
        import django

        django.setup()
        from django.core.management import call_command

        from strigil.demo.generate import generate
        from strigil.keep.backup import back_up

        call_command("migrate", verbosity=0, interactive=False)
        generate(seed=1, on=date(2026, 11, 20))
        HERE.mkdir(exist_ok=True)
        back_up(HERE / f"{version('strigil')}.age", PASSPHRASE, work=4)
        _write(HERE / f"{version('strigil')}.json", codes())


def _write(path: Path, held: Any) -> None:
    path.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
