"""The power is cut while eight people write: what was acknowledged is on the disk. Needs root, or skips."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from strigil.accounts.models import User
from tests.serve.disk import Disk, looking_at, on
from tests.serve.disk import disk as disk
from tests.serve.hands import served, wait_for
from tests.serve.nemesis import Writers, judge
from tests.serve.test_killed import users as users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.assure]

CUTS = 6


def cut(disk: Disk, users: list[User], dice: random.Random, **given: str) -> dict[str, int]:
    """One power cut at a random moment, and what was found when the power was back."""
    writers = Writers(0, users)
    held = on(disk)
    try:
        disk.settle()
        with served(workers=2, database=held.address, **given) as server:
            writers.use(server.port)
            with writers:
                target = dice.randint(30, 200)
                wait_for(lambda: writers.history.acknowledged >= target, within=300)
                writers.dark.set()
                disk.cut()
                writers.stop.set()
                server.kill()
        held.kill()
        disk.unmount()
        disk.mount()
        held.start()
        with looking_at(held.address):
            return judge(writers.history)
    finally:
        held.kill()
        disk.wipe()


def cuts(disk: Disk, users: list[User], **given: str) -> Counter[str]:
    return sum((Counter(cut(disk, users, random.Random(number), **given)) for number in range(CUTS)), Counter[str]())


def test_six_power_cuts_lose_nothing(disk: Disk, users: list[User], assurance: Callable[..., None]) -> None:
    counted = cuts(disk, users)
    assurance("power_cut", cuts=CUTS, acknowledged=counted["acknowledged"], lost=counted["lost"])


@pytest.mark.parametrize("sloppy", ["off", "normal"] if connection.vendor == "sqlite" else ["off"])
def test_a_database_that_does_not_wait_for_the_disk_is_caught(disk: Disk, users: list[User], sloppy: str) -> None:
    """``normal`` loses only what came after the last checkpoint, so it has several cuts to show it."""
    given = {"DJANGO_SETTINGS_MODULE": "tests.serve.planted", "STRIGIL_PLANT": f"synchronous_{sloppy}"}
    with pytest.raises(AssertionError, match="acknowledged and lost"):
        cuts(disk, users, **given)
