from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from strigil.accounts.gate import user_of
from strigil.clinic.actions import Refused
from strigil.clinic.actions.payer import set_payer_rule
from strigil.clinic.forms.payer import PayerForm
from strigil.clinic.models import PayerSetting
from strigil.clinic.views.shared import answer, posted
from strigil.knowledge import load
from strigil.knowledge.shapes import PayerRule


def payer_rule(request: HttpRequest) -> HttpResponse:
    """By which payer's rule timed units are suggested at a visit; none unless the clinic says so."""
    now = PayerSetting.objects.filter(clinic_id=user_of(request).clinic_id).first()
    initial = {"rule": now.rule or "none", "counted": now.counted} if now else {"rule": "none"}
    form = PayerForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_payer_rule(by=user_of(request), rule=form.chosen(), counted=form.cleaned_data["counted"])
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "Kept.")
            return redirect("payer_rule")
    context = {"form": form, "rules": load().shelf(PayerRule).values()}
    return answer(request, "treat/payer.html", context, valid=not form.errors)
