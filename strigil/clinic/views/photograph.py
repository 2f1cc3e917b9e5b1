"""Photographs of the marks after a visit: look, add, remove. No page says what a picture means."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from strigil.accounts.gate import own, user_of
from strigil.clinic.actions import Refused
from strigil.clinic.actions.photograph import add_photograph
from strigil.clinic.actions.photograph import remove_photograph as remove
from strigil.clinic.forms.photograph import PhotographForm, RemoveForm
from strigil.clinic.models import Photograph, PhotographContent, Visit
from strigil.clinic.models.photograph import is_as_kept
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, refuse, today_of

SPOILT = "This photograph is no longer as it was kept, so it is not shown. Tell whoever runs Strigil: strigil check"


def photographs(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The photographs of a visit, and a place to add one."""
    visit = own(request, Visit, key)
    course = course_or_404(request, visit.course_id)
    form = PhotographForm(posted(request), request.FILES or None, course=course)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data | {"given": form.cleaned_data["file"].read()}
        del given["file"]
        try:
            add_photograph(by=user_of(request), visit=visit, on=today_of(request), **given)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "Kept.")
            return redirect("photographs", visit.pk)
    rows = Photograph.objects.filter(visit=visit).select_related("created_by", "removed_by")
    context = course_context(request, course, "respond", visit=visit, form=form, rows=rows)
    return answer(request, "respond/photographs.html", context, valid=not form.errors)


def photograph(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The picture, to the own clinic alone."""
    found = own(request, Photograph, key)
    kept = PhotographContent.objects.filter(photograph=found).first()
    if kept is None:
        raise Http404
    if not is_as_kept(kept.content, found.sha256):
        return HttpResponse(SPOILT, status=500, content_type="text/plain; charset=utf-8")
    headers = {
        "Content-Disposition": 'inline; filename="photograph.jpg"',
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cache-Control": "no-store",
    }
    return HttpResponse(bytes(kept.content), content_type="image/jpeg", headers=headers)


def remove_photograph(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask why, then take it away."""
    found = own(request, Photograph, key, "visit__course")
    course = course_or_404(request, found.visit.course_id)
    form = RemoveForm(posted(request), initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        seen, because = form.cleaned_data["version"], form.cleaned_data["because"]
        try:
            remove(by=user_of(request), photograph=found, seen=seen, on=today_of(request), because=because)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "Removed. That there was a photograph stays in the record.")
            return redirect("photographs", found.visit_id)
    context = course_context(request, course, "respond", visit=found.visit, form=form, one=found)
    return answer(request, "respond/remove_photograph.html", context, valid=not form.errors)
