"""Faults planted in a server, by ``STRIGIL_PLANT``: what the tests beside this must catch."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import AppConfig

MARK = "STRIGIL_TESTS_MARK"


class Plants(AppConfig):
    name = "tests.serve"

    def ready(self) -> None:
        PLANTS[os.environ["STRIGIL_PLANT"]]()


def everywhere(real: Any, planted: Any) -> None:
    """Put one function in place of another, under whatever name a module holds it."""
    for module in list(sys.modules.values()):
        for name, held in list(vars(module).items()) if module else ():
            if held is real:
                setattr(module, name, planted)


def check_then_save() -> None:
    """The version is compared with the row as the view had read it, and the update does not ask again."""
    import strigil.urls  # noqa: F401 - whatever holds the function is loaded
    from strigil.clinic.actions.base import StaleVersion, raise_version

    def planted(record: Any, seen: int) -> None:
        if record.version != seen:
            raise StaleVersion
        record.version = seen + 1
        record.save(update_fields=["version"])

    everywhere(raise_version, planted)


def answer_before_commit() -> None:
    """Somebody is told of a patient who is written down a moment later."""
    from strigil.clinic.actions.register import register_patient
    from strigil.clinic.models import Patient
    from strigil.clinic.views import patients

    def planted(**given: Any) -> Patient:
        def later() -> None:
            time.sleep(0.5)
            register_patient(**given)

        threading.Thread(target=later, daemon=True).start()
        return Patient(name=given["name"])

    patients.register_patient = planted


def die_before_answering() -> None:
    """Once: what was asked is done and kept, and nobody hears of it."""
    from django.conf import settings

    settings.MIDDLEWARE = ["tests.serve.plants.dying", *settings.MIDDLEWARE]


def dying(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def answer(request: Any) -> Any:
        response = get_response(request)
        mark = Path(os.environ[MARK])
        if request.method == "POST" and mark.exists():
            mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return response

    return answer


def setting() -> None:
    """A setting that whoever runs it has changed."""
    from django.db.backends.signals import connection_created

    def changed(connection: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(os.environ[MARK])

    connection_created.connect(changed, weak=False)


def old_sqlite() -> None:
    from strigil.keep import check

    check.SAFE = (99, 0, 0)


def mounted() -> None:
    """The system says that everything lies on another kind of file system."""
    from strigil.keep import check

    check.MOUNTS = Path(os.environ[MARK])


def synchronous_off() -> None:
    _set("PRAGMA synchronous=OFF", "SET synchronous_commit=off")


def synchronous_normal() -> None:
    _set("PRAGMA synchronous=NORMAL", "SET synchronous_commit=off")


def _set(sqlite: str, postgresql: str) -> None:
    """Behind the back of what is looked at before the server starts."""
    from django.db.backends.signals import connection_created

    def planted(connection: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sqlite if connection.vendor == "sqlite" else postgresql)

    if "strigil.serve.start" not in sys.orig_argv:
        connection_created.connect(planted, weak=False)


PLANTS = {
    one.__name__: one
    for one in (
        check_then_save,
        answer_before_commit,
        die_before_answering,
        setting,
        old_sqlite,
        mounted,
        synchronous_off,
        synchronous_normal,
    )
}
