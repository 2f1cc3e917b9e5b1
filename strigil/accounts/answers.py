"""What a page's own script gets where a browser would be led elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseRedirectBase

from strigil.accounts.gate import role_of
from strigil.accounts.policy import HALF, needs_sign_in


class ForScripts:
    """A script that sends a form is told where to go, or that nobody is signed in; it never follows to a sign-in page.

    It would take that page, with its status 200, for a form that was saved.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Strigil-Send" not in request.headers or not isinstance(response, HttpResponseRedirectBase):
            return response
        match = request.resolver_match
        if role_of(request) in (None, HALF) and needs_sign_in((match.url_name if match else None) or ""):
            return JsonResponse({"why": "Nobody is signed in on this device."}, status=401)
        return JsonResponse({"to": response.url})
