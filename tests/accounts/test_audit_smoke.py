import pytest
from strigil.accounts.models import LogLine, Touched, Chain
from django.db import connection
def test_x(story, tablet):
    p = story.patient()
    print(list(Touched.objects.values()))
    tablet.get(f"/patients/{p.pk}")
    for l in LogLine.objects.all(): print(l.seq, l.what, l.outcome, l.route, l.patients, l.role, l.mac[:8])
    assert 0
@pytest.mark.django_db(transaction=True)
def test_y(clinic, someone):
    from strigil.clinic.actions.register import register_patient
    u = someone("clinician")
    p = register_patient(by=u, name="Ada", sex="female", born=None, phone="", email="", note="")
    for l in LogLine.objects.all(): print(l.seq, l.what, l.table, l.patients, l.role, l.action,l.mac[:8], l.row[:8])
    from strigil.clinic.models import Patient
    Patient.objects.filter(pk=p.pk).update(name="x")
    print(Touched.objects.count())
    assert 0
