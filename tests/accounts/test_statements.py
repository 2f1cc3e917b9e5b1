"""A text of SQL that is kept says what Django would have written, of what is asked for now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lower, RowNumber
from django.db.models.lookups import GreaterThan
from django.db.models.sql import Query
from django.db.models.sql import compiler as django
from django.db.models.sql.query import ExplainInfo
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from strigil.accounts import statements
from strigil.accounts.models import Clinic, User
from strigil.clinic.models import Appointment, Course, Patient, Visit
from tests.clinic.cast import Story

pytestmark = pytest.mark.django_db

patients, visits = Patient.objects.filter(clinic_id=1), Visit.objects
row_number = Window(RowNumber(), order_by="born")
ALIKE: dict[str, list[QuerySet[Any]]] = {
    "of another table": [Patient.objects.all(), Clinic.objects.all(), User.objects.all()],
    "with and without a condition": [
        *(Patient.objects.all(), Patient.objects.exclude(id__in=[]), patients, patients.exclude(name="Éva")),
        Patient.objects.exclude(id__in=[]),
    ],
    "in another order": [
        *(
            patients.order_by("name"),
            patients.order_by("-name"),
            patients.order_by(),
            patients.order_by("name").reverse(),
        ),
        *(patients.order_by("name", "id"), patients, patients.reverse(), patients.order_by("?")),
        *(visits.order_by("course__patient__name"), visits.order_by("course")),
    ],
    "a part": [patients[:5], patients[:6], patients[2:6], patients[2:]],
    "each once": [
        *(patients.values("sex"), patients.values("sex").distinct()),
        patients.order_by("born").values("sex").distinct(),
    ],
    "with what belongs to it": [
        *(visits.all(), visits.select_related("clinic"), visits.select_related("course"), visits.select_related()),
        *(visits.select_related("course__patient"), visits.select_related("course__patient", "clinic")),
        visits.select_related("course").select_related(None),
    ],
    "some columns": [
        *(patients.only("name"), patients.only("name", "born"), patients.defer("name"), patients.values("name")),
        *(patients.values("name", "born"), patients.values("born", "name"), patients.values_list("name", flat=True)),
        *(visits.values("course__patient__name"), visits.values("course__patient"), visits.values("course__clinic")),
    ],
    "joined another way": [
        Appointment.objects.filter(course__opened_on="2026-01-01"),
        Appointment.objects.filter(Q(course__opened_on="2026-01-01") | Q(course=None)),
        Appointment.objects.filter(course__opened_on=None),
        Appointment.objects.filter(patient__clinic__name="here"),
        Appointment.objects.filter(patient__courses__sites__region="knee"),
        Appointment.objects.filter(patient__courses__sites__region="knee").filter(patient__courses__sites__side="left"),
    ],
    "among many": [
        *(patients.filter(id__in=[1, 2]), patients.filter(id__in=range(30)), patients.filter(id__in=[])),
        *(Patient.objects.none(), patients.filter(Q(id__in=[]) | Q(name="Éva"))),
        patients.filter(id__in=Course.objects.values("patient")),
        patients.exclude(courses__sites__region="knee"),
        patients.filter(Exists(Course.objects.filter(patient=OuterRef("pk")))),
    ],
}
"""Questions of which one could be taken for another, did a kept text forget what sets them apart."""
MORE: dict[str, QuerySet[Any]] = {
    "counted": patients.annotate(times=Count("courses")),
    "counted, on a condition": patients.annotate(times=Count("courses")).filter(times__gt=2),
    "grouped": patients.order_by("id").values("sex").annotate(Count("id")),
    "a condition of all": patients.filter(GreaterThan(Count("id"), 1)),
    "a condition of the place among all": patients.filter(GreaterThan(row_number, 1)),
    "worked out": patients.annotate(low=Lower("name")),
    "a part of a column": patients.values("born__year"),
    "ordered by what is worked out": patients.order_by(Lower("name")),
    "the empty ones last": patients.order_by(F("born").desc(nulls_last=True)),
    "of two": patients.order_by().union(Patient.objects.order_by().filter(name="Éva")),
    "held": patients.select_for_update(),
    "explained": patients.all(),
    "joined on a condition": visits.annotate(here=FilteredRelation("course", condition=Q(course__side="left"))),
    "in words of its own": patients.extra(select={"one": "1"}),
    "ordered in words of its own": patients.extra(order_by=["name"]),
    "of a table of its own": patients.extra(tables=["clinic_course"]),
    "something that a later Django may have": patients.all(),
    "another kind of query": patients.all(),
}


class Another(Query):
    """As Django has some, each with a text of its own."""


MORE["explained"].query.explain_info = ExplainInfo(None, {})
MORE["something that a later Django may have"].query.later = True
MORE["another kind of query"].query.__class__ = Another
if connection.features.can_distinct_on_fields:
    MORE["the first of each"] = patients.distinct("sex")


def written(asked: QuerySet[Any], compiler: Callable[..., Any]) -> tuple[Any, Any]:
    """The compiler afterwards, and what it wrote; nothing where nothing can be found."""
    made = compiler(asked.query.clone(), connection, "default")
    try:
        sql, values = made.as_sql()
    except statements.EmptyResultSet:
        return made, None
    return made, (sql, tuple(values), made.col_count, [repr(one) for one, *_ in made.select], made.klass_info is None)


def differences(alike: list[QuerySet[Any]]) -> tuple[list[str], int]:
    """What is written otherwise than by Django, each asked three times over; and how often a kept text was taken."""
    found, taken = [], 0
    connection.texts.clear()
    for one in [one for one in alike for _ in range(3)]:
        (ours, said), (_, own) = written(one, statements.SQLCompiler), written(one, django.SQLCompiler)
        taken += ours._kept is not None
        if said != own:
            found.append(f"{said}\nDjango: {own}")
    return found, taken


@pytest.mark.parametrize("name", ALIKE)
def test_what_is_written_is_what_django_writes(name: str) -> None:
    found, taken = differences(ALIKE[name])
    assert found == []
    assert taken >= len(ALIKE[name]) - 2, "and most of it is not written anew"


@pytest.mark.parametrize("name", MORE)
def test_more_than_a_plain_question_is_written_anew(name: str) -> None:
    assert statements.shape_of(MORE[name].query) is None


def test_without_its_limits_a_question_is_written_anew() -> None:
    asked = Patient.objects.all()[:5]
    differences([asked])
    ours, own = (
        one(asked.query.clone(), connection, "default") for one in (statements.SQLCompiler, django.SQLCompiler)
    )
    assert ours.as_sql(with_limits=False) == own.as_sql(with_limits=False)
    assert ours.as_sql(with_col_aliases=True) == own.as_sql(with_col_aliases=True)


@pytest.mark.parametrize(
    ("said", "condition", "values"),
    [
        (("SELECT %s FROM a WHERE b = %s", (1, 2)), "b = %s", [2]),
        (("SELECT a FROM (SELECT a WHERE b = 1) WHERE b = 1", ()), "b = 1", []),
        (("SELECT a HAVING b = 1", ()), "b = 1", []),
    ],
)
def test_a_text_that_cannot_be_parted_from_its_condition_is_not_kept(said: Any, condition: str, values: Any) -> None:
    assert statements.SQLCompiler(patients.query, connection, "default")._split(said, condition, values) is None


@pytest.mark.parametrize("part", range(len(statements.shape_of(Patient.objects.all().query) or ())))
def test_a_shape_that_forgets_a_part_is_seen(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = statements.shape_of
    monkeypatch.setattr(statements, "shape_of", lambda query: (one := whole(query)) and (*one[:part], *one[part + 1 :]))
    assert [found for alike in ALIKE.values() for found in differences(alike)[0]] != []


def test_each_is_shown_their_own(story: Story, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    people = [story.patient() for _ in range(4)]
    for one in people:
        assert (one.clinic, one.created_by) == (story.by.clinic, story.by)
        with django_assert_num_queries(1):
            found = Patient.objects.select_related("clinic", "created_by").get(pk=one.pk)
            assert (found.pk, found.name, found.created_at) == (one.pk, one.name, one.created_at)
            assert (found.clinic, found.created_by) == (one.clinic, one.created_by)


def test_a_page_that_is_asked_for_again_is_not_written_anew(story: Story, tablet: Any) -> None:
    people = [story.patient() for _ in range(3)]
    for one in people[:2]:
        tablet.get(f"/patients/{one.pk}")
    before = {key for key, kept in connection.texts.items() if kept.twice}
    with CaptureQueriesContext(connection) as asked:
        tablet.get(f"/patients/{people[2].pk}")
    assert len(before) >= 5
    assert {key for key, kept in connection.texts.items() if kept.twice} == before
    assert sum(people[2].pk.hex in one["sql"].replace("-", "") for one in asked) >= 3


def test_a_connection_keeps_no_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST", 3)
    for many in range(1, 9):
        list(Patient.objects.all()[:many])
    assert len(connection.texts) <= 3


def test_what_came_out_otherwise_the_second_time_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a text that hangs on more than its shape says is made anew each time."""
    turns = iter(range(100))
    plain = statements.SQLCompiler._split

    def split(*given: Any) -> Any:
        made = plain(*given)
        made.tail += f" -- {next(turns)}"
        return made

    monkeypatch.setattr(statements.SQLCompiler, "_split", split)
    connection.texts.clear()
    assert [written(Patient.objects.all(), statements.SQLCompiler)[0]._kept for _ in range(5)] == [None] * 5
