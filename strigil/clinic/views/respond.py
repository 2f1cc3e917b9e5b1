from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from strigil.accounts.gate import own, user_of
from strigil.clinic import gather
from strigil.clinic.actions import Refused
from strigil.clinic.actions.respond import record_reaction
from strigil.clinic.bodies import Picker
from strigil.clinic.forms.treat import ReactionForm
from strigil.clinic.models import Visit, VisitStatus
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, today_of
from strigil.knowledge import load
from strigil.knowledge.shapes import Reaction
from strigil.pathway.respond import what_to_do


def respond(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask how skin and symptoms were after a visit."""
    visit = own(request, Visit, key)
    course = course_or_404(request, visit.course_id)
    form = ReactionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            record_reaction(
                by=user_of(request),
                visit=visit,
                when=form.cleaned_data["when"],
                on=today_of(request),
                reactions=form.seen(),
                note=form.cleaned_data["note"],
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "Recorded.")
            if draft := _came_from(request, visit):
                return redirect(reverse("visit", args=[draft.pk]) + "#h-gate")
            return redirect(reverse("respond", args=[visit.pk]) + "#so-far")
    row = gather.with_doses(Visit.objects.filter(pk=visit.pk)).get()
    facts = gather.visit_facts(row)
    reactions = load().shelf(Reaction)
    context = course_context(
        request,
        course,
        "respond",
        visit=row,
        form=form,
        picker=Picker(form["region"], form["side"]),
        to_do=what_to_do(facts.reactions, load()),
        expected=[one for one in reactions.values() if one.group == "expected"],
        adverse=[one for one in reactions.values() if one.group == "adverse"],
    )
    return answer(request, "respond/respond.html", context, valid=not form.errors)


def _came_from(request: HttpRequest, visit: Visit) -> Visit | None:
    """The draft of the same course at whose gate it was asked."""
    drafts = Visit.objects.filter(course_id=visit.course_id, status=VisitStatus.DRAFT)
    return drafts.first() if "at_the_gate" in request.POST else None
