"""Every address of Strigil; each name stands in the policy."""

from django.urls import path

from strigil.accounts import views as accounts
from strigil.clinic.views import (
    again,
    course,
    evaluate,
    gallery,
    measure,
    pages,
    patients,
    payer,
    plan,
    respond,
    screen,
    today,
    treat,
)
from strigil.registry import views as registry

urlpatterns = [
    path("", pages.home, name="home"),
    path("about", pages.about, name="about"),
    path("gallery", gallery.gallery, name="gallery"),
    path("live", pages.live, name="live"),
    path("ready", pages.ready, name="ready"),
    path("sign-in", accounts.sign_in, name="sign_in"),
    path("sign-out", accounts.sign_out, name="sign_out"),
    path("knowledge", registry.knowledge, name="knowledge"),
    path("knowledge/sources", registry.sources, name="knowledge_sources"),
    path("knowledge/sources/<slug:key>", registry.source, name="knowledge_source"),
    path("knowledge/<slug:folder>", registry.shelf, name="knowledge_shelf"),
    path("knowledge/<slug:folder>/<slug:key>", registry.item, name="knowledge_item"),
    path("today", today.today, name="today"),
    path("patients", patients.patients, name="patients"),
    path("patients/new", patients.register, name="register"),
    path("patients/<uuid:key>", patients.patient, name="patient"),
    path("patients/<uuid:key>/edit", patients.edit_patient, name="edit_patient"),
    path("patients/<uuid:key>/courses/new", evaluate.open_course, name="open_course"),
    path("courses/<uuid:key>", course.course, name="course"),
    path("courses/<uuid:key>/close", course.close_course, name="close_course"),
    path("courses/<uuid:key>/sites", evaluate.sites, name="course_sites"),
    path("courses/<uuid:key>/evaluate", evaluate.evaluate, name="evaluate"),
    path("courses/<uuid:key>/screen", screen.screen, name="screen"),
    path("courses/<uuid:key>/screenings", again.screenings, name="screenings"),
    path("screenings/<uuid:key>", again.screening, name="screening"),
    path("changed", again.changed, name="changed"),
    path("courses/<uuid:key>/clearance", screen.clearance, name="clearance"),
    path("courses/<uuid:key>/letter.pdf", screen.letter, name="letter"),
    path("courses/<uuid:key>/plan", plan.plan, name="plan"),
    path("courses/<uuid:key>/visits/new", treat.start_visit, name="start_visit"),
    path("courses/<uuid:key>/measure", measure.measure, name="measure"),
    path("visits/<uuid:key>", treat.visit, name="visit"),
    path("visits/<uuid:key>/override", screen.override, name="override"),
    path("visits/<uuid:key>/sign", treat.sign_visit, name="sign_visit"),
    path("visits/<uuid:key>/amend", treat.amend_visit, name="amend_visit"),
    path("visits/<uuid:key>/discard", treat.discard_visit, name="discard_visit"),
    path("visits/<uuid:key>/respond", respond.respond, name="respond"),
    path("payer-rule", payer.payer_rule, name="payer_rule"),
    path("learn", registry.learn, name="learn"),
]

handler400 = "strigil.clinic.views.pages.bad_request"
handler403 = "strigil.clinic.views.pages.refused"
handler404 = "strigil.clinic.views.pages.not_found"
handler500 = "strigil.clinic.views.pages.failed"
