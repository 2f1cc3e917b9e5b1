"""What every answer has beside its page: headers that keep it to its own scripts and its own patient, and few bytes."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)


PERMISSIONS_POLICY = ", ".join(
    [
        *(f"{one}=()" for one in ("camera", "microphone", "geolocation", "payment", "usb", "midi", "display-capture")),
        # A phone measures angles by its own sensors.
        *(f"{one}=(self)" for one in ("accelerometer", "gyroscope", "magnetometer")),
    ]
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": PERMISSIONS_POLICY,
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Strict content policy everywhere; pages about people are kept by nobody on the way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if request.user.is_authenticated if hasattr(request, "user") else False:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class Compressed(GZipMiddleware):
    """Pages, styles and scripts; a font is compressed already, and an answer without a body has nothing to compress.

    Django adds random bytes, so that the length of a page tells nothing about what is in it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        font = response.headers.get("Content-Type", "").startswith("font/")
        if font or request.method == "HEAD" or response.status_code == 304:
            return response
        return super().process_response(request, response)
