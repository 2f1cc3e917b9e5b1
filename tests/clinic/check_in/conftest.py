from __future__ import annotations

import pytest
from django.test import Client

from strigil.clinic.models import Visit
from tests.clinic.cast import Story
from tests.clinic.check_in.hands import shown


@pytest.fixture
def visit(story: Story) -> Visit:
    """Treated and signed; the skin was red at the end."""
    return story.signed(story.ready())


@pytest.fixture
def phone(db: None, noon: None) -> Client:
    """Somebody's own telephone, signed out. The page is as safe without Django's token: nothing else would do."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def closed_page(phone: Client) -> tuple[int, dict[str, str], bytes]:
    return shown(phone.get("/check-in/" + "A" * 43))
