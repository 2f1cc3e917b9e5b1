from django.shortcuts import get_object_or_404


def planted(request, model, key):
    # ruleid: every-clinic
    rows = model.objects.all()
    # ruleid: every-clinic
    one = get_object_or_404(model, pk=key)
    # ruleid: every-clinic
    ordered = model.objects.order_by("name")
    # ok: every-clinic
    return rows, one, ordered, model.objects.filter(clinic_id=request.user.clinic_id)
