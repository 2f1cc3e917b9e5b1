"""``python -m tests.clinic.shown``: opens every patient, course and visit of a database; prints what does not open."""

from __future__ import annotations

if __name__ == "__main__":
    import django

    django.setup()
    from django.test import Client
    from django.urls import reverse

    from strigil.accounts.models import User
    from strigil.clinic.models import Course, Patient, Visit

    browser = Client()
    browser.force_login(User.objects.filter(role="clinician", is_active=True).first())
    pages = {"patient": Patient, "course": Course, "screen": Course, "measure": Course, "visit": Visit}
    for route, model in pages.items():
        for key in model.objects.values_list("pk", flat=True)[:40]:
            if (status := browser.get(reverse(route, args=[key])).status_code) != 200:
                print(route, key, status)
