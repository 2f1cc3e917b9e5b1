"""Whether Strigil lives, and whether it can work: what a proxy and a watchman ask."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from ctypes import c_byte
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from strigil.accounts.models import Role, User
from strigil.clinic.clock import clock_is_behind
from strigil.keep.check import Looked, schema_looked_at
from strigil.pathway.treat import spoken

NO_ROOM = 8 * 2**20
LITTLE_ROOM = 2**30
BACKUP_EVERY = timedelta(hours=26)
"""One a day, with time to make it."""
LAST_BACKUP = "last-backup"

_leaving: c_byte | None = None


def follow(leaving: c_byte) -> None:
    """Say from now on that this server is not ready once ``leaving`` is set by whoever runs it."""
    global _leaving
    _leaving = leaving


def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else."""
    return JsonResponse({"live": True})


def ready(request: HttpRequest) -> HttpResponse:
    """Whether this server can take requests; why, and what will soon go wrong, is for the owner of the clinic alone."""
    stopping = list(_stopping())
    able = not any(one.wrong for one in stopping)
    answer: dict[str, object] = {"ready": able}
    if _is_owner(request):
        worrying = list(_worrying())
        answer["degraded"] = any(one.wrong for one in worrying)
        answer["looked_at"] = {one.at: one.wrong or "sound" for one in (*stopping, *worrying)}
    return JsonResponse(answer, status=200 if able else 503)


def _is_owner(request: HttpRequest) -> bool:
    try:
        return isinstance(request.user, User) and request.user.role == Role.OWNER
    except DatabaseError:
        return False


def _stopping() -> Iterator[Looked]:
    if _leaving is not None and _leaving.value:
        yield Looked("server", "is ending: requests that are here are finished")
    try:
        yield schema_looked_at()
    except DatabaseError:
        yield Looked("database", "does not answer")
    free = _room()
    yield Looked("room", f"{free // 2**20} MB are left on the disk: make room" if free < NO_ROOM else "")


def _worrying() -> Iterator[Looked]:
    free = _room()
    yield Looked("room to spare", f"{free // 2**20} MB are left on the disk" if free < LITTLE_ROOM else "")
    last = last_backup()
    if last is None:
        yield Looked("backup", "none was made and read back yet: run strigil backup, daily, by a timer")
    else:
        said = f"the last one that was read back is of {last:%Y-%m-%d %H:%M} UTC"
        yield Looked("backup", said if _is_late(last) else "")


def _is_late(last: datetime) -> bool:
    return not timedelta() <= datetime.now(UTC) - last <= BACKUP_EVERY


def on_today(request: HttpRequest) -> dict[str, Callable[[], str]]:
    """For the page Today, which asks it: that backups are late, for the owner; that the clock is wrong, for all."""
    return {"late_backup": lambda: _late_backup(request), "wrong_clock": lambda: _wrong_clock(request)}


def _wrong_clock(request: HttpRequest) -> str:
    return clock_is_behind(request.user.clinic) if isinstance(request.user, User) else ""


def _late_backup(request: HttpRequest) -> str:
    if settings.DEMO or not isinstance(request.user, User) or not _is_owner(request):
        return ""
    last = last_backup()
    if last is None:
        return "No backup was made and read back yet."
    there = last.astimezone(request.user.clinic.zone)
    return f"The last backup that was read back is of {spoken(there)}, {there:%H:%M}." if _is_late(last) else ""


def _room() -> int:
    """Bytes free where the record grows; of a PostgreSQL elsewhere, where Strigil's own files lie."""
    place = Path(str(connection.settings_dict["NAME"])) if connection.vendor == "sqlite" else settings.DATA
    place = place.resolve()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


# --- When the last backup was made ---


def note_backup(made: datetime) -> None:
    """A backup was made and has read back the same."""
    settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = settings.DATA / f".{LAST_BACKUP}.part"
    part.write_text(f"{made:%Y-%m-%dT%H:%M:%SZ}\n")
    part.replace(settings.DATA / LAST_BACKUP)


def last_backup() -> datetime | None:
    """None where there is none, or what stands there is no moment: that is not known, and so not fine."""
    try:
        found = datetime.fromisoformat((settings.DATA / LAST_BACKUP).read_text().strip())
    except (OSError, ValueError):
        return None
    return found if found.tzinfo else None
