import json

from django.db.models import Q


def planted(request, model, form):
    # ruleid: request-into-query
    model.objects.filter(**request.GET.dict())
    sent = json.loads(request.body)
    # ruleid: request-into-query
    model.objects.create(clinic_id=1, **sent)
    kept = dict(request.POST.items())
    # ruleid: request-into-query
    model.objects.filter(pk=1).update(**kept)
    # ruleid: request-into-query
    model.objects.filter(Q(**form.cleaned_data))
    # ok: request-into-query
    return model.objects.filter(name=request.GET["q"])
