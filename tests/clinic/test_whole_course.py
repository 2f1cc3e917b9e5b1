import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_signed_in_clinician_sees_today(client: Client, clinician: object) -> None:
    client.force_login(clinician)  # type: ignore[arg-type]
    assert client.get("/today").status_code == 200
