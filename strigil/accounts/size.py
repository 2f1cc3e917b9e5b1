"""How much may come in one request; more is refused before any of it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

FORM: Final = 1024 * 1024
MOST: Final[Mapping[str, int]] = {"draft": 256_000, "photographs": 15 * FORM}
"""Bytes of a route that takes another amount than a form."""
DIGITS: Final = 18
"""Of a length: with so many it is too long already."""
TOO_LARGE: Final = 413


class Size:
    """Asks the length that a request says it has; no more than that is ever read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        most = MOST.get((match.url_name if match else None) or "", FORM)
        if _length(request) <= most:
            return None
        if request.content_type == "application/json" or "Strigil-Send" in request.headers:
            return JsonResponse({"why": "This is more text than a form takes. Shorten it."}, status=TOO_LARGE)
        return render(request, "errors/413.html", {"most": most}, status=TOO_LARGE)


def _length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    if not re.fullmatch("[0-9]+", said):
        raise BadRequest("The length of the request is no number.")  # Django would fail on it
    return int(said[:DIGITS])
