"""A check-in as its patient opens and sends it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from strigil.clinic import check_ins
from strigil.clinic.models import CheckIn
from tests.clinic.page import Page

NOTHING = {"soreness": "0", "marks": "none", "function": "same", "exercises_done": "all", "nothing": "yes"}


def address(found: CheckIn) -> str:
    return f"/check-in/{check_ins.token(found)}"


def form_of(phone: Client, found: CheckIn) -> str:
    return str(Page(phone.get(address(found))).controls("form")[0]["value"])


def sent(phone: Client, found: CheckIn, **given: Any) -> Any:
    return phone.post(address(found), {"form": form_of(phone, found)} | given)


def shown(response: Any) -> tuple[int, dict[str, str], bytes]:
    return response.status_code, dict(response.headers), response.content
