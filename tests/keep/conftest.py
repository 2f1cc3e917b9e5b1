from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.management import create_permissions

from tests.clinic.cast import Story
from tests.clinic.test_models import RECORDS, World
from tests.keep.hands import PASSPHRASE, fill_every_table


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_bytes(PASSPHRASE + b"\n")
    return file


@pytest.fixture
def kept(transactional_db: None, story: Story) -> Story:
    """A clinic with a row of every kind, a whole course, and values that are easily bent."""
    from tests.keep.odd import odd_rows

    for app in apps.get_app_configs():
        create_permissions(app, verbosity=0)
    fill_every_table(World(story).make, RECORDS)
    story.with_visits(2, patient=story.patient("Zoë Ångström"))
    odd_rows(story)
    return story
