"""What the seed decides."""

from __future__ import annotations

from datetime import date

import pytest

from strigil.demo.cast import CAST
from tests.demo.digest import made_and_undone

ON = date(2026, 11, 20)


@pytest.mark.django_db
def test_another_seed_makes_another_clinic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strigil.demo.generate.CAST", CAST[-2:])
    assert len({made_and_undone(seed=seed, on=ON) for seed in (1, 2, 3)}) == 3
