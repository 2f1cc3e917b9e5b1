"""What every patient may read, with no account: what IASTM is, what is normal, what is not, what is known."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from strigil.knowledge import load
from strigil.knowledge.shapes import Leaflet


def tell(request: HttpRequest) -> HttpResponse:
    leaflets = sorted(load().shelf(Leaflet).values(), key=lambda one: one.place)
    shelves = load().shelves
    parts = [
        (
            leaflet,
            [
                (line, [(folder, key, shelves[folder][key].title) for folder, key in line.rests_on])
                for line in leaflet.lines
            ],
        )
        for leaflet in leaflets
    ]
    return render(request, "tell/tell.html", {"parts": parts})
