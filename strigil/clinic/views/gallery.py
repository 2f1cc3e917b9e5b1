"""Every component in every state, for those who build pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from strigil.clinic.forms.fields import Amount, Chips, Day, ManyChips, Prose, Scale


class _Specimen(forms.Form):
    pain = Scale(label="Pain before", help_text="NPRS, 0 to 10")
    motion = Amount(
        label="Dorsiflexion after", required=False, low=Decimal(0), high=Decimal(60), unit="°", decimal_places=1
    )
    edge = Chips(label="Edge", required=False, choices=[("convex", "Convex"), ("concave", "Concave"), ("knob", "Knob")])
    skin = ManyChips(label="Skin at the end", choices=[("red", "Redness"), ("petechiae", "Red dots"), ("none", "None")])
    asked = Day(label="Asked on")
    note = Prose(label="Note", required=False, help_text="What the next reader needs.")


def gallery(request: HttpRequest) -> HttpResponse:
    return render(request, "gallery.html", {"panels": [_panel("light", "Light"), _panel("dark", "Dark")]})


def _panel(theme: str, title: str) -> dict[str, Any]:
    prefix = f"{theme}-wrong"
    mistakes = {f"{prefix}-{name}": value for name, value in (("motion", "72"), ("edge", "convex"), ("asked", "soon"))}
    return {
        "theme": theme,
        "title": title,
        "form": _Specimen(prefix=theme),
        "wrong": _Specimen(mistakes | {f"{prefix}-skin": ["red"]}, prefix=prefix),
    }
