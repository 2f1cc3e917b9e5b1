"""An address that is kept is the one that Django writes, whatever it is asked for under."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest
from django.http import HttpResponse
from django.template import Context, Engine
from django.urls import clear_script_prefix, include, path, set_script_prefix, set_urlconf

DJANGO = Engine(builtins=["django.templatetags.static"])
OURS = Engine(builtins=["strigil.clinic.address_tags"])


def page(request: object, **_: object) -> HttpResponse:
    return HttpResponse()


def site(start: str) -> ModuleType:
    """A site in which a page's address begins so, and which holds the same part twice."""
    found = ModuleType(f"site_{start}")
    part = ([path("day", page, name="day")], "part")
    found.urlpatterns = [  # type: ignore[attr-defined]
        path(f"{start}&/", page, name="page"),
        path(f"{start}/other/", page, name="other"),
        path(f"{start}/<int:number>/", page, name="numbered"),
        path(f"{start}/one/", include(part, namespace="one")),
        path(f"{start}/two/", include(part, namespace="two")),
    ]
    return found


ONE, TWO = site("one"), site("two")


@contextmanager
def under(prefix: str, urls: ModuleType) -> Iterator[None]:
    set_script_prefix(prefix)
    set_urlconf(urls)
    try:
        yield
    finally:
        clear_script_prefix()
        set_urlconf(None)


SITUATIONS = [
    ("/", ONE, "page", 1, "one"),
    ("/", ONE, "other", 2, "two"),
    ("/clinic/", ONE, "page", 1, "one"),
    ("/clinic/", TWO, "page", 1, "one"),
    ("/", TWO, "page", 1, "one"),
]
"""From each to the next little changes; and back."""


class Asked:
    def __init__(self, part: str) -> None:
        self.current_app = part


def _asked(name: str, number: int, part: str, autoescape: bool) -> Context:
    made = Context({"name": name, "number": number, "file": f"{name}&.css"}, autoescape=autoescape)
    made.request = Asked(part)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "{% url 'page' %}",
        "{% url 'page' as found %}[{{ found }}]",
        "{% url 'none' as found %}[{{ found }}]",
        "{% url name %}",
        "{% url ''|add:name %}",
        "{% url 'numbered' number %}",
        "{% url 'numbered' number=number %}",
        "{% url 'part:day' %}",
        "{% static 'a&b.css' %}",
        "{% static file %}",
        "{% static 'a-'|add:file %}",
        "{% static 'a.css' as found %}[{{ found }}]",
        "{% autoescape off %}{% url 'page' %}{% static 'a&b.css' %}{% endautoescape %}",
    ],
)
def test_an_address_is_the_one_that_django_writes(text: str) -> None:
    """One template in every situation, as one template answers all who ask."""
    django, ours = DJANGO.from_string(text), OURS.from_string(text)
    for autoescape in (True, False):
        for prefix, urls, name, number, part in SITUATIONS[:: 1 if autoescape else -1]:
            with under(prefix, urls):
                found, expected = (one.render(_asked(name, number, part, autoescape)) for one in (ours, django))
            assert found == expected


def test_a_page_that_is_not_there_is_an_error_each_time() -> None:
    ours = OURS.from_string("{% url 'none' %}")
    for _ in range(2):
        with pytest.raises(Exception, match="'none' not found"):
            ours.render(Context())


def test_what_is_kept_is_not_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = OURS.from_string("{% url 'page' %} {% static 'a.css' %}")
    with under("/", ONE):
        first = ours.render(Context())
        for name in ("django.urls.reverse", "django.templatetags.static.StaticNode.handle_simple"):
            monkeypatch.setattr(name, None)
        assert ours.render(Context()) == first == "/one&amp;/ /static/a.css"
